/**
 * The interface for a protocol of your own. Experimental: it may change in any release.
 *
 * <p>{@link dev.holdfast.protocol.Protocol} is where to begin, and {@code docs/protocols.md} builds one.
 */
@NullMarked
package dev.holdfast.protocol;

import org.jspecify.annotations.NullMarked;

/** Reads and writes frames (RFC 6455 section 5). */
@NullMarked
package dev.holdfast.internal.frame;

import org.jspecify.annotations.NullMarked;

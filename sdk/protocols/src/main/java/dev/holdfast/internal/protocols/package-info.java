/** Code that the protocols of this artifact share. Not for applications: it may change in any release. */
@NullMarked
package dev.holdfast.internal.protocols;

import org.jspecify.annotations.NullMarked;

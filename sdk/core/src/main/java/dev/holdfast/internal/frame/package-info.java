/** Bytes to frames and back, RFC 6455 section 5. */
@NullMarked
package dev.holdfast.internal.frame;

import org.jspecify.annotations.NullMarked;

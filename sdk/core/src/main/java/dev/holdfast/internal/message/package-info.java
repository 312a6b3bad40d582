/** Frames to messages and back: fragments, UTF-8, close codes and size limits, RFC 6455 sections 5.4 to 8. */
@NullMarked
package dev.holdfast.internal.message;

import org.jspecify.annotations.NullMarked;

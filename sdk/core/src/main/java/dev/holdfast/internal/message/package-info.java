/** Turns frames into messages and back: fragments, UTF-8, close codes, size limits (RFC 6455 sections 5.4 to 8), compression (RFC 7692). */
@NullMarked
package dev.holdfast.internal.message;

import org.jspecify.annotations.NullMarked;

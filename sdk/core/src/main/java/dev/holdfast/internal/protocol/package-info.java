/** A {@link dev.holdfast.protocol.Protocol} as the machine's protocol. */
@NullMarked
package dev.holdfast.internal.protocol;

import org.jspecify.annotations.NullMarked;

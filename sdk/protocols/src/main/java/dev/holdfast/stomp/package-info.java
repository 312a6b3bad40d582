/** STOMP 1.2 over WebSocket: {@link dev.holdfast.stomp.Stomp}. */
@NullMarked
package dev.holdfast.stomp;

import org.jspecify.annotations.NullMarked;

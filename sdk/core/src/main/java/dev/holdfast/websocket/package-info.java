/** One conformant WebSocket connection behind OkHttp's own interfaces. Without sessions, without reconnecting. */
@NullMarked
package dev.holdfast.websocket;

import org.jspecify.annotations.NullMarked;

/** WebSockets behind OkHttp's own interfaces: one connection each, without a session and without reconnecting. */
@NullMarked
package dev.holdfast.websocket;

import org.jspecify.annotations.NullMarked;

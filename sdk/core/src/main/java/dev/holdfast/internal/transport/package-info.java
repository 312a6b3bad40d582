/** WebSocket connections over OkHttp: the upgrade, the reader, the writer, the closing handshake. */
@NullMarked
package dev.holdfast.internal.transport;

import org.jspecify.annotations.NullMarked;

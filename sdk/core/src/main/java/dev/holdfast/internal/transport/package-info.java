/** One WebSocket connection over OkHttp: the upgrade, the reader and the writer, the close handshake. */
@NullMarked
package dev.holdfast.internal.transport;

import org.jspecify.annotations.NullMarked;

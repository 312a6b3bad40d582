/** Socket.IO v4 on sessions that recover: {@link dev.holdfast.socketio.SocketIo}. */
@NullMarked
package dev.holdfast.socketio;

import org.jspecify.annotations.NullMarked;

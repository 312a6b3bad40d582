package dev.holdfast.socketio;

/**
 * The server's disconnection of the socket, as {@code socket.disconnect()} on the server. It is the {@linkplain
 * dev.holdfast.ConnectionFailure#cause cause} of a connection failure. By default no attempt follows.
 */
public final class ServerDisconnectException extends Exception {
    private static final long serialVersionUID = 1;

    /**
     * Creates a disconnection.
     *
     * @param message what happened
     */
    public ServerDisconnectException(String message) {
        super(message);
    }
}

package dev.holdfast.socketio;

import dev.holdfast.ConnectionFailure;

/** Why a socket was disconnected, as the official clients name it. More constants may be added. */
public enum DisconnectReason {
    /** The server disconnected the socket. By default no attempt to connect follows. */
    IO_SERVER_DISCONNECT("io server disconnect"),
    /** The application disconnected, or closed the client. */
    IO_CLIENT_DISCONNECT("io client disconnect"),
    /** The server's heartbeat did not come. The client connects again. */
    PING_TIMEOUT("ping timeout"),
    /** The server closed the connection. The client connects again. */
    TRANSPORT_CLOSE("transport close"),
    /** The connection failed. The client connects again. */
    TRANSPORT_ERROR("transport error");

    private final String text;

    DisconnectReason(String text) {
        this.text = text;
    }

    static DisconnectReason of(ConnectionFailure failure) {
        if (failure.cause() instanceof ServerDisconnectException) return IO_SERVER_DISCONNECT;
        if (failure.closeCode() != 0) return TRANSPORT_CLOSE;
        if (failure.message().startsWith("no sign of life")) return PING_TIMEOUT;
        return TRANSPORT_ERROR;
    }

    /** Returns the text that the official clients use, such as {@code ping timeout}. */
    @Override
    public String toString() {
        return text;
    }
}

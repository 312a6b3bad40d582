package dev.holdfast.socketio;

import org.jspecify.annotations.Nullable;

/**
 * The server's refusal of a connection to a namespace: its {@code connect_error}. It is the {@linkplain
 * dev.holdfast.ConnectionFailure#cause cause} of a connection failure.
 */
public final class ConnectErrorException extends Exception {
    private static final long serialVersionUID = 1;

    /** The data, as the server sent it. */
    private final @Nullable String data;

    /**
     * Creates a refusal.
     *
     * @param message the server's message
     * @param data the JSON of what the server adds, null for nothing
     */
    public ConnectErrorException(String message, @Nullable String data) {
        super(message);
        this.data = data;
    }

    /** {@return the JSON of the {@code data} that the server's middleware added, null for none} */
    public @Nullable String data() {
        return data;
    }
}

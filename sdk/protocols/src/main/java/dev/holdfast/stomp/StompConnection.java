package dev.holdfast.stomp;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A connection that the server has accepted with CONNECTED. Immutable. */
public final class StompConnection {
    private final Map<String, String> headers;
    private final boolean first;

    StompConnection(Map<String, String> headers, boolean first) {
        this.headers = headers;
        this.first = first;
    }

    /** {@return the headers of the server's CONNECTED frame} */
    public Map<String, String> headers() {
        return headers;
    }

    /** {@return the name of the server, null if it gives none} */
    public @Nullable String server() {
        return headers.get("server");
    }

    /**
     * {@return whether this is the first connection of the client} After any other one, messages that were published to topics
     * while the client was away are missing: STOMP has no history. Queues and durable subscriptions keep theirs.
     */
    public boolean isFirst() {
        return first;
    }

    /** Returns whether it is the first connection, and the server. */
    @Override
    public String toString() {
        return (first ? "first connection" : "another connection") + " to "
                + headers.getOrDefault("server", "a server");
    }
}

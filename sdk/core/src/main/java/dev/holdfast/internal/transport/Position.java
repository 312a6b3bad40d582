package dev.holdfast.internal.transport;

import okhttp3.Request;
import org.jspecify.annotations.Nullable;

/**
 * How a client asks a server with a history for what came after a message. A tag of the request, for a carrier that makes more than
 * one request in the same connection. Safe from any thread.
 */
public interface Position {
    /** Returns the id that a message has in its text; null if it has none, or if ids are not in texts. Never throws. */
    @Nullable
    String idIn(String text);

    /** Returns the request for what came after the message with this id. Any other position in the request is replaced. */
    Request after(Request request, String last);

    /** Returns the request without a position. */
    Request without(Request request);
}

package dev.holdfast.server;

import org.jspecify.annotations.Nullable;

/**
 * One request of a client over plain HTTP, and its answer. An adapter implements it and passes it to
 * {@link HttpCarrier#handle}. Any thread calls these methods, and none of them may block or throw.
 */
public interface HttpExchange {
    /**
     * {@return the value of a header of the request, or null if it has none of this name}
     *
     * @param name the name of the header, in any case
     */
    @Nullable
    String header(String name);

    /**
     * Answers the request. Nothing follows.
     *
     * @param status the HTTP status. With 401, the answer must have the header {@code WWW-Authenticate: Bearer}
     * @param contentType the type of the body; null if the body is empty
     * @param body the body; empty for none
     */
    void respond(int status, @Nullable String contentType, String body);

    /**
     * Writes a part of an answer of events. Before the first part, the answer gets the status 200 and the headers
     * {@code Content-Type: text/event-stream} and {@code X-Accel-Buffering: no}. Each part goes to the network at once.
     *
     * @param last true if this part ends the answer
     * @param events the part
     * @param callback called when the part is written; until then no other part follows
     */
    void write(boolean last, byte[] events, SendCallback callback);

    /** Ends an answer that was begun, without an orderly end. */
    void fail();

    /**
     * Says that the request has opened this connection. Default: ignored.
     *
     * @param connection the connection
     */
    default void onOpened(ServerConnection connection) {}
}

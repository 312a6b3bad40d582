package dev.holdfast.protocol;

import dev.holdfast.EncodedPayload;
import org.jspecify.annotations.Nullable;

/**
 * A protocol that a client speaks with its server, on top of WebSocket messages. {@code Session.of} gives it to a client; each client
 * has its own. Experimental: it may change in any release.
 *
 * <p>A protocol does no I/O, reads no clock and starts no thread. It turns what the server sends into calls of {@link
 * ProtocolEvents}, and what the application sends into {@link Outgoing}. The client connects, connects again, queues, repeats, measures
 * time and calls the application.
 *
 * <p>Threads: {@link #outgoing} is called on the thread that sends, and for messages in a store on an SDK thread. Everything else, here and in {@link ProtocolConnection} and {@link
 * Subscription}, is called by one thread at a time and in order, and must return at once. Only the {@code Runnable}s that a
 * protocol hands over run on the application's callback executor.
 *
 * <p>Exceptions: what {@link #outgoing} throws reaches the caller of {@code send}, and nothing is sent. What a {@link ProtocolConnection}
 * throws ends the connection, and is the cause of the {@code ConnectionFailure}; the reconnect policy decides what follows.
 */
public interface Protocol {
    /** The side that begins the opening exchange of a connection. More constants may be added: keep a default branch. */
    enum OpenedBy {
        /** The client, with {@link ProtocolConnection#open}, as soon as there is a connection. */
        CLIENT,
        /** The server. The client's part follows {@link ProtocolEvents#hello}, if it has one. */
        SERVER,
        /** Neither: there is no opening exchange, and messages flow as soon as there is a connection. */
        NOBODY
    }

    /**
     * {@return the WebSocket subprotocol that the server must select (RFC 6455 section 1.9); null for none} Default: null. Asked once.
     */
    default @Nullable String subprotocol() {
        return null;
    }

    /**
     * {@return the side that begins the opening exchange} Default: {@link OpenedBy#CLIENT}. Asked once. Until {@link
     * ProtocolEvents#opened} the application's messages wait. The exchange may take as long as the client's connect timeout. With {@link
     * OpenedBy#SERVER} each message before the end of it starts that time again, since a server may first send what was missed.
     */
    default OpenedBy openedBy() {
        return OpenedBy.CLIENT;
    }

    /**
     * {@return the message with which the client takes its leave before it closes the connection for good; null for none} A single
     * WebSocket message. Default: null. Asked once. It is not sent without an opening exchange.
     */
    default @Nullable Outgoing farewell() {
        return null;
    }

    /**
     * Receives the way in for the protocol's own code. Called once, while the client is built. Default: does nothing.
     *
     * @param client subscribes and unsubscribes
     */
    default void attach(ProtocolClient client) {}

    /**
     * {@return the state of a new connection} Called before any other use of the connection, which ends without notice: nothing is
     * called on it any more.
     */
    ProtocolConnection newConnection();

    /**
     * {@return an application's message as WebSocket messages} Called in {@code send}, on the thread of the caller, so several threads
     * may be in it at once. If the message is sent again, the same is sent. A store keeps the payload: for a message that waited when
     * an earlier process ended, this is called again. If it throws then, the message ends as {@code CANCELLED}.
     *
     * @param payload what the application sends: text, bytes, or an object as the payload codec has written it
     */
    Outgoing outgoing(EncodedPayload payload);
}

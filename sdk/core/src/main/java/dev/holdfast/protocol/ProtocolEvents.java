package dev.holdfast.protocol;

import dev.holdfast.EncodedPayload;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Takes what a message of the server means. Only for use within the call that gives it: any method throws {@code IllegalStateException}
 * later. What was called is performed in order when that call has returned or thrown. The SDK implements this interface, and may add
 * methods to it. Experimental: it may change in any release.
 *
 * <p>Callbacks run on the application's callback executor, in one order with all other callbacks of the client. While they wait, the
 * bytes of the server's message count towards the client's inbound limit, so a slow application slows the server down.
 */
public interface ProtocolEvents {
    // ---- the opening exchange ----

    /** Reports that the server has begun the opening exchange: {@link ProtocolConnection#open} is called and sent now. */
    void hello();

    /**
     * Reports the end of the opening exchange. Subscriptions, messages that go out again, session start messages and the queue follow, in
     * this order.
     *
     * @param opened what the server has announced
     */
    void opened(Opened opened);

    // ---- messages ----

    /**
     * Sends a control message at once, ahead of the queue, such as the answer to a ping. It is neither acknowledged nor sent again.
     * Until it is written, its bytes and 256 more count towards the client's inbound limit: a server that does not read the client's
     * answers is not read either, and the connection ends when a write makes no progress for OkHttp's write timeout, or 10 s if that is
     * off. If 65,536 of them, or 16 MiB, wait nevertheless, because what was read before asks for them, the connection ends with a
     * failure.
     *
     * @param message a single WebSocket message that expects no acknowledgement
     */
    void send(Outgoing message);

    /**
     * Delivers a message to the application's {@code HoldfastListener.onMessage}.
     *
     * @param payload the content
     */
    void deliver(EncodedPayload payload);

    /**
     * Delivers a message to code of the protocol.
     *
     * @param callback takes the message
     */
    void deliver(Runnable callback);

    /**
     * Reports that the server has acknowledged a message, or the start of a subscription. An id for which nothing waits has no effect,
     * and its callback does not run.
     *
     * @param ackId the id in {@link Outgoing#withAcknowledgement} or {@link Outgoing#withAnswer}
     * @param callback takes the answer of the server
     */
    void acknowledged(long ackId, Runnable callback);

    // ---- subscriptions ----

    /**
     * Delivers a message of a subscription. It is dropped if there is no such subscription, or if its cursor is one of the newest 256.
     * If a store keeps the subscription's cursor, the message counts as handled when the callback has returned or thrown.
     *
     * @param subscription the name of the subscription
     * @param cursor the position of the message, with which the subscription begins on the next connection; null if it has none
     * @param callback takes the message
     */
    void message(String subscription, @Nullable String cursor, Runnable callback);

    /**
     * Delivers a message of a subscription that the application acknowledges. If a store keeps the subscription's cursor, the cursor
     * moves when this message and all of the subscription before it are acknowledged, and the bytes of the message count towards the
     * inbound limit until then: an application that forgets to acknowledge stops the client's reading, and so does a callback that
     * throws before it has passed the acknowledgement on. If the application ends the subscription, the bytes count no longer. Otherwise
     * as {@link #message}.
     *
     * @param subscription the name of the subscription
     * @param cursor the position of the message; null if it has none
     * @param callback takes the message, and what is to be run when the application has handled it: on any thread, at any time, also
     *     after the subscription was ended, once or more often
     */
    void messageWithManualAck(String subscription, @Nullable String cursor, Consumer<Runnable> callback);

    /**
     * Reports that messages of a subscription are missing, for example because the server no longer knows a cursor. The cursor is
     * dropped. If the subscription was begun with one on this connection, it is begun again without. A store drops its cursor when
     * the callback has returned.
     *
     * @param subscription the name of the subscription; an unknown one has no effect
     * @param callback tells the application
     */
    void gap(String subscription, Runnable callback);

    /**
     * Reports that the server has rejected or completed a subscription, which is removed.
     *
     * @param subscription the name of the subscription; an unknown one has no effect
     * @param callback tells the application
     */
    void ended(String subscription, Runnable callback);

    // ---- the end ----

    /**
     * Reports that the server ends the session, or has refused to open it. The connection is closed.
     *
     * @param message says why, for people; it is escaped and cut
     * @param cause the cause of the {@code ConnectionFailure}, to whose type {@code ReconnectPolicy.withExceptionReaction} can react; null
     *     for none
     */
    void end(String message, @Nullable Throwable cause);

    /**
     * Reports that the server has broken the protocol. The connection is closed with the status code 4400.
     *
     * @param fault says how, for people; it is escaped and cut
     */
    void violation(String fault);
}

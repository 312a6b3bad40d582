package dev.holdfast;

import java.time.Duration;

/**
 * The diagnostic events of a {@link HoldfastClient}, for logs, metrics and support screens. An application receives its
 * messages and reacts to states with a {@link HoldfastListener}.
 *
 * <p>Events come at once, on the SDK's own threads. An event listener must not block, and what it keeps must be safe from any
 * thread. All events but {@link #onFrame} come one after another and in order. {@link #onFrame} comes from a connection's
 * reader and its writer, perhaps both at once and beside the other events. An exception goes to the thread's uncaught exception
 * handler and changes nothing. No event contains a credential or the key of a session.
 *
 * <p>The client numbers its connections from 1, in the order in which it begins them. It may skip a number.
 */
public interface HoldfastEventListener {
    /**
     * Reports that an attempt to connect begins. {@link #onConnectionOpened} or {@link #onConnectionFailure} follows, or {@link
     * #onHandoverFailed} for an attempt of a handover, or neither if the application ends the attempt.
     *
     * @param connection the number of the connection, counted from 1 in each client
     * @param host the host name of the endpoint
     */
    default void onAttempt(long connection, String host) {}

    /**
     * Reports that the upgrade of a connection is done.
     *
     * @param connection the number of the connection, as in {@link #onAttempt}
     */
    default void onConnectionOpened(long connection) {}

    /**
     * Reports, right after {@link #onConnectionOpened}, that plain HTTP carries the connection and not a WebSocket. It can
     * happen only with a {@link Carrier}. {@link #onFrame} is not called for such a connection.
     *
     * @param connection the number of the connection
     */
    default void onConnectionOverHttp(long connection) {}

    /**
     * Reports that a connection could not be made or was lost. {@link ConnectionFailure#reason} says what the client does next,
     * and why.
     *
     * @param failure the cause, and what the client does next
     */
    default void onConnectionFailure(ConnectionFailure failure) {}

    /**
     * Reports the new state of the client.
     *
     * @param state the state that the client has entered
     */
    default void onState(ClientState state) {}

    /**
     * Reports that the server has answered a ping.
     *
     * @param roundTripTime the time from the ping to the answer
     */
    default void onRoundTripTime(Duration roundTripTime) {}

    /**
     * Reports a message that the server has had for longer than the heartbeat's interval and has not acknowledged, though it
     * answers pings: it reads, and is slow. Called once for each message that is the oldest one without acknowledgement.
     *
     * @param oldest the receipt of the message; for a session start message, a receipt that nothing else returns
     * @param age how long ago a socket took it
     */
    default void onAckOverdue(Delivery oldest, Duration age) {}

    /**
     * Reports that a resumable session is open and its replay is over. It comes before {@link #onState} with {@link
     * ClientState#OPEN}.
     *
     * @param resumed true if an earlier session goes on, false if this is a new one
     * @param replayed the number of messages that the server replayed
     */
    default void onSessionOpened(boolean resumed, long replayed) {}

    /**
     * Reports that the server no longer has the session.
     *
     * @param reason as {@link SessionLoss#reason}
     * @param unknown how many messages have an unknown outcome because of it
     */
    default void onSessionLost(String reason, int unknown) {}

    /**
     * Reports that a handover begins: the client opens another connection beside the current one, which serves until then.
     *
     * @param connection the number of the other connection
     */
    default void onHandoverBegun(long connection) {}

    /**
     * Reports that the upgrade of the other connection is done, and that it has taken over. The session is resumed on it next:
     * {@link #onState} with {@link ClientState#RESUMING}, {@link #onSessionOpened}, and {@link #onState} with {@link
     * ClientState#OPEN} follow.
     *
     * @param connection the number of the connection that has taken over
     */
    default void onHandoverDone(long connection) {}

    /**
     * Reports that a handover failed or was given up. If the other connection could not be opened, or is no longer wanted, the
     * current connection goes on. If the current connection was lost first, the other one goes on as an ordinary attempt.
     *
     * @param connection the number of the other connection
     * @param reason why, in words for a log
     */
    default void onHandoverFailed(long connection, String reason) {}

    /**
     * Reports that the queue has passed its high water mark, or is back at the low one.
     *
     * @param pressed true above the high mark, false at the low one
     * @param messages the number of messages in the queue now
     * @param bytes their payload bytes
     */
    default void onQueueLevel(boolean pressed, int messages, long bytes) {}

    /**
     * Reports that the process did not run for about this long, as when a lid was closed or the application was frozen.
     *
     * @param duration the time for which nothing ran
     */
    default void onSuspended(Duration duration) {}

    /** {@return whether {@link #onFrame} is to be called} Asked for each connection when it opens. Default: false. */
    default boolean wantsFrames() {
        return false;
    }

    /**
     * {@return the maximum number of bytes of a message that {@link Frame#payload} shows} Asked for each connection
     * when it opens. Default: 0.
     */
    default int framePayloadBytes() {
        return 0;
    }

    /**
     * Reports a frame that is on its way to the socket, or that was read. A frame whose header breaks the protocol is not
     * reported.
     *
     * @param frame the frame and its direction
     */
    default void onFrame(Frame frame) {}
}

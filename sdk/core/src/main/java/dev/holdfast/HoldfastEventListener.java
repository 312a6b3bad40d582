package dev.holdfast;

import java.time.Duration;

/**
 * What a {@link HoldfastClient} does, for whoever watches it: logs, metrics, a support screen. The application's own
 * business is {@link HoldfastListener}'s.
 *
 * <p>Called at once, on the SDK's own threads: it must not block, and whatever it keeps must be safe from any thread. All
 * calls but {@link #onFrame} come one after another and in order; {@link #onFrame} comes from a connection's reader and its
 * writer, perhaps both at once and beside the others. An exception that one throws goes to the thread's uncaught exception
 * handler and changes nothing. No credential and no key of a session is told.
 *
 * <p>Connections are numbered by the client from 1, as they are begun; a number may be left out.
 */
public interface HoldfastEventListener {
    /** An attempt to connect begins. Ends with {@link #onConnectionOpened}, or with a failure. */
    default void onAttempt(long connection, String host) {}

    /** The upgrade is done. */
    default void onConnectionOpened(long connection) {}

    /** A connection could not be made or was lost, what was decided, and why: {@link ConnectionFailure#reason}. */
    default void onConnectionFailure(ConnectionFailure failure) {}

    /** The client's state has changed. */
    default void onState(ClientState state) {}

    /** The server has answered a heartbeat. */
    default void onRoundTripTime(Duration roundTripTime) {}

    /**
     * Reports a message that the server has had for longer than the heartbeat's interval and has not acknowledged, though it
     * answers pings: it reads, and is slow. Called once for each message that is the oldest one without acknowledgement.
     *
     * @param oldest its receipt; of a message that begins every session, a receipt that nobody else has
     * @param age how long ago a socket took it
     */
    default void onAckOverdue(Delivery oldest, Duration age) {}

    /**
     * A resumable session is open and its replay is over.
     *
     * @param resumed whether it went on; if not, it is a new one
     * @param replayed how many messages the server sent in the replay
     */
    default void onSessionOpened(boolean resumed, long replayed) {}

    /**
     * The server no longer has the session.
     *
     * @param reason as {@link SessionLoss#reason}
     * @param unknown how many messages have an unknown outcome because of it
     */
    default void onSessionLost(String reason, int unknown) {}

    /** Another connection is opened beside the current one, to take over from it. */
    default void onHandoverBegun(long connection) {}

    /** The other connection is open and has taken over. */
    default void onHandoverDone(long connection) {}

    /**
     * The other connection could not be opened, is not wanted any more, or is not open in time: the current one broke
     * before. In the last case it goes on as an ordinary attempt.
     */
    default void onHandoverFailed(long connection, String reason) {}

    /** The queue has passed its high water mark ({@code pressed}), or is back at the low one, and holds so much now. */
    default void onQueueLevel(boolean pressed, int messages, long bytes) {}

    /** The process did not run for about so long: a closed lid, a frozen application. */
    default void onSuspended(Duration duration) {}

    /** Whether {@link #onFrame} is wanted. Asked for each connection when it opens. */
    default boolean wantsFrames() {
        return false;
    }

    /** How many bytes {@link Frame#payload} is made of, at most. Asked for each connection when it opens. */
    default int framePayloadBytes() {
        return 0;
    }

    /** A frame is on its way to the socket, or was read; one that broke the protocol in its header is not told. */
    default void onFrame(Frame frame) {}
}

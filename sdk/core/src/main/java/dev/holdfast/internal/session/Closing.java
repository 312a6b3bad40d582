package dev.holdfast.internal.session;

import dev.holdfast.CloseReason;

/**
 * The end of the client: decides the next step of {@code close()} and the reason that the application gets.
 *
 * <p>Not thread-safe.
 */
final class Closing {
    enum Verdict {
        NONE,
        /** Everything is done: send the bye envelope and close the connection. */
        LEAVE,
        /** The client ends now, for {@link #reason}. */
        END
    }

    static final int NORMAL = 1000;
    static final int ABNORMAL = 1006;
    private static final String UNSENT = "not everything could be sent";

    private long timeoutNanos;
    private boolean underWay;
    private boolean over;
    private long due = SessionMachine.NEVER;
    /** The code and reason of the client's close frame. */
    private CloseReason farewell = new CloseReason(NORMAL, "");

    private CloseReason reason = farewell;

    Closing(long timeoutNanos) {
        this.timeoutNanos = timeoutNanos;
    }

    /** Returns whether the application has not closed the client. */
    boolean isOpen() {
        return !underWay && !over;
    }

    boolean isUnderWay() {
        return underWay;
    }

    boolean isOver() {
        return over;
    }

    /** Returns when {@link #onTimeout} is due. */
    long due() {
        return due;
    }

    /** Returns the reason that the application gets at the end. */
    CloseReason reason() {
        return reason;
    }

    /** Sets the time for the end. Has no effect once it is under way. */
    void setTimeout(long nanos) {
        timeoutNanos = nanos;
    }

    /** Returns what the client's close frame says at the end of a {@code close()}. */
    CloseReason farewell() {
        return farewell;
    }

    void begin(CloseReason with, long now) {
        underWay = true;
        farewell = with;
        due = now + timeoutNanos;
    }

    /**
     * Decides the next step after something has changed.
     *
     * @param link the state of the current connection
     * @param live whether messages flow on it and the replay has ended
     * @param waiting whether another attempt to connect will follow
     * @param empty whether every message has its outcome
     */
    Verdict next(Link link, boolean live, boolean waiting, boolean empty) {
        if (!underWay || link == Link.CLOSING) return Verdict.NONE;
        // Without another attempt, nothing more will be sent.
        if (link == Link.DOWN && !waiting) return end(NORMAL, "", empty);
        if (!empty) return Verdict.NONE;
        if (live) return Verdict.LEAVE;
        // The replay may contain rejections of messages that have no outcome.
        return link == Link.UP ? Verdict.NONE : end(NORMAL, "", true);
    }

    /** Handles the end of the closing handshake, which may have been that of a disconnect. */
    Verdict onHandshakeOver(CloseReason given, boolean empty) {
        return underWay ? end(given.code(), given.reason(), empty) : Verdict.NONE;
    }

    Verdict onTimeout(boolean empty) {
        return empty ? end(ABNORMAL, "server did not finish closing in time", true) : end(ABNORMAL, UNSENT, true);
    }

    private Verdict end(int code, String text, boolean empty) {
        reason = empty ? new CloseReason(code, text) : new CloseReason(ABNORMAL, UNSENT);
        return Verdict.END;
    }

    Verdict onCancel() {
        return end(ABNORMAL, "cancelled", true);
    }

    /** Records that the client has ended. */
    void ended() {
        underWay = false;
        over = true;
        due = SessionMachine.NEVER;
    }
}

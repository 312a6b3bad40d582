package dev.holdfast.server;

/**
 * A connection's position in its session's log.
 *
 * <p>Not thread-safe: guarded by the {@link Outbox}'s lock.
 */
final class LogCursor {
    final MessageLog log;

    /** The position of the last message sent, or the client's position when it connected. */
    String position;

    /** Whether {@code live} has been sent. */
    boolean live;

    /** Whether more messages are to be sent. */
    boolean open = true;

    private final String replayEnd;

    LogCursor(MessageLog log, String position, String replayEnd) {
        this.log = log;
        this.position = position;
        this.replayEnd = replayEnd;
    }

    /** Returns whether everything that was in the log at the beginning has been sent. */
    boolean isReplayed() {
        return position.equals(replayEnd);
    }

    /** Returns whether a position is behind the cursor or equal to it. */
    boolean hasPassed(String other) {
        return log.isPosition(other) && log.compare(other, position) <= 0;
    }
}

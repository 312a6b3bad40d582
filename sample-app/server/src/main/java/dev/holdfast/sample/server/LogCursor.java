package dev.holdfast.sample.server;

/**
 * A connection's way through its session's log.
 *
 * <p>Not thread-safe: guarded by the {@link Outbox}'s lock.
 */
final class LogCursor {
    final MessageLog log;

    /** What has been sent, or what the client had when it came. */
    String position;

    /** Whether {@code live} has been sent. */
    boolean live;

    /** Whether more is to be sent. */
    boolean open = true;

    private final String replayEnd;

    LogCursor(MessageLog log, String position, String replayEnd) {
        this.log = log;
        this.position = position;
        this.replayEnd = replayEnd;
    }

    /** Whether everything that was there at the beginning has been sent. */
    boolean isReplayed() {
        return position.equals(replayEnd);
    }

    /** Whether a position is behind the cursor, or just where it is. */
    boolean hasPassed(String other) {
        return log.isPosition(other) && log.compare(other, position) <= 0;
    }
}

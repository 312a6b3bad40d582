package dev.holdfast.internal.session;

import java.util.concurrent.TimeUnit;

/**
 * The deadlines of a session's opening: of the welcome, and of the replay, which starts again with each of its messages.
 *
 * <p>Not thread-safe.
 */
final class OpeningDeadlines {
    /** The minimum time for the server to act after the process was suspended. */
    private static final long GRACE_NANOS = TimeUnit.SECONDS.toNanos(3);

    private final long limitNanos;
    private final Deadline welcome = new Deadline();
    private final Deadline replay = new Deadline();

    OpeningDeadlines(long limitNanos) {
        this.limitNanos = limitNanos;
    }

    long welcomeDue() {
        return welcome.due();
    }

    long replayDue() {
        return replay.due();
    }

    boolean isWelcomeOverdue(long now) {
        return welcome.isOver(now);
    }

    boolean isReplayOverdue(long now, long lastInboundAt) {
        if (!replay.isOver(now)) return false;
        replaying(now);
        // While reading is stopped, the replay cannot proceed.
        return lastInboundAt < now;
    }

    /** Starts the time for the welcome. */
    void opening(long now) {
        welcome.set(now + limitNanos, limitNanos);
    }

    /** Starts the time for the next part of the replay. */
    void replaying(long now) {
        welcome.clear();
        replay.set(now + limitNanos, limitNanos);
    }

    /** Starts the time again that runs: a part of the replay has come. */
    void progress(long now) {
        if (welcome.isSet()) {
            opening(now);
        } else {
            replaying(now);
        }
    }

    void clear() {
        welcome.clear();
        replay.clear();
    }

    /** Handles a suspension of the process: silence in that time proves nothing. */
    void suspended(long now) {
        if (welcome.isSet()) welcome.postpone(now + GRACE_NANOS);
        if (replay.isSet()) replay.postpone(now + GRACE_NANOS);
    }
}

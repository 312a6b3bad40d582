package dev.holdfast.internal.session;

import dev.holdfast.internal.settings.BackoffDelays;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/**
 * A move from one connection to the next without a gap: the candidate beside the current connection, and the time and
 * target of the move.
 */
final class Handover {
    /** The maximum number of failed tries, with the backoff between them. */
    private static final int MAX_FAILED = 5;

    private static final long NEVER = SessionMachine.NEVER;

    /** The connection that takes over when it is open; 0 for none. */
    private long candidate;

    private @Nullable String url;
    private long due = NEVER;
    private int failed;

    boolean isUnderWay() {
        return candidate != 0;
    }

    boolean isCandidate(long connection) {
        return connection == candidate;
    }

    long candidate() {
        return candidate;
    }

    void begin(long connection) {
        candidate = connection;
        due = NEVER;
    }

    /** Ends the handover. Returns the candidate, 0 if there was none. */
    long end() {
        long was = candidate;
        candidate = 0;
        return was;
    }

    /** Schedules another try. Returns false if there were too many. */
    boolean failed(long now, long retryAfter, BackoffDelays backoff, Random jitter) {
        if (++failed > MAX_FAILED) return false;
        due = now + retryAfter + backoff.delayNanos(failed + 1, jitter);
        return true;
    }

    /** Returns when to begin. */
    long due() {
        return due;
    }

    void at(long time) {
        due = time;
    }

    /** Cancels the handover that was scheduled on this connection. */
    void cancel() {
        due = NEVER;
    }

    /** Sets the URL that the server named, null for the client's own endpoint. */
    void to(@Nullable String url) {
        this.url = url;
    }

    @Nullable
    String url() {
        return url;
    }

    /** Returns the URL and clears it: it counts for one connection. */
    @Nullable
    String takeUrl() {
        String taken = url;
        url = null;
        return taken;
    }

    /** Resets the count of the tries. */
    void startOver() {
        failed = 0;
    }
}

package dev.holdfast.internal.session;

import dev.holdfast.internal.settings.BackoffDelays;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/** From one connection to the next without a gap: the one that is opened beside the current one, and when and where to. */
final class Handover {
    /** How often one is tried again, with the backoff between. */
    private static final int MAX_FAILED = 5;

    private static final long NEVER = SessionMachine.NEVER;

    /** The connection to hand over to when it is open; 0 while there is none. */
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

    /** The candidate is the connection from now on, or nothing is. Returns it. */
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

    /** When to begin. */
    long due() {
        return due;
    }

    void at(long time) {
        due = time;
    }

    /** None is to be begun on this connection. */
    void cancel() {
        due = NEVER;
    }

    /** The server says where to; null for where the client goes anyway. */
    void to(@Nullable String url) {
        this.url = url;
    }

    @Nullable
    String url() {
        return url;
    }

    /** Heeded for one connection. */
    @Nullable
    String takeUrl() {
        String taken = url;
        url = null;
        return taken;
    }

    /** Counts the tries from the beginning. */
    void startOver() {
        failed = 0;
    }
}

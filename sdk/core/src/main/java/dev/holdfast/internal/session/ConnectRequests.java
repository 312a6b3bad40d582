package dev.holdfast.internal.session;

import java.util.concurrent.TimeUnit;

/**
 * A limit on how often {@code connect()} leads to an early attempt. An application that calls it from every state
 * callback would otherwise hammer a failing server. Only requests after a failure are limited, to one attempt in 2 s.
 */
final class ConnectRequests {
    private static final long GAP_NANOS = TimeUnit.SECONDS.toNanos(2);

    /** Whether the last connection or attempt failed. */
    private boolean failed;
    /** Whether the application asked for the next attempt after a failure. */
    private boolean pending;

    private boolean limited;
    /** The time of the last attempt of that kind. */
    private long startedAt;

    /** Records that a connection could not be made or was lost. */
    void failed() {
        failed = true;
    }

    /** Records that the server welcomed the client. */
    void welcomed() {
        failed = false;
    }

    /** Lifts the limit for the next request: another network may work although the old one did not. */
    void networkChanged() {
        limited = false;
    }

    /** Returns the earliest time for an attempt that is asked for now. */
    long earliest(long now) {
        return failed && limited ? Math.max(now, startedAt + GAP_NANOS) : now;
    }

    /** Records that the application's request led to the next attempt. */
    void accept() {
        pending = failed;
    }

    /** Returns whether an attempt that the application asked for after a failure is due, now or later. */
    boolean isPending() {
        return pending;
    }

    /** Records that the next attempt will not be made. */
    void cancel() {
        pending = false;
    }

    void attemptStarts(long now) {
        if (!pending) return;
        pending = false;
        limited = true;
        startedAt = now;
    }
}

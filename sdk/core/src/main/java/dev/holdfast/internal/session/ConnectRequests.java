package dev.holdfast.internal.session;

import java.util.concurrent.TimeUnit;

/**
 * Limits how often {@code connect()} leads to an attempt before its time: an application that calls it from every state
 * callback would otherwise hammer a server that fails. Only what follows a failure is limited, to one attempt in 2 s.
 */
final class ConnectRequests {
    private static final long GAP_NANOS = TimeUnit.SECONDS.toNanos(2);

    /** The last connection or attempt failed. */
    private boolean failed;
    /** The next attempt is one that the application asked for after a failure. */
    private boolean pending;

    private boolean limited;
    /** When the last attempt of that kind was. */
    private long startedAt;

    /** A connection could not be made or was lost. */
    void failed() {
        failed = true;
    }

    /** The server took the client in. */
    void welcomed() {
        failed = false;
    }

    /** The way may be free where it was not: the next request is not limited. */
    void networkChanged() {
        limited = false;
    }

    /** Returns when an attempt that is asked for now may be made, at the earliest. */
    long earliest(long now) {
        return failed && limited ? Math.max(now, startedAt + GAP_NANOS) : now;
    }

    /** The next attempt is on account of the application's request. */
    void accept() {
        pending = failed;
    }

    /** Whether an attempt that the application asked for after a failure is due, now or later. */
    boolean isPending() {
        return pending;
    }

    /** The next attempt will not be made. */
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

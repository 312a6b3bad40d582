package dev.holdfast.internal.session;

import java.util.concurrent.TimeUnit;

/**
 * A guard against a server that announces again and again that the credential expires. Renewals that only the server
 * asked for keep a minimum distance, which doubles while the requests come in quick succession. It does not limit
 * renewals that a credential's own life calls for.
 */
final class UnaskedRenewals {
    private static final long NEVER = SessionMachine.NEVER;
    private static final long MIN_GAP_NANOS = TimeUnit.SECONDS.toNanos(2);
    private static final long MAX_GAP_NANOS = MIN_GAP_NANOS << 7;

    /** The minimum time after the last renewal for a request to count as ordinary: the next credential was in use. */
    private static final long ORDINARY_NANOS = TimeUnit.SECONDS.toNanos(5);

    private boolean askedBefore;
    private long askedAt;
    private long gap = MIN_GAP_NANOS;
    private long due = NEVER;

    /**
     * Handles a request of the server. Returns whether a renewal may follow now; otherwise it may follow when {@link
     * #due} says.
     */
    boolean mayAsk(long now) {
        if (due != NEVER) return false;
        boolean ordinary = !askedBefore || now - askedAt >= ORDINARY_NANOS;
        if (!ordinary && now - askedAt < gap) {
            due = askedAt + gap;
            return false;
        }
        gap = ordinary ? MIN_GAP_NANOS : Math.min(2 * gap, MAX_GAP_NANOS);
        askedBefore = true;
        askedAt = now;
        return true;
    }

    /** Returns when a delayed renewal may follow. */
    long due() {
        return due;
    }

    /** Ends the wait if it is due, because the renewal follows now. */
    void dueIsOver(long now) {
        if (now < due) return;
        due = NEVER;
        gap = Math.min(2 * gap, MAX_GAP_NANOS);
        askedAt = now;
    }

    /** Forgets the delayed renewal: none follows on this connection. */
    void forget() {
        due = NEVER;
    }
}

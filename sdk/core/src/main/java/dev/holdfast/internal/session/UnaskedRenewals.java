package dev.holdfast.internal.session;

import java.util.concurrent.TimeUnit;

/**
 * A guard against a server that says again and again that the credential expires: renewals that only the server asked for
 * keep a distance, which doubles while the requests come in quick succession. Renewals that a credential's own life calls
 * for are not its business.
 */
final class UnaskedRenewals {
    private static final long NEVER = SessionMachine.NEVER;
    private static final long MIN_GAP_NANOS = TimeUnit.SECONDS.toNanos(2);
    private static final long MAX_GAP_NANOS = MIN_GAP_NANOS << 7;

    /** A request that comes this long after the renewal before is an ordinary one: the next credential was in use. */
    private static final long ORDINARY_NANOS = TimeUnit.SECONDS.toNanos(5);

    private boolean askedBefore;
    private long askedAt;
    private long gap = MIN_GAP_NANOS;
    private long due = NEVER;

    /** The server asks. Returns whether a renewal may follow now; where not, it is {@link #due} later. */
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

    /** When a renewal that had to wait may follow. */
    long due() {
        return due;
    }

    /** If the wait is over, the renewal follows now. */
    void dueIsOver(long now) {
        if (now < due) return;
        due = NEVER;
        gap = Math.min(2 * gap, MAX_GAP_NANOS);
        askedAt = now;
    }

    /** No renewal follows on this connection. */
    void forget() {
        due = NEVER;
    }
}

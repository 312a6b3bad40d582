package dev.holdfast.internal.session;

/** The consequence of a lost connection: another attempt after a delay, or none. Immutable. */
public final class Decision {
    private final boolean retry;
    private final long delayNanos;
    private final int attempt;
    private final String reason;

    private final boolean asked;

    private Decision(boolean retry, long delayNanos, int attempt, String reason, boolean asked) {
        this.asked = asked;
        this.retry = retry;
        this.delayNanos = delayNanos;
        this.attempt = attempt;
        this.reason = reason;
    }

    static Decision retry(long delayNanos, int attempt, String reason, boolean asked) {
        return new Decision(true, delayNanos, attempt, reason, asked);
    }

    /** Returns a decision that no attempt follows. */
    public static Decision stop(String reason) {
        return new Decision(false, 0, 0, reason, false);
    }

    public boolean isRetry() {
        return retry;
    }

    /** Returns whether the server asked for the delay, so that only {@code connectNow()} cuts it short. */
    boolean isAsked() {
        return asked;
    }

    /** Returns the delay from the failure to the next attempt, 0 if none follows. */
    public long delayNanos() {
        return delayNanos;
    }

    /** Returns the number of the next attempt since a connection last held, 0 if none follows. */
    public int attempt() {
        return attempt;
    }

    public String reason() {
        return reason;
    }
}

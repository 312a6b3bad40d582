package dev.holdfast.internal.session;

/** What follows a lost connection: another attempt after a delay, or none. Immutable. */
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

    /** No attempt follows. */
    public static Decision stop(String reason) {
        return new Decision(false, 0, 0, reason, false);
    }

    public boolean isRetry() {
        return retry;
    }

    /** Whether the delay is for the server's sake, so that nothing but {@code connectNow()} cuts it short. */
    boolean isAsked() {
        return asked;
    }

    /** From the failure to the next attempt; 0 where there is none. */
    public long delayNanos() {
        return delayNanos;
    }

    /** Which attempt it will be since a connection last held; 0 where there is none. */
    public int attempt() {
        return attempt;
    }

    public String reason() {
        return reason;
    }
}

package dev.holdfast.internal.session;

/** What follows a lost connection: another attempt after a delay, or none. Immutable. */
public final class Decision {
    private final boolean retry;
    private final long delayNanos;
    private final int attempt;
    private final String reason;

    private Decision(boolean retry, long delayNanos, int attempt, String reason) {
        this.retry = retry;
        this.delayNanos = delayNanos;
        this.attempt = attempt;
        this.reason = reason;
    }

    static Decision retry(long delayNanos, int attempt, String reason) {
        return new Decision(true, delayNanos, attempt, reason);
    }

    static Decision stop(String reason) {
        return new Decision(false, 0, 0, reason);
    }

    public boolean isRetry() {
        return retry;
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

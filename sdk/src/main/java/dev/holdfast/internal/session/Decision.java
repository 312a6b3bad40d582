package dev.holdfast.internal.session;

import dev.holdfast.Backoff;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/** What follows a lost connection: another attempt after a delay, or none. The table is in {@code docs/states.md}. */
public final class Decision {
    private static final int UNAUTHORIZED = 401;
    private static final int FORBIDDEN = 403;
    private static final int GONE = 410;
    private static final int BAD_PROTOCOL = 4400;
    private static final int CREDENTIAL = 4401;
    private static final int SESSION_FORBIDDEN = 4403;
    private static final int TAKEN_OVER = 4409;
    private static final int MESSAGE_TOO_BIG = 1009;
    private static final int SESSION_MESSAGE_TOO_BIG = 4413;

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

    /**
     * Decides about the failure that makes {@code failures} since a connection last held.
     *
     * <p>Only what says for certain that the next attempt will fail as well stops; a portal on a train or a half-done
     * deployment can look like almost anything else.
     */
    static Decision of(Loss loss, boolean resumable, int failures, Backoff backoff, Random jitter) {
        String stop = reasonToStop(loss, resumable);
        if (stop != null) return stop(stop);
        long delay = backoff.delayNanos(failures, jitter);
        if (loss.retryAfterNanos() > 0) {
            // The backoff comes on top: the clients that were told the same must not come at the same moment.
            return new Decision(true, loss.retryAfterNanos() + delay, failures, "as the server asked, and backoff");
        }
        return new Decision(true, delay, failures, "backoff");
    }

    static Decision stop(String reason) {
        return new Decision(false, 0, 0, reason);
    }

    private static @Nullable String reasonToStop(Loss loss, boolean resumable) {
        switch (loss.httpStatus()) {
            case UNAUTHORIZED:
                return "not authenticated";
            case FORBIDDEN:
                return "forbidden";
            case GONE:
                return "gone for good";
            default:
        }
        switch (loss.closeCode()) {
            case BAD_PROTOCOL:
                return "server says we broke the protocol";
            case CREDENTIAL:
                return "credential missing or expired";
            case SESSION_FORBIDDEN:
                return "forbidden";
            case TAKEN_OVER:
                return "session taken over by a newer connection";
            case MESSAGE_TOO_BIG:
            case SESSION_MESSAGE_TOO_BIG:
                // The same message would go first again. Without a session it is not sent again.
                return resumable ? "a message is too large for the server" : null;
            default:
                return null;
        }
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

package dev.holdfast.internal.transport;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.TimeUnit;
import okhttp3.Response;

/** Reads the Retry-After header (RFC 9110 section 10.2.3). */
public final class RetryAfter {
    /** The maximum delay. A server that asks for more is taken to be wrong. */
    private static final Duration MAX = Duration.ofDays(1);

    private RetryAfter() {}

    /**
     * Returns the delay that the server asks for in nanoseconds, at most a day; 0 for none. A date is compared with the
     * response's Date header, because the clocks may differ.
     */
    public static long nanos(Response response) {
        String value = response.header("Retry-After");
        if (value == null) return 0;
        Duration wait = Duration.ZERO;
        if (value.matches("\\d+")) {
            wait = value.length() > 9 ? MAX : Duration.ofSeconds(Long.parseLong(value));
        } else {
            Instant at = response.headers().getInstant("Retry-After");
            Instant now = response.headers().getInstant("Date");
            if (now == null) now = Instant.ofEpochMilli(response.receivedResponseAtMillis());
            if (at != null && at.isAfter(now)) wait = Duration.between(now, at);
        }
        return (wait.compareTo(MAX) < 0 ? wait : MAX).toNanos();
    }

    /** Returns a phrase about the delay, empty for 0. */
    public static String describe(long nanos) {
        return nanos > 0 ? "; Retry-After " + TimeUnit.NANOSECONDS.toSeconds(nanos) + " s" : "";
    }
}

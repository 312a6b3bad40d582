package dev.holdfast;

import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a client does about each close code, HTTP status and exception, and when it gives up. The standard table, with the
 * reason for each line, is in {@code docs/reconnecting.md}. Immutable; the methods return another.
 */
public final class ReconnectPolicy {
    private static final Duration RESTART_WINDOW = Duration.ofSeconds(30);
    private static final ReconnectPolicy STANDARD = new ReconnectPolicy(
                    Collections.emptyMap(),
                    Collections.emptyMap(),
                    Collections.emptyMap(),
                    Reaction.backoff(),
                    Integer.MAX_VALUE,
                    Long.MAX_VALUE)
            .onHttpStatus(401, Reaction.refreshCredentials())
            .onHttpStatus(403, Reaction.stop("forbidden"))
            .onHttpStatus(410, Reaction.stop("gone for good"))
            .onClose(1012, Reaction.spread(RESTART_WINDOW))
            .onClose(1013, Reaction.spread(RESTART_WINDOW))
            .onClose(4400, Reaction.stop("server says we broke the protocol"))
            .onClose(4401, Reaction.refreshCredentials())
            .onClose(4403, Reaction.stop("forbidden"))
            .onClose(4409, Reaction.stop("session taken over by a newer connection"));

    private static final Reaction TOO_LARGE = Reaction.stop("a message is too large for the server");

    private final Map<Integer, Reaction> byCloseCode;
    private final Map<Integer, Reaction> byHttpStatus;
    private final Map<Class<? extends Throwable>, Reaction> byException;
    private final Reaction otherwise;
    private final int maxAttempts;
    private final long giveUpAfterNanos;

    private ReconnectPolicy(
            Map<Integer, Reaction> byCloseCode,
            Map<Integer, Reaction> byHttpStatus,
            Map<Class<? extends Throwable>, Reaction> byException,
            Reaction otherwise,
            int maxAttempts,
            long giveUpAfterNanos) {
        this.byCloseCode = byCloseCode;
        this.byHttpStatus = byHttpStatus;
        this.byException = byException;
        this.otherwise = otherwise;
        this.maxAttempts = maxAttempts;
        this.giveUpAfterNanos = giveUpAfterNanos;
    }

    /** The table of {@code docs/reconnecting.md}; attempts go on for ever. */
    public static ReconnectPolicy standard() {
        return STANDARD;
    }

    /** Another reaction to a close code of the server's. */
    public ReconnectPolicy onClose(int code, Reaction reaction) {
        return new ReconnectPolicy(
                with(byCloseCode, code, reaction), byHttpStatus, byException, otherwise, maxAttempts, giveUpAfterNanos);
    }

    /** Another reaction to an upgrade that was answered with {@code status}. */
    public ReconnectPolicy onHttpStatus(int status, Reaction reaction) {
        return new ReconnectPolicy(
                byCloseCode,
                with(byHttpStatus, status, reaction),
                byException,
                otherwise,
                maxAttempts,
                giveUpAfterNanos);
    }

    /**
     * Another reaction to an exception of this type, or one that it caused. Of several that fit, the one set last
     * counts.
     */
    public ReconnectPolicy onException(Class<? extends Throwable> type, Reaction reaction) {
        return new ReconnectPolicy(
                byCloseCode, byHttpStatus, with(byException, type, reaction), otherwise, maxAttempts, giveUpAfterNanos);
    }

    /** Another reaction to all that no line of the table names. The backoff unless set. */
    public ReconnectPolicy otherwise(Reaction reaction) {
        return new ReconnectPolicy(byCloseCode, byHttpStatus, byException, reaction, maxAttempts, giveUpAfterNanos);
    }

    /** Gives up when so many attempts in a row have failed. They start over when a connection has held. */
    public ReconnectPolicy maxAttempts(int attempts) {
        if (attempts <= 0) throw new IllegalArgumentException("budget of " + attempts + " attempts");
        return new ReconnectPolicy(byCloseCode, byHttpStatus, byException, otherwise, attempts, giveUpAfterNanos);
    }

    /** Gives up when the next attempt would come later than this after a connection last held. */
    public ReconnectPolicy giveUpAfter(Duration time) {
        return new ReconnectPolicy(
                byCloseCode,
                byHttpStatus,
                byException,
                otherwise,
                maxAttempts,
                Durations.positiveNanos("time budget", time));
    }

    private static <K> Map<K, Reaction> with(Map<K, Reaction> table, K key, Reaction reaction) {
        Map<K, Reaction> copy = new LinkedHashMap<>(table);
        copy.remove(key);
        copy.put(key, reaction);
        return copy;
    }

    /**
     * The line of the table for a failure.
     *
     * @param closeCode 0 where there was none
     * @param httpStatus 0 where there was none
     * @param resends whether what was under way is sent again, so that the same message would go first
     */
    public Reaction reactionTo(int closeCode, int httpStatus, @Nullable Throwable cause, boolean resends) {
        Reaction reaction = null;
        for (Throwable t = cause; t != null && reaction == null; t = t.getCause()) {
            for (Map.Entry<Class<? extends Throwable>, Reaction> line : byException.entrySet()) {
                if (line.getKey().isInstance(t)) reaction = line.getValue();
            }
        }
        if (reaction == null) reaction = byCloseCode.get(closeCode);
        if (reaction == null) reaction = byHttpStatus.get(httpStatus);
        if (reaction == null && resends && (closeCode == 1009 || closeCode == 4413)) reaction = TOO_LARGE;
        return reaction != null ? reaction : otherwise;
    }

    /** How many attempts in a row may fail. */
    public int maxAttempts() {
        return maxAttempts;
    }

    /** How long after a connection last held attempts go on, in nanoseconds. */
    public long giveUpAfterNanos() {
        return giveUpAfterNanos;
    }
}

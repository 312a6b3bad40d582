package dev.holdfast;

import dev.holdfast.internal.message.CloseStatus;
import dev.holdfast.internal.time.Durations;
import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What a client does about each close code, HTTP status and exception, and when it gives up. The standard table, with the
 * reason for each line, is in {@code docs/reconnecting.md}. Immutable; the methods return another.
 */
public final class ReconnectPolicy {
    private static final Duration RESTART_WINDOW = Duration.ofSeconds(30);
    private static final int SWITCHING_PROTOCOLS = 101;
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

    private static final int POLICY_VIOLATION = 1008;
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

    /**
     * Sets the reaction to a close frame from the server.
     *
     * @param code a code that a close frame can carry (RFC 6455 section 7.4): 1000 to 1003, 1007 to 1014 or 3000 to 4999; or
     *     1005 for a close frame without a code
     * @throws IllegalArgumentException for any other code. A connection that ends without a close frame, which other APIs
     *     report as 1006, is for {@link #onConnectionLost}; a failed TLS handshake, 1015, for {@link #onException}
     */
    public ReconnectPolicy onClose(int code, Reaction reaction) {
        Objects.requireNonNull(reaction, "reaction");
        if (code == CloseStatus.ABNORMAL) {
            throw new IllegalArgumentException(
                    "no close frame has code 1006: onConnectionLost is for a connection that ends without one");
        }
        if (!CloseStatus.canBeReceived(code)) {
            throw new IllegalArgumentException("no close frame has code " + code
                    + ", only 1000 to 1003, 1007 to 1014 and 3000 to 4999, or 1005 for none");
        }
        return onCode(code, reaction);
    }

    /**
     * Sets the reaction to a connection that was open and ended without a close frame from the server: it was reset, or
     * showed no sign of life any more. Default: as {@link #otherwise}.
     */
    public ReconnectPolicy onConnectionLost(Reaction reaction) {
        return onCode(CloseStatus.ABNORMAL, reaction);
    }

    private ReconnectPolicy onCode(int code, Reaction reaction) {
        return new ReconnectPolicy(
                with(byCloseCode, code, reaction), byHttpStatus, byException, otherwise, maxAttempts, giveUpAfterNanos);
    }

    /**
     * Sets the reaction to an upgrade that was answered with {@code status}.
     *
     * @throws IllegalArgumentException if no refusal can have that status: it is 101 (Switching Protocols), or not between
     *     100 and 599
     */
    public ReconnectPolicy onHttpStatus(int status, Reaction reaction) {
        Objects.requireNonNull(reaction, "reaction");
        if (status < 100 || status > 599 || status == SWITCHING_PROTOCOLS) {
            throw new IllegalArgumentException(
                    "the HTTP status of a refusal must be between 100 and 599 and not 101, but was " + status);
        }
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
                byCloseCode,
                byHttpStatus,
                with(byException, Objects.requireNonNull(type, "type"), reaction),
                otherwise,
                maxAttempts,
                giveUpAfterNanos);
    }

    /** Another reaction to all that no line of the table names. The backoff unless set. */
    public ReconnectPolicy otherwise(Reaction reaction) {
        return new ReconnectPolicy(
                byCloseCode,
                byHttpStatus,
                byException,
                Objects.requireNonNull(reaction, "reaction"),
                maxAttempts,
                giveUpAfterNanos);
    }

    /** Gives up when so many attempts in a row have failed. They start over when a connection has held. */
    public ReconnectPolicy maxAttempts(int attempts) {
        if (attempts <= 0) throw new IllegalArgumentException("budget of " + attempts + " attempts");
        return new ReconnectPolicy(byCloseCode, byHttpStatus, byException, otherwise, attempts, giveUpAfterNanos);
    }

    /** Gives up when the next attempt would come later than this after a connection last held. */
    public ReconnectPolicy giveUpAfter(Duration time) {
        return new ReconnectPolicy(
                byCloseCode, byHttpStatus, byException, otherwise, maxAttempts, Durations.positiveNanos("time", time));
    }

    private static <K> Map<K, Reaction> with(Map<K, Reaction> table, K key, Reaction reaction) {
        Map<K, Reaction> copy = new LinkedHashMap<>(table);
        copy.remove(key);
        copy.put(key, Objects.requireNonNull(reaction, "reaction"));
        return copy;
    }

    /**
     * The line of the table for a failure.
     *
     * @param closeCode the code of the close frame, 1006 if an open connection ended without one, or 0 if there was no
     *     connection
     * @param httpStatus 0 where there was none
     * @param resends whether what was under way is sent again, so that the same message would go first
     * @param mayBeRefusal whether there are {@link CredentialProvider} and the connection ended before the server had accepted
     *     the newest credential, so that 1008 (policy violation) may be its refusal
     */
    public Reaction reactionTo(
            int closeCode, int httpStatus, @Nullable Throwable cause, boolean resends, boolean mayBeRefusal) {
        Reaction reaction = null;
        for (Throwable t = cause; t != null && reaction == null; t = t.getCause()) {
            for (Map.Entry<Class<? extends Throwable>, Reaction> line : byException.entrySet()) {
                if (line.getKey().isInstance(t)) reaction = line.getValue();
            }
        }
        if (reaction == null) reaction = byCloseCode.get(closeCode);
        if (reaction == null) reaction = byHttpStatus.get(httpStatus);
        if (reaction == null && resends && (closeCode == 1009 || closeCode == 4413)) reaction = TOO_LARGE;
        if (reaction == null && mayBeRefusal && closeCode == POLICY_VIOLATION) reaction = Reaction.refreshCredentials();
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

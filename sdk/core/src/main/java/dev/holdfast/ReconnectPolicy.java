package dev.holdfast;

import dev.holdfast.internal.CheckReturnValue;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The policy that says how a client reacts to each close code, HTTP status and exception, and when it gives up.
 *
 * <p>The standard table, with the reason for each line, is in {@code docs/reconnecting.md}. Immutable.
 */
@CheckReturnValue
public final class ReconnectPolicy {
    private static final Duration RESTART_WINDOW = Duration.ofSeconds(30);
    private static final int SWITCHING_PROTOCOLS = 101;
    private static final int NO_STATUS = 1005;
    private static final int ABNORMAL = 1006;
    private static final ReconnectPolicy STANDARD = new ReconnectPolicy(
                    Collections.emptyMap(),
                    Collections.emptyMap(),
                    Collections.emptyMap(),
                    null,
                    Reaction.backoff(),
                    Integer.MAX_VALUE,
                    null)
            .withHttpStatusReaction(401, Reaction.refreshCredentials())
            .withHttpStatusReaction(403, Reaction.stop("forbidden"))
            .withHttpStatusReaction(410, Reaction.stop("gone for good"))
            .withCloseReaction(1012, Reaction.spread(RESTART_WINDOW))
            .withCloseReaction(1013, Reaction.spread(RESTART_WINDOW))
            .withCloseReaction(4400, Reaction.stop("server says we broke the protocol"))
            .withCloseReaction(4401, Reaction.refreshCredentials())
            .withCloseReaction(4403, Reaction.stop("forbidden"))
            .withCloseReaction(4409, Reaction.stop("session taken over by a newer connection"));

    private final Map<Integer, Reaction> closeReactions;
    private final Map<Integer, Reaction> httpStatusReactions;
    private final Map<Class<? extends Throwable>, Reaction> exceptionReactions;
    private final @Nullable Reaction connectionLostReaction;
    private final Reaction defaultReaction;
    private final int maxAttempts;
    private final @Nullable Duration giveUpAfter;

    private ReconnectPolicy(
            Map<Integer, Reaction> closeReactions,
            Map<Integer, Reaction> httpStatusReactions,
            Map<Class<? extends Throwable>, Reaction> exceptionReactions,
            @Nullable Reaction connectionLostReaction,
            Reaction defaultReaction,
            int maxAttempts,
            @Nullable Duration giveUpAfter) {
        this.closeReactions = closeReactions;
        this.httpStatusReactions = httpStatusReactions;
        this.exceptionReactions = exceptionReactions;
        this.connectionLostReaction = connectionLostReaction;
        this.defaultReaction = defaultReaction;
        this.maxAttempts = maxAttempts;
        this.giveUpAfter = giveUpAfter;
    }

    /** {@return the policy of {@code docs/reconnecting.md}} It makes attempts without end. */
    public static ReconnectPolicy standard() {
        return STANDARD;
    }

    /**
     * {@return a policy with this reaction to a close frame from the server}
     *
     * @param code a code that a close frame can carry (RFC 6455 section 7.4): 1000 to 1003, 1007 to 1014 or 3000 to 4999;
     *     or 1005 for a close frame without a code
     * @param reaction what the client does then
     * @throws IllegalArgumentException for any other code. A connection that ends without a close frame, which other APIs
     *     report as 1006, is for {@link #withConnectionLostReaction}; a failed TLS handshake, 1015, for {@link
     *     #withExceptionReaction}
     */
    public ReconnectPolicy withCloseReaction(int code, Reaction reaction) {
        Objects.requireNonNull(reaction, "reaction");
        if (code == ABNORMAL) {
            throw new IllegalArgumentException("no close frame has code 1006: withConnectionLostReaction is for a"
                    + " connection that ends without one");
        }
        if (code != NO_STATUS && !canBeSent(code)) {
            throw new IllegalArgumentException("code must be 1000 to 1003, 1007 to 1014 or 3000 to 4999, or 1005 for a"
                    + " close frame without a code, but was " + code);
        }
        return new ReconnectPolicy(
                with(closeReactions, code, reaction),
                httpStatusReactions,
                exceptionReactions,
                connectionLostReaction,
                defaultReaction,
                maxAttempts,
                giveUpAfter);
    }

    private static boolean canBeSent(int code) {
        return (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014) || (code >= 3000 && code <= 4999);
    }

    /**
     * {@return a policy with this reaction to a connection that was open and ended without a close frame: it was reset,
     * or the heartbeat found it dead} Default: the {@link #withDefaultReaction default reaction}.
     *
     * @param reaction what the client does then
     */
    public ReconnectPolicy withConnectionLostReaction(Reaction reaction) {
        return new ReconnectPolicy(
                closeReactions,
                httpStatusReactions,
                exceptionReactions,
                Objects.requireNonNull(reaction, "reaction"),
                defaultReaction,
                maxAttempts,
                giveUpAfter);
    }

    /**
     * {@return a policy with this reaction to an opening handshake that the server answered with {@code status}}
     *
     * @param status the HTTP status, 100 to 599 except 101
     * @param reaction what the client does then
     * @throws IllegalArgumentException if {@code status} is not between 100 and 599, or is 101 (Switching Protocols), which
     *     is no refusal
     */
    public ReconnectPolicy withHttpStatusReaction(int status, Reaction reaction) {
        Objects.requireNonNull(reaction, "reaction");
        if (status < 100 || status > 599 || status == SWITCHING_PROTOCOLS) {
            throw new IllegalArgumentException("status must be between 100 and 599 and not 101, but was " + status);
        }
        return new ReconnectPolicy(
                closeReactions,
                with(httpStatusReactions, status, reaction),
                exceptionReactions,
                connectionLostReaction,
                defaultReaction,
                maxAttempts,
                giveUpAfter);
    }

    /**
     * {@return a policy with this reaction to an exception of this type, and to one that has such a cause} If several
     * types match, the one set last wins. A matching exception takes precedence over the close code and the HTTP
     * status.
     *
     * @param type the class of the exception, or a superclass of it
     * @param reaction what the client does then
     */
    public ReconnectPolicy withExceptionReaction(Class<? extends Throwable> type, Reaction reaction) {
        return new ReconnectPolicy(
                closeReactions,
                httpStatusReactions,
                with(
                        exceptionReactions,
                        Objects.requireNonNull(type, "type"),
                        Objects.requireNonNull(reaction, "reaction")),
                connectionLostReaction,
                defaultReaction,
                maxAttempts,
                giveUpAfter);
    }

    /**
     * {@return a policy with this reaction to every failure that has no line of its own} Default: {@link
     * Reaction#backoff}.
     *
     * @param reaction what the client does then
     */
    public ReconnectPolicy withDefaultReaction(Reaction reaction) {
        return new ReconnectPolicy(
                closeReactions,
                httpStatusReactions,
                exceptionReactions,
                connectionLostReaction,
                Objects.requireNonNull(reaction, "reaction"),
                maxAttempts,
                giveUpAfter);
    }

    /**
     * {@return a policy that gives up after {@code attempts} failed attempts in a row} The count starts over when a
     * connection lasts as long as {@link Backoff#resetAfter}. Default: no limit.
     *
     * @param attempts the maximum, positive
     * @throws IllegalArgumentException if {@code attempts} is not positive
     */
    public ReconnectPolicy withMaxAttempts(int attempts) {
        return new ReconnectPolicy(
                closeReactions,
                httpStatusReactions,
                exceptionReactions,
                connectionLostReaction,
                defaultReaction,
                Checks.positive("attempts", attempts),
                giveUpAfter);
    }

    /**
     * {@return a policy that gives up if the next attempt would start later than {@code time} after the first failure
     * in a row} Default: no limit; a time over a year counts as a year.
     *
     * @param time the maximum, positive
     * @throws IllegalArgumentException if {@code time} is not positive
     */
    public ReconnectPolicy withGiveUpAfter(Duration time) {
        return new ReconnectPolicy(
                closeReactions,
                httpStatusReactions,
                exceptionReactions,
                connectionLostReaction,
                defaultReaction,
                maxAttempts,
                Checks.positive("time", time));
    }

    private static <K> Map<K, Reaction> with(Map<K, Reaction> table, K key, Reaction reaction) {
        Map<K, Reaction> copy = new LinkedHashMap<>(table);
        copy.remove(key);
        copy.put(key, reaction);
        return Collections.unmodifiableMap(copy);
    }

    /** {@return the reactions by close code; unmodifiable} */
    public Map<Integer, Reaction> closeReactions() {
        return closeReactions;
    }

    /** {@return the reactions by HTTP status; unmodifiable} */
    public Map<Integer, Reaction> httpStatusReactions() {
        return httpStatusReactions;
    }

    /** {@return the reactions by type of exception, in the order in which they were set; unmodifiable} */
    public Map<Class<? extends Throwable>, Reaction> exceptionReactions() {
        return exceptionReactions;
    }

    /**
     * {@return the reaction to a connection that ended without a close frame, null if {@link #defaultReaction} applies}
     */
    public @Nullable Reaction connectionLostReaction() {
        return connectionLostReaction;
    }

    /** {@return the reaction to every failure that has no line of its own} */
    public Reaction defaultReaction() {
        return defaultReaction;
    }

    /** {@return how many attempts in a row may fail; {@link Integer#MAX_VALUE} if there is no limit} */
    public int maxAttempts() {
        return maxAttempts;
    }

    /** {@return how long after the first failure in a row attempts go on, null if there is no limit} */
    public @Nullable Duration giveUpAfter() {
        return giveUpAfter;
    }

    /** Compares the tables; for exceptions, the order in which they were set counts as well. */
    @Override
    public boolean equals(@Nullable Object other) {
        if (!(other instanceof ReconnectPolicy)) return false;
        ReconnectPolicy that = (ReconnectPolicy) other;
        return closeReactions.equals(that.closeReactions)
                && httpStatusReactions.equals(that.httpStatusReactions)
                && inOrder(exceptionReactions).equals(inOrder(that.exceptionReactions))
                && Objects.equals(connectionLostReaction, that.connectionLostReaction)
                && defaultReaction.equals(that.defaultReaction)
                && maxAttempts == that.maxAttempts
                && Objects.equals(giveUpAfter, that.giveUpAfter);
    }

    private static <K> List<Map.Entry<K, Reaction>> inOrder(Map<K, Reaction> table) {
        return new ArrayList<>(table.entrySet());
    }

    @Override
    public int hashCode() {
        return Objects.hash(
                closeReactions,
                httpStatusReactions,
                exceptionReactions,
                connectionLostReaction,
                defaultReaction,
                maxAttempts,
                giveUpAfter);
    }

    @Override
    public String toString() {
        return "ReconnectPolicy(close=" + closeReactions + ", httpStatus=" + httpStatusReactions + ", exception="
                + exceptionReactions + ", connectionLost=" + connectionLostReaction + ", default=" + defaultReaction
                + ", maxAttempts=" + maxAttempts + ", giveUpAfter=" + giveUpAfter + ")";
    }
}

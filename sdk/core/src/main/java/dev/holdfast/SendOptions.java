package dev.holdfast;

import dev.holdfast.internal.CheckReturnValue;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Options of one message: how the queue treats it, and its idempotency key.
 *
 * <p>Priority, expiry and conflation apply while the message waits in the queue. They have no effect once the message is
 * handed to a connection. Immutable, so one value can serve many messages.
 */
@CheckReturnValue
public final class SendOptions {
    private static final int MAX_KEY_LENGTH = 1024;
    private static final SendOptions DEFAULTS = new SendOptions(Priority.NORMAL, null, null, null);

    private final Priority priority;
    private final @Nullable Duration expiry;
    private final @Nullable String conflationKey;
    private final @Nullable String idempotencyKey;

    private SendOptions(
            Priority priority,
            @Nullable Duration expiry,
            @Nullable String conflationKey,
            @Nullable String idempotencyKey) {
        this.priority = priority;
        this.expiry = expiry;
        this.conflationKey = conflationKey;
        this.idempotencyKey = idempotencyKey;
    }

    /** {@return options with {@link Priority#NORMAL}, no expiry and no keys} */
    public static SendOptions defaults() {
        return DEFAULTS;
    }

    /**
     * {@return the defaults with a conflation key, see {@link #withConflationKey}}
     *
     * @param key the key that messages of the same kind share
     */
    public static SendOptions conflated(String key) {
        return DEFAULTS.withConflationKey(key);
    }

    /**
     * {@return the defaults with an expiry, see {@link #withExpiry}}
     *
     * @param expiry the time for which the message is worth sending
     */
    public static SendOptions expiringAfter(Duration expiry) {
        return DEFAULTS.withExpiry(expiry);
    }

    /**
     * {@return options with this priority} Default: {@link Priority#NORMAL}.
     *
     * @param priority the priority; higher ones leave the queue first
     */
    public SendOptions withPriority(Priority priority) {
        return new SendOptions(Objects.requireNonNull(priority, "priority"), expiry, conflationKey, idempotencyKey);
    }

    /**
     * {@return options with this time to live} A message that has waited in the queue for that long is not sent and
     * ends as {@link Outcome.Kind#EXPIRED}. Default: none.
     *
     * @param expiry how long the message may wait, counted from {@code send}. Over a year counts as a year
     * @throws IllegalArgumentException if {@code expiry} is not positive
     */
    public SendOptions withExpiry(Duration expiry) {
        return new SendOptions(priority, Checks.positive("expiry", expiry), conflationKey, idempotencyKey);
    }

    /**
     * {@return options with this conflation key} Only the newest message of a key waits in the queue. It takes the
     * older message's place in the order, unless the two differ in priority, and the older message ends as {@link
     * Outcome.Kind#CONFLATED}. Default: none.
     *
     * @param key the key that messages of the same kind share
     */
    public SendOptions withConflationKey(String key) {
        return new SendOptions(priority, expiry, Objects.requireNonNull(key, "key"), idempotencyKey);
    }

    /**
     * {@return options with this idempotency key} In a resumable session it is sent with the message ({@code k} in
     * {@code docs/protocol.md}), so that a server that remembers keys can handle the message once even if it arrives in
     * two sessions. In other sessions it is not sent. Default: none.
     *
     * @param key at most 1,024 characters
     * @throws IllegalArgumentException if {@code key} is empty or longer
     */
    public SendOptions withIdempotencyKey(String key) {
        int length = Objects.requireNonNull(key, "key").length();
        if (length == 0 || length > MAX_KEY_LENGTH) {
            throw new IllegalArgumentException(
                    "an idempotency key must have 1 to " + MAX_KEY_LENGTH + " characters, but had " + length);
        }
        return new SendOptions(priority, expiry, conflationKey, key);
    }

    /** {@return the priority} */
    public Priority priority() {
        return priority;
    }

    /** {@return how long the message may wait in the queue, null if there is no limit} */
    public @Nullable Duration expiry() {
        return expiry;
    }

    /** {@return the conflation key, null if there is none} */
    public @Nullable String conflationKey() {
        return conflationKey;
    }

    /** {@return the idempotency key, null if there is none} */
    public @Nullable String idempotencyKey() {
        return idempotencyKey;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        if (!(other instanceof SendOptions)) return false;
        SendOptions that = (SendOptions) other;
        return priority == that.priority
                && Objects.equals(expiry, that.expiry)
                && Objects.equals(conflationKey, that.conflationKey)
                && Objects.equals(idempotencyKey, that.idempotencyKey);
    }

    @Override
    public int hashCode() {
        return Objects.hash(priority, expiry, conflationKey, idempotencyKey);
    }

    @Override
    public String toString() {
        return "SendOptions(priority=" + priority + ", expiry=" + expiry + ", conflationKey=" + conflationKey
                + ", idempotencyKey=" + idempotencyKey + ")";
    }
}

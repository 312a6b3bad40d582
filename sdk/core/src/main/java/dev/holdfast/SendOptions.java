package dev.holdfast;

import dev.holdfast.internal.time.Durations;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * How one message is to be treated while it waits in the queue; once it is handed to a connection nothing here counts any
 * more. Immutable, so one that suits many messages can be a constant.
 */
public final class SendOptions {
    private static final SendOptions DEFAULTS = new SendOptions(Priority.NORMAL, 0, null);

    private final Priority priority;
    private final long expireAfterNanos;
    private final @Nullable String conflationKey;

    private SendOptions(Priority priority, long expireAfterNanos, @Nullable String conflationKey) {
        this.priority = priority;
        this.expireAfterNanos = expireAfterNanos;
        this.conflationKey = conflationKey;
    }

    /** {@link Priority#NORMAL}, for as long as it takes, and every message for itself. */
    public static SendOptions defaults() {
        return DEFAULTS;
    }

    /** Before or behind what else waits. */
    public SendOptions priority(Priority priority) {
        return new SendOptions(Objects.requireNonNull(priority, "priority"), expireAfterNanos, conflationKey);
    }

    /** A message that has waited for so long is not sent any more and ends as {@link Outcome.Kind#EXPIRED}. */
    public SendOptions expireAfter(Duration timeToLive) {
        return new SendOptions(priority, Durations.positiveNanos("timeToLive", timeToLive), conflationKey);
    }

    /**
     * Only the newest message of a key waits. It takes the older one's place in the order, unless the two differ in
     * priority, and the older one ends as {@link Outcome.Kind#CONFLATED}.
     */
    public SendOptions conflate(String key) {
        return new SendOptions(priority, expireAfterNanos, Objects.requireNonNull(key, "key"));
    }

    /** Before or behind what else waits. */
    public Priority priority() {
        return priority;
    }

    /** How long it may wait, in nanoseconds; 0 where it may wait for ever. */
    public long expireAfterNanos() {
        return expireAfterNanos;
    }

    /** The key of which only the newest message waits, null where there is none. */
    public @Nullable String conflationKey() {
        return conflationKey;
    }
}

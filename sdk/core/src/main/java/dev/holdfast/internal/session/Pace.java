package dev.holdfast.internal.session;

import dev.holdfast.RateLimit;
import dev.holdfast.internal.settings.Nanos;
import org.jspecify.annotations.Nullable;

/** The pace that a rate limit allows: the time at which the next message may be handed over. */
final class Pace {
    private final @Nullable TokenBucket messages;
    private final @Nullable TokenBucket bytes;

    /**
     * Creates a pace.
     *
     * @param limit null for none
     */
    Pace(@Nullable RateLimit limit) {
        this.messages = bucket(limit == null ? 0 : limit.messagesPerSecond(), limit);
        this.bytes = bucket(limit == null ? 0 : limit.bytesPerSecond(), limit);
    }

    private static @Nullable TokenBucket bucket(long perSecond, @Nullable RateLimit limit) {
        return perSecond == 0 || limit == null ? null : new TokenBucket(perSecond, Nanos.burst(limit));
    }

    /** Returns whether every message may go at any time. */
    boolean isUnlimited() {
        return messages == null && bytes == null;
    }

    /** Returns the time from which a message of {@code size} bytes may be handed over. */
    long due(long size) {
        long messageDue = messages == null ? Long.MIN_VALUE : messages.due(1);
        long bytesDue = bytes == null ? Long.MIN_VALUE : bytes.due(size);
        return Math.max(messageDue, bytesDue);
    }

    void handedOver(long size, long now) {
        if (messages != null) messages.take(1, now);
        if (bytes != null) bytes.take(size, now);
    }
}

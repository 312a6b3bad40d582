package dev.holdfast.internal.protocol;

import dev.holdfast.internal.concurrent.Uncaught;
import dev.holdfast.internal.session.Packet;
import dev.holdfast.internal.session.Payload;
import dev.holdfast.internal.session.Subscription;
import dev.holdfast.protocol.Outgoing;
import java.util.Objects;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/** A subscription of the public interface as the machine's. */
final class AdaptedSubscription implements Subscription {
    private final dev.holdfast.protocol.Subscription subscription;
    private final BiConsumer<String, AdaptedSubscription> onRemoved;
    private final String name;
    private final @Nullable String storeName;
    private volatile boolean over;

    /**
     * @param onRemoved is told the name if the subscription ends without the application
     * @throws IllegalArgumentException if its store name is empty or too long
     */
    AdaptedSubscription(
            dev.holdfast.protocol.Subscription subscription, BiConsumer<String, AdaptedSubscription> onRemoved) {
        this.subscription = Objects.requireNonNull(subscription, "subscription");
        this.onRemoved = onRemoved;
        this.name = Objects.requireNonNull(subscription.name(), "name");
        String given = subscription.storeName();
        this.storeName = given == null ? null : Subscription.checkedStoreName(given);
    }

    /** Marks that the application has ended it. */
    void over() {
        over = true;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public @Nullable String storeName() {
        return storeName;
    }

    @Override
    public boolean isOver() {
        return over;
    }

    @Override
    public void removed() {
        onRemoved.accept(name, this);
    }

    @Override
    public Packet start(@Nullable String cursor) {
        return Packets.single(subscription.start(cursor), "the start of a subscription");
    }

    /** What the protocol throws is reported, and nothing is sent. The subscription has ended in any case. */
    @Override
    public @Nullable Packet end() {
        try {
            Outgoing end = subscription.end();
            return end == null ? null : Packets.control(end, "the end of a subscription");
        } catch (Throwable t) {
            Uncaught.report(t);
            return null;
        }
    }

    @Override
    public Payload unanswered() {
        return Payload.callback(subscription::onUnanswered);
    }

    @Override
    public Payload failed(Throwable thrown) {
        return Payload.callback(() -> subscription.onFailed(thrown));
    }
}

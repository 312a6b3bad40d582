package dev.holdfast.stomp;

import dev.holdfast.internal.session.Packet;
import dev.holdfast.internal.session.Payload;
import dev.holdfast.internal.session.Subscription;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The end of a subscription that the broker keeps without a connection. In the machine it has the place of the subscription
 * until the receipt of its UNSUBSCRIBE has come, so it goes out on each connection, before the subscriptions that were made
 * later. On a connection that does not have the subscription, SUBSCRIBE goes first: RabbitMQ ends nothing else.
 */
final class DurableEnd implements Subscription {
    /** A broker that refuses UNSUBSCRIBE may end the connection. */
    private static final int MAX_CONNECTIONS = 5;

    private final Stomp stomp;
    private final StompSubscription of;
    private final Map<String, String> headers;
    /** Confined to the serial context, as the next. */
    private long subscribedOn;

    private int connections;
    /** Whether the application has subscribed anew to what may be the same queue. */
    private volatile boolean overtaken;

    /** @param headers the application's headers of UNSUBSCRIBE */
    DurableEnd(Stomp stomp, StompSubscription of, Map<String, String> headers) {
        this.stomp = stomp;
        this.of = of;
        this.headers = headers;
    }

    /** Records the connection that has the subscription. */
    void subscribedOn(long connection) {
        subscribedOn = connection;
    }

    /** Records that the application has subscribed anew to what may be the same queue. Safe from any thread. */
    void overtaken() {
        overtaken = true;
    }

    @Override
    public String name() {
        return of.id();
    }

    @Override
    public Packet start(@Nullable String cursor) {
        // The broker may have ended this one, and then made the queue anew for the newer one.
        if (overtaken && connections > 0) throw noReceipt("before a newer subscription, which another one could end");
        if (++connections > MAX_CONNECTIONS) throw noReceipt("on " + MAX_CONNECTIONS + " connections");
        long receipt = stomp.nextId();
        Map<String, String> all = new LinkedHashMap<>(headers);
        all.put("id", of.id());
        all.put("receipt", Long.toString(receipt));
        boolean subscribed = subscribedOn == stomp.connection();
        String text = (subscribed ? "" : of.subscribeToEnd()) + Frame.text("UNSUBSCRIBE", all);
        return Packet.acknowledged(text, Collections.emptyList(), receipt, 1, stomp.receiptTimeoutNanos());
    }

    @Override
    public boolean endsWithAnswer() {
        return true;
    }

    @Override
    public @Nullable Packet end() {
        return null;
    }

    @Override
    public void removed() {
        stomp.forget(of.id());
    }

    @Override
    public Payload unanswered() {
        return report(stomp.asksForReceipts() ? noReceipt("in time") : null);
    }

    @Override
    public Payload failed(Throwable thrown) {
        return report(new IllegalStateException(of + " may still be on the broker", thrown));
    }

    private IllegalStateException noReceipt(String when) {
        return new IllegalStateException(
                of + " may still be on the broker: there was no receipt of UNSUBSCRIBE " + when);
    }

    /** @param failure goes where the exceptions of listeners go; null for none */
    private static Payload report(@Nullable IllegalStateException failure) {
        Runnable report = () -> {
            if (failure != null) throw failure;
        };
        return Payload.packet(Packet.of("", Collections.emptyList(), report));
    }
}

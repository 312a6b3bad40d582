package dev.holdfast.stomp;

import dev.holdfast.internal.session.Packet;
import dev.holdfast.internal.session.Payload;
import dev.holdfast.internal.session.Subscription;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The end of a subscription that the broker keeps without a connection. In the machine it has the place of the subscription
 * until the receipt of its UNSUBSCRIBE has come, so it goes out on each connection, before the subscriptions that were made
 * later. On a connection that does not have the subscription, SUBSCRIBE goes first: RabbitMQ ends nothing else.
 */
final class DurableEnd implements Subscription {
    /** A broker that refuses UNSUBSCRIBE may end the connection, without saying which frame it refuses. */
    private static final int MAX_CONNECTIONS = 5;
    /** The headers under whose value RabbitMQ, ActiveMQ Artemis and ActiveMQ Classic keep a subscription. */
    private static final List<String> NAMES = Arrays.asList(
            "x-queue-name", "durable-subscription-name", "durable-subscriber-name", "activemq.subscriptionName");
    /** The values of settings, which say nothing of which subscription it is. */
    private static final Pattern SETTING = Pattern.compile("true|false|[0-9]+");

    private final Stomp stomp;
    private final StompSubscription of;
    private final Map<String, String> headers;
    /** Confined to the serial context, as the next three. */
    private long subscribedOn;

    /** The receipt for which the newest UNSUBSCRIBE asks. */
    private long receipt;

    /** The connections that have taken UNSUBSCRIBE. */
    private int connections;

    /** What the broker said when it refused UNSUBSCRIBE, null if it has not. */
    private @Nullable String refusal;
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

    /** Records the broker's ERROR in answer to a frame. On the serial context. */
    void refused(long receiptOfFrame, String message) {
        if (receiptOfFrame == receipt) refusal = message;
    }

    /**
     * Returns whether the end of one subscription may end another one on the broker. Which header has the name under which the
     * broker keeps it depends on the broker.
     */
    static boolean mayBeSame(
            String destination, Map<String, String> headers, String newDestination, Map<String, String> newHeaders) {
        for (String name : NAMES) {
            String value = headers.get(name);
            if (value != null && newHeaders.containsKey(name)) return value.equals(newHeaders.get(name));
        }
        if (destination.equals(newDestination)) return true;
        for (Map.Entry<String, String> header : headers.entrySet()) {
            String value = header.getValue();
            if (value.equals(newHeaders.get(header.getKey()))
                    && !SETTING.matcher(value).matches()) return true;
        }
        return false;
    }

    @Override
    public String name() {
        return of.id();
    }

    @Override
    public Packet start(@Nullable String cursor) {
        if (refusal != null) throw noReceipt("but ERROR: " + refusal);
        // The broker may have ended this one, and then made the queue anew for the newer one.
        if (overtaken && connections > 0) throw noReceipt("before a newer subscription, which another one could end");
        if (connections >= MAX_CONNECTIONS) throw noReceipt("on " + MAX_CONNECTIONS + " connections");
        receipt = stomp.nextId();
        Map<String, String> all = new LinkedHashMap<>(headers);
        all.put("id", of.id());
        all.put("receipt", Long.toString(receipt));
        boolean subscribed = subscribedOn == stomp.connection();
        String text = (subscribed ? "" : of.subscribeToEnd()) + Frame.text("UNSUBSCRIBE", all);
        return Packet.acknowledged(text, Collections.emptyList(), receipt, 1, stomp.receiptTimeoutNanos());
    }

    @Override
    public void handedOver() {
        connections++;
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
        stomp.forget(this);
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
        return Payload.callback(report);
    }
}

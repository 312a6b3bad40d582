package dev.holdfast.stomp;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.holdfast.Delivery;
import dev.holdfast.internal.session.Packet;
import dev.holdfast.internal.session.Payload;
import dev.holdfast.internal.session.Subscription;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** A subscription of a {@link Stomp} client, which is made again on each connection. Safe from any thread. */
public final class StompSubscription implements AutoCloseable {
    /** The client drops a message with the position of one of so many as a duplicate. */
    private static final int MAX_REFUSED = 256;

    private final Stomp stomp;
    private final String id;
    private final String destination;
    private final AckMode ackMode;
    private final Map<String, String> headers;
    private final @Nullable ResumeAfter resumeAfter;
    private final StompListener listener;

    private final AtomicBoolean closed = new AtomicBoolean();
    /** Takes this subscription's place when the application has ended it; null if the broker forgets it with the connection. */
    private volatile @Nullable DurableEnd durableEnd;

    private volatile Map<String, String> endHeaders = Collections.emptyMap();

    /** The number of the connection on which the server has the subscription, 0 for none. */
    private volatile long connection;

    private final Acknowledgements acknowledgements;
    private final ReentrantLock lock = new ReentrantLock();
    /** The positions of the newest messages that the application has refused, and that the broker may deliver again. */
    @GuardedBy("lock")
    private final Set<String> refused = new LinkedHashSet<>(1);

    StompSubscription(
            Stomp stomp,
            String id,
            String destination,
            AckMode ackMode,
            Map<String, String> headers,
            @Nullable ResumeAfter resumeAfter,
            StompListener listener) {
        this.stomp = stomp;
        this.id = id;
        this.destination = destination;
        this.ackMode = ackMode;
        this.headers = headers;
        this.resumeAfter = resumeAfter;
        this.listener = listener;
        this.acknowledgements = new Acknowledgements(ackMode);
    }

    /** {@return the destination} */
    public String destination() {
        return destination;
    }

    /** {@return how its messages are acknowledged} */
    public AckMode ackMode() {
        return ackMode;
    }

    /** {@return whether it was closed} */
    public boolean isClosed() {
        return closed.get();
    }

    /**
     * Ends the subscription, on the broker behind the acknowledgements that were sent before. Its listener is not called for
     * messages that come later; those without an acknowledgement stay with the broker. With a {@link ResumeAfter#storeName} a call
     * that another thread is just beginning may still run. Has no effect on a second call.
     */
    @Override
    public void close() {
        close(Collections.emptyMap());
    }

    /**
     * Ends the subscription with more headers in UNSUBSCRIBE, as brokers want for a durable one, which they keep without a
     * connection. UNSUBSCRIBE asks for a receipt. Until that has come, it goes out again on each new connection, behind another
     * SUBSCRIBE, unless the application has meanwhile made a subscription that may be the same one on the broker: that one could lose
     * what the broker has kept for it. If both have a header {@code x-queue-name}, {@code durable-subscription-name}, {@code
     * durable-subscriber-name} or {@code activemq.subscriptionName}, they are the same if its values are equal. Otherwise they may be
     * the same if they have the same destination, or share a header whose value is neither a number nor {@code true} or {@code false}.
     *
     * <p>Without a receipt in time ({@link StompBuilder#receiptTimeout}), on five connections, or before such a subscription, it may
     * still be on the broker, and also if the broker answers with an ERROR that names the receipt, after which UNSUBSCRIBE does not go out
     * again. That is reported as an exception of a listener is, unless {@linkplain StompBuilder#receipts receipts} are off.
     * Acknowledgements that still wait in the queue are not sent.
     *
     * <p>Without headers, or on a client that is closing, it does as {@link #close()}.
     *
     * @param newHeaders the headers
     * @throws IllegalArgumentException if a header can't be sent
     */
    public void close(Map<String, String> newHeaders) {
        Map<String, String> copy = Stomp.checked(newHeaders, "id");
        if (!closed.compareAndSet(false, true)) return;
        if (copy.isEmpty() || stomp.isClosing()) {
            endHeaders = copy;
            stomp.unsubscribe(id);
        } else {
            DurableEnd end = new DurableEnd(stomp, this, copy);
            durableEnd = end;
            stomp.unsubscribe(end);
        }
    }

    String id() {
        return id;
    }

    private @Nullable String storeName() {
        return resumeAfter == null ? null : resumeAfter.storeName();
    }

    /** Records that the application has made another subscription after this one. */
    void followedBy(StompSubscription newer) {
        DurableEnd end = durableEnd;
        if (end != null && DurableEnd.mayBeSame(destination, headers, newer.destination, newer.headers))
            end.overtaken();
    }

    // ---- the machine's side ----

    Subscription forMachine() {
        return new Subscription() {
            @Override
            public String name() {
                return id;
            }

            @Override
            public @Nullable String storeName() {
                return StompSubscription.this.storeName();
            }

            @Override
            public boolean isOver() {
                return isClosed();
            }

            @Override
            public Packet start(@Nullable String cursor) {
                connection = stomp.connection();
                Map<String, String> more =
                        resumeAfter == null || cursor == null ? Collections.emptyMap() : resumeAfter.headers(cursor);
                return Packet.of(subscribe(more, ackMode), Collections.emptyList(), null);
            }

            /** Puts UNSUBSCRIBE into the queue, behind the acknowledgements that wait there. */
            @Override
            public @Nullable Packet end() {
                long from = connection;
                DurableEnd durable = durableEnd;
                if (durable != null) {
                    durable.subscribedOn(from);
                    connection = 0;
                    return null;
                }
                Map<String, String> all = new LinkedHashMap<>(endHeaders);
                all.put("id", id);
                Packet packet = Packet.of(Frame.text("UNSUBSCRIBE", all), Collections.emptyList(), null);
                Delivery queued = stomp.reply(packet.validWhile(() -> leave(from)));
                if (queued.outcomeNow() == null) return null;
                // The queue takes nothing more: the acknowledgements that wait in it come too late, and end as
                // cancelled.
                connection = 0;
                return packet;
            }

            @Override
            public @Nullable Payload duplicate(Payload message) {
                Object content = message.content();
                if (ackMode == AckMode.AUTO || !(content instanceof Received)) return null;
                String ackId = ((Received) content).ackId();
                long from = ((Received) content).connection;
                if (ackId == null) return null;
                return Payload.callback(() -> {
                    if (!isClosed() && takeRefused((Received) content)) {
                        // Its position counts as handled already.
                        receive((Received) content, () -> {});
                    } else {
                        acknowledgeDuplicate(from, ackId);
                    }
                });
            }

            @Override
            public Payload unanswered() {
                throw new IllegalStateException("it asks for no answer");
            }

            @Override
            public Payload failed(Throwable thrown) {
                return Payload.callback(() -> {
                    close();
                    // The exception goes where those of listeners go.
                    throw new IllegalStateException(StompSubscription.this + " has ended", thrown);
                });
            }
        };
    }

    private String subscribe(Map<String, String> more, AckMode mode) {
        Map<String, String> all = new LinkedHashMap<>(headers);
        all.putAll(more);
        all.put("id", id);
        all.put("destination", destination);
        all.put("ack", mode.toString());
        return Frame.text("SUBSCRIBE", all);
    }

    /** Returns the SUBSCRIBE that goes before UNSUBSCRIBE. The broker must not take what it delivers in between as handled. */
    String subscribeToEnd() {
        return subscribe(Collections.emptyMap(), ackMode == AckMode.AUTO ? AckMode.CLIENT_INDIVIDUAL : ackMode);
    }

    /** Takes the subscription off a connection, as its UNSUBSCRIBE goes out. Returns false if it is not on that connection. */
    private boolean leave(long from) {
        if (!isOn(from)) return false;
        connection = 0;
        return true;
    }

    // ---- messages ----

    /** Returns the position of a message, null if it has none, or this subscription is closed. */
    @Nullable
    String cursor(Frame message) {
        String cursor = resumeAfter == null || isClosed() ? null : message.header(resumeAfter.header());
        return cursor == null || cursor.length() > StompProtocol.MAX_CURSOR ? null : cursor;
    }

    /** Returns whether the application says when it has handled a message whose position is stored. */
    boolean isHandledByHand() {
        return ackMode == AckMode.CLIENT_INDIVIDUAL && storeName() != null && !isClosed();
    }

    void receive(Received received, Runnable handled) {
        // With a store name the client has asked before. A second question would drop a message that counts as handled.
        if (isClosed() && storeName() == null) return;
        Acknowledgements.Place place = acknowledgements.received(received, handled);
        listener.onMessage(new StompMessage(received, place, this, stomp.codec()));
    }

    /** Acknowledges a message that the application does not receive again: the broker would deliver it for ever. */
    private void acknowledgeDuplicate(long from, String ackId) {
        if (isClosed() || !acknowledgements.mayAcknowledgeDuplicate(from, ackId)) return;
        Packet packet = answerPacket("ACK", ackId, from);
        stomp.replyAndReport(packet, "the acknowledgement of a duplicate");
    }

    /** Returns whether the server still knows a message of a connection. */
    boolean isOn(long ofMessage) {
        return connection == ofMessage && stomp.connection() == ofMessage;
    }

    /**
     * Records the newest answer of the application to a message. If a message that it has refused comes again, it is no
     * duplicate.
     */
    void answered(StompMessage message, boolean isRefused) {
        String position = resumeAfter == null ? null : message.header(resumeAfter.header());
        if (position == null || position.length() > StompProtocol.MAX_CURSOR) return;
        lock.lock();
        try {
            refused.remove(position);
            if (isRefused) refused.add(position);
            if (refused.size() > MAX_REFUSED) refused.remove(refused.iterator().next());
        } finally {
            lock.unlock();
        }
    }

    private boolean takeRefused(Received received) {
        String position = resumeAfter == null ? null : received.frame.header(resumeAfter.header());
        lock.lock();
        try {
            return position != null && refused.remove(position);
        } finally {
            lock.unlock();
        }
    }

    Delivery answer(String command, StompMessage message) {
        Acknowledgements.Claim claim = claim(message);
        answered(message, command.equals("NACK"));
        Delivery delivery = stomp.reply(answerPacket(command, claim.ackId, claim.connection));
        claim.sentWith(delivery);
        // Whatever becomes of the acknowledgement.
        claim.handled();
        return delivery;
    }

    private Packet answerPacket(String command, String ackId, long on) {
        String frame = answerFrame(command, ackId, Collections.emptyMap());
        return Packet.of(frame, Collections.emptyList(), null).validWhile(() -> isOn(on));
    }

    static String answerFrame(String command, String ackId, Map<String, String> headers) {
        Map<String, String> all = new LinkedHashMap<>(headers);
        all.put("id", ackId);
        return Frame.text(command, all);
    }

    Acknowledgements.Claim claim(StompMessage message) {
        return acknowledgements.claim(message.place);
    }

    /** Returns the destination and the mode. */
    @Override
    public String toString() {
        return "subscription of " + destination + ", " + ackMode;
    }
}

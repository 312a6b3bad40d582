package dev.holdfast.stomp;

import dev.holdfast.ClientState;
import dev.holdfast.CloseReason;
import dev.holdfast.ConnectionFailure;
import dev.holdfast.Delivery;
import dev.holdfast.HoldfastClient;
import dev.holdfast.Message;
import dev.holdfast.Metrics;
import dev.holdfast.PayloadCodec;
import dev.holdfast.SendOptions;
import dev.holdfast.internal.protocols.Listeners;
import dev.holdfast.internal.protocols.Replies;
import dev.holdfast.internal.session.Packet;
import dev.holdfast.internal.session.Payload;
import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import okio.ByteString;
import org.jspecify.annotations.Nullable;

/**
 * A STOMP 1.2 client over WebSocket, for RabbitMQ, ActiveMQ, Spring and other brokers. It connects again by itself, makes its
 * subscriptions again, and tells of every message that it sends whether the broker has it. {@code docs/protocols.md} lists what
 * is recovered, and what may be lost or come twice.
 *
 * <pre>{@code
 * Stomp stomp = Stomp.builder("wss://example.com/ws").login("user", "passcode").build();
 * stomp.subscribe("/topic/prices", message -> show(message.text()));
 * stomp.connect();
 * stomp.send("/queue/orders", "hello").outcome().thenAccept(outcome -> log(outcome));
 * }</pre>
 *
 * <p>Listeners are called one at a time, in order, on the callback executor of the client. Safe from any thread.
 */
public final class Stomp implements AutoCloseable {
    private static final int MAX_SUBSCRIPTIONS = 1024;
    private static final Map<String, String> NO_HEADERS = Collections.emptyMap();

    /** The frames of a packet: a text or none, and bytes. */
    static final class Parts {
        final String text;
        final List<ByteString> binary;

        Parts(String text, List<ByteString> binary) {
            this.text = text;
            this.binary = binary;
        }
    }

    private final HoldfastClient client;
    private final StompProtocol protocol;
    private final Supplier<PayloadCodec> codec;

    private final Map<String, StompSubscription> subscriptions = new ConcurrentHashMap<>();
    private final List<Consumer<? super StompConnection>> connectListeners = new CopyOnWriteArrayList<>();
    private final List<Consumer<? super ConnectionFailure>> failureListeners = new CopyOnWriteArrayList<>();

    /** Confined to the callbacks. */
    private boolean everConnected;

    private volatile boolean closing;

    Stomp(StompBuilder builder) {
        this.protocol = new StompProtocol(builder);
        this.codec = builder.codec();
        protocol.subscriptions(subscriptions::get);
        this.client = builder.client(protocol)
                .onOpen((from, opening) -> opened())
                .onConnectionFailure((from, failure) -> failed(failure))
                .onMessage((from, message) -> received(message))
                .build();
    }

    /**
     * {@return a builder of a client}
     *
     * @param url the broker's endpoint, with the scheme {@code ws}, {@code wss}, {@code http} or {@code https}
     * @throws IllegalArgumentException if it is not such a URL
     */
    public static StompBuilder builder(String url) {
        return new StompBuilder(url);
    }

    // ---- connecting ----

    /** Connects, and connects again after a loss. It has no effect while the client is connected or about to be. */
    public void connect() {
        client.connect();
    }

    /** Disconnects until {@link #connect}. Subscriptions stay, and are made again then. To leave for good, use {@link #close}. */
    public void disconnect() {
        client.disconnect();
    }

    /** Ends the client once every message has its outcome, with DISCONNECT to the server. Does not wait. */
    @Override
    public void close() {
        closing = true;
        client.close();
    }

    /**
     * Closes like {@link #close()} and waits for the end, as {@link HoldfastClient#close(Duration)} does, also with its
     * exceptions: the client's threads do not keep a process alive.
     *
     * @param timeout the maximum time, more than zero
     * @return true if the client ended in order
     */
    public boolean close(Duration timeout) {
        boolean closedBefore = closing;
        closing = true;
        try {
            return client.close(timeout);
        } catch (RuntimeException e) {
            // This call has closed nothing.
            closing = closedBefore;
            throw e;
        }
    }

    /** {@return a future that completes on the callback executor when the client has ended} */
    public CompletableFuture<CloseReason> closed() {
        return client.closed();
    }

    /** {@return the current state; {@code OPEN} means connected} */
    public ClientState state() {
        return client.state();
    }

    /**
     * {@return a future of the receipts of the messages that earlier processes have left in the store} It completes on the callback
     * executor when the store is open, at once with none if there is no store, and fails with a {@link
     * dev.holdfast.StoreException} if it can't be opened.
     */
    public CompletableFuture<List<Delivery>> storeOpened() {
        return client.storeOpened();
    }

    /** {@return counters of connections and messages} */
    public Metrics metrics() {
        return client.metrics();
    }

    /** {@return the bytes that wait to be written} */
    public long bufferedAmount() {
        return client.bufferedAmount();
    }

    /**
     * Adds a listener of connections.
     *
     * @param listener called when the server has accepted a connection, before the messages of this connection
     */
    public void onConnect(Consumer<? super StompConnection> listener) {
        connectListeners.add(Objects.requireNonNull(listener, "listener"));
    }

    /**
     * Adds a listener of failures: a connection was lost, or an attempt to connect failed. The {@linkplain
     * ConnectionFailure#cause cause} is a {@link StompErrorException} if the server sent ERROR, and {@link
     * ConnectionFailure#willRetry} says whether another attempt follows.
     *
     * @param listener called with the failure
     */
    public void onFailure(Consumer<? super ConnectionFailure> listener) {
        failureListeners.add(Objects.requireNonNull(listener, "listener"));
    }

    // ---- subscriptions ----

    /**
     * Subscribes to a destination, with {@link AckMode#AUTO}.
     *
     * @param destination the destination, whose form is the broker's affair
     * @param listener called for each message
     * @return the subscription, which is made again on each connection until it is closed
     * @throws IllegalStateException if there are 1,024 subscriptions, or the client is closed
     */
    public StompSubscription subscribe(String destination, StompListener listener) {
        return subscribe(destination, AckMode.AUTO, NO_HEADERS, listener);
    }

    /**
     * Subscribes to a destination with headers, such as {@code selector}, {@code prefetch-count}, or the name of a durable
     * subscription. Otherwise as {@link #subscribe(String, StompListener)}.
     *
     * @param destination the destination
     * @param ackMode how its messages are acknowledged
     * @param headers more headers of SUBSCRIBE; not {@code id}, {@code destination}, {@code ack} and {@code receipt}
     * @param listener called for each message
     * @return the subscription
     * @throws IllegalArgumentException if a header can't be sent, or belongs to the client
     */
    public StompSubscription subscribe(
            String destination, AckMode ackMode, Map<String, String> headers, StompListener listener) {
        return subscribe(destination, ackMode, headers, null, listener);
    }

    /**
     * Subscribes to a destination that has a history, such as a stream of RabbitMQ. On each new connection the subscription goes
     * on after its last message. Otherwise as {@link #subscribe(String, AckMode, Map, StompListener)}.
     *
     * @param destination the destination
     * @param ackMode how its messages are acknowledged
     * @param headers more headers of SUBSCRIBE
     * @param resumeAfter how the subscription goes on after a message; null to begin with the present each time
     * @param listener called for each message; one that has the position of one of the last 256 is dropped
     * @return the subscription
     * @throws IllegalArgumentException also if it has a {@link ResumeAfter#storeName} and {@link AckMode#CLIENT}
     */
    public StompSubscription subscribe(
            String destination,
            AckMode ackMode,
            Map<String, String> headers,
            @Nullable ResumeAfter resumeAfter,
            StompListener listener) {
        Objects.requireNonNull(destination, "destination");
        Objects.requireNonNull(ackMode, "ackMode");
        Objects.requireNonNull(listener, "listener");
        Map<String, String> copy = checked(headers, "id", "destination", "ack");
        boolean stored = resumeAfter != null && resumeAfter.storeName() != null;
        if (stored && ackMode == AckMode.CLIENT) {
            throw new IllegalArgumentException("storeName needs AckMode.AUTO or CLIENT_INDIVIDUAL, but was CLIENT: an"
                    + " acknowledgement there covers messages that the application may not have handled");
        }
        if (subscriptions.size() >= MAX_SUBSCRIPTIONS) {
            throw new IllegalStateException("there are " + MAX_SUBSCRIPTIONS + " subscriptions already");
        }
        String id = "sub-" + protocol.nextId();
        StompSubscription subscription =
                new StompSubscription(this, id, destination, ackMode, copy, resumeAfter, listener);
        for (StompSubscription earlier : subscriptions.values()) earlier.followedBy(subscription);
        subscriptions.put(id, subscription);
        protocol.subscribe(subscription.forMachine());
        ClientState state = state();
        if (closing || state == ClientState.CLOSING || state == ClientState.CLOSED) {
            subscription.close();
            throw new IllegalStateException("the client is closed");
        }
        return subscription;
    }

    void unsubscribe(String id) {
        forget(id);
        protocol.unsubscribe(id);
    }

    /** Ends a subscription that counts until the broker has confirmed its end. */
    void unsubscribe(DurableEnd end) {
        protocol.unsubscribe(end);
    }

    void forget(String id) {
        subscriptions.remove(id);
    }

    /** Forgets a subscription whose end is over. */
    void forget(DurableEnd end) {
        forget(end.name());
        protocol.forget(end);
    }

    // ---- sending ----

    /**
     * Sends a message. While the client is not connected it waits in the queue.
     *
     * <p>The outcome is {@link dev.holdfast.Outcome.Kind#ACKNOWLEDGED} when the broker's receipt has come. It is {@link
     * dev.holdfast.Outcome.Kind#UNKNOWN} if the connection is lost before, or the receipt does not come in time, and no retry is
     * left: the broker may or may not have the message. See {@link StompBuilder#receipts} and {@link StompBuilder#retries}. With a
     * store, {@link Delivery#stored} says when the message survives the process.
     *
     * @param destination where the message goes
     * @param body null for none; text; {@code byte[]}, {@link ByteString} or {@link java.nio.ByteBuffer}; or an object that the
     *     codec writes as JSON. Bytes, and text with a NUL, have a {@code content-length}; other text has none
     * @return the receipt of the message
     * @throws dev.holdfast.PayloadException if the body can't be written
     */
    public Delivery send(String destination, @Nullable Object body) {
        return send(destination, body, NO_HEADERS);
    }

    /**
     * Sends a message with headers. Otherwise as {@link #send(String, Object)}.
     *
     * @param destination where the message goes
     * @param body the body
     * @param headers more headers; not {@code destination}, {@code receipt}, {@code content-length} and {@code transaction}
     * @return the receipt of the message
     * @throws IllegalArgumentException if a header can't be sent, or belongs to the client
     */
    public Delivery send(String destination, @Nullable Object body, Map<String, String> headers) {
        return send(destination, body, headers, SendOptions.defaults());
    }

    /**
     * Sends a message with headers and options. Otherwise as {@link #send(String, Object, Map)}.
     *
     * @param destination where the message goes
     * @param body the body
     * @param headers more headers
     * @param options priority, expiry and conflation in the queue; an idempotency key has no effect
     * @return the receipt of the message
     */
    public Delivery send(String destination, @Nullable Object body, Map<String, String> headers, SendOptions options) {
        Objects.requireNonNull(destination, "destination");
        Map<String, String> copy = checkedSend(headers);
        return client.send(Payload.packet(protocol.send(destination, copy, Body.of(body, codec))), options);
    }

    /**
     * {@return a new transaction}
     */
    public StompTransaction begin() {
        return new StompTransaction(this, "tx-" + protocol.nextId());
    }

    /** Makes the packet of a transaction, which no store keeps. */
    Packet packet(boolean once, Function<Map<String, String>, Parts> parts) {
        return protocol.packet(once, null, parts);
    }

    Delivery send(Packet packet) {
        return client.send(Payload.packet(packet), SendOptions.defaults());
    }

    /** Sends a frame that follows from a message of the broker. It never blocks. */
    Delivery reply(Packet packet) {
        return Replies.send(client, packet);
    }

    void replyAndReport(Packet packet, String what) {
        Replies.sendAndReport(client, packet, what);
    }

    /** Checks headers that the application gives, and copies them. */
    static Map<String, String> checked(Map<String, String> headers, String... reserved) {
        if (headers.isEmpty()) return NO_HEADERS;
        Map<String, String> copy = new LinkedHashMap<>(headers);
        Frame.check(copy, true);
        for (String name : reserved) refuse(copy, name);
        refuse(copy, "receipt");
        return Collections.unmodifiableMap(copy);
    }

    static Map<String, String> checkedSend(Map<String, String> headers) {
        return checked(headers, "destination", "content-length", "transaction");
    }

    private static void refuse(Map<String, String> headers, String name) {
        if (headers.containsKey(name)) throw new IllegalArgumentException("the client sets the header " + name);
    }

    boolean isClosing() {
        return closing;
    }

    long nextId() {
        return protocol.nextId();
    }

    boolean asksForReceipts() {
        return protocol.asksForReceipts();
    }

    long receiptTimeoutNanos() {
        return protocol.receiptTimeoutNanos();
    }

    long connection() {
        return protocol.connection();
    }

    Supplier<PayloadCodec> codec() {
        return codec;
    }

    // ---- the client's callbacks ----

    private void received(Message message) {
        Object content = message.read(Payload.class).content();
        if (content instanceof Runnable) ((Runnable) content).run();
    }

    private void opened() {
        StompConnection connection = new StompConnection(protocol.connected(), !everConnected);
        everConnected = true;
        Listeners.each(connectListeners, listener -> listener.accept(connection));
    }

    private void failed(ConnectionFailure failure) {
        Listeners.each(failureListeners, listener -> listener.accept(failure));
    }

    /** Returns the state and the number of subscriptions. */
    @Override
    public String toString() {
        return "Stomp(" + client.state() + ", " + subscriptions.size() + " subscriptions)";
    }
}

package dev.holdfast.graphql;

import dev.holdfast.ClientState;
import dev.holdfast.CloseReason;
import dev.holdfast.Delivery;
import dev.holdfast.HoldfastClient;
import dev.holdfast.Message;
import dev.holdfast.Metrics;
import dev.holdfast.Outcome;
import dev.holdfast.SendOptions;
import dev.holdfast.internal.protocols.Replies;
import dev.holdfast.internal.session.Packet;
import dev.holdfast.internal.session.Payload;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A GraphQL client over WebSocket, for servers that speak {@code graphql-transport-ws}: queries, mutations and subscriptions. It
 * connects again by itself and begins subscriptions again. With {@link CatchUp} a subscription gets what it missed. {@code
 * docs/protocols.md} lists what is recovered, and what may be lost or come twice.
 *
 * <pre>{@code
 * GraphQl client = GraphQl.builder("wss://example.com/graphql").build();
 * client.connect();
 * client.execute(Operation.of("query { version }").repeatable())
 *         .thenAccept(result -> show(result.read("version", String.class)));
 * client.subscribe(
 *         Operation.of("subscription ($after: ID) { messageAdded(after: $after) { id text } }"),
 *         CatchUp.jsonPointer("/data/messageAdded/id").variables(id -> Map.of("after", id)),
 *         result -> show(result.read("messageAdded", ChatMessage.class)));
 * }</pre>
 *
 * <p>Listeners and futures are called one at a time, in order, on the callback executor of the client. Safe from any thread.
 */
public final class GraphQl implements AutoCloseable {
    private final HoldfastClient client;
    private final GraphQlProtocol protocol;
    private final Duration timeout;
    private final Consumer<? super ConnectionAck> onConnect;

    private final AtomicLong ids = new AtomicLong();
    /** The futures of results, by the number in the id of the operation. Each is removed when it completes. */
    private final Map<Long, CompletableFuture<Result>> results = new ConcurrentHashMap<>();

    /** Whether a connection has opened whose acknowledgement was not reported. Confined to the callbacks. */
    private boolean opened;

    GraphQl(GraphQlBuilder builder) {
        this.protocol = builder.protocol();
        this.timeout = builder.timeout;
        this.onConnect = builder.onConnect;
        this.client = builder.client(protocol)
                .onState((from, state) -> builder.onState.accept(state))
                .onConnectionFailure((from, failure) -> builder.onConnectionFailure.accept(failure))
                .onOpen((from, opening) -> opened = true)
                .onMessage((from, message) -> received(message))
                .onClosed((from, reason) -> closed(reason))
                .build();
    }

    /**
     * {@return a builder of a client}
     *
     * @param url the server, with the scheme {@code ws}, {@code wss}, {@code http} or {@code https}
     * @throws IllegalArgumentException if it is not such a URL
     */
    public static GraphQlBuilder builder(String url) {
        return new GraphQlBuilder(url);
    }

    // ---- connecting ----

    /** Connects, and connects again after a loss. It has no effect while the client is connected or about to be. */
    public void connect() {
        client.connect();
    }

    /** Disconnects until {@link #connect}. Subscriptions are begun again then. */
    public void disconnect() {
        client.disconnect();
    }

    /**
     * Ends the client when every query and mutation that it has accepted has its result or its failure. Subscriptions end with
     * {@link SubscriptionListener#onError}, unless they were closed before. Does not wait.
     */
    @Override
    public void close() {
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
        return client.close(timeout);
    }

    /**
     * {@return a future that completes on the callback executor when the client has ended}
     */
    public CompletableFuture<CloseReason> closed() {
        return client.closed();
    }

    /** {@return whether the server has acknowledged the current connection} */
    public boolean isConnected() {
        return client.state() == ClientState.OPEN;
    }

    /** {@return the current state} */
    public ClientState state() {
        return client.state();
    }

    /** {@return counters of connections and messages} */
    public Metrics metrics() {
        return client.metrics();
    }

    /** {@return the bytes that wait to be written} */
    public long bufferedAmount() {
        return client.bufferedAmount();
    }

    // ---- operations ----

    /**
     * Executes a query or a mutation. While the client is not connected it waits in the queue.
     *
     * <p>To cancel it, cancel the future: the operation leaves the queue, or the server is told that nobody waits for its result.
     * The server may have executed it by then.
     *
     * @param operation the operation
     * @return a future of the result, which completes on the callback executor. It fails with an {@link OperationException} if the
     *     server answers with errors instead of a result; and with a {@link NoResultException} if the result does not come within
     *     the time limit, or if the connection is lost before and the operation is not {@linkplain Operation#repeatable
     *     repeatable}
     * @throws dev.holdfast.PayloadException if a variable cannot be written
     */
    public CompletableFuture<Result> execute(Operation operation) {
        long number = ids.incrementAndGet();
        String id = GraphQlProtocol.CALL + Long.toString(number);
        Duration own = operation.timeout();
        Duration limit = own == null ? timeout : own;
        Packet packet = Packet.request(
                operation.message(id, protocol.codec), number, operation.isRepeatable(), limit.toNanos());
        CompletableFuture<Result> result = new CompletableFuture<>();
        results.put(number, result);
        Delivery delivery = client.send(Payload.packet(packet), SendOptions.expiringAfter(limit));
        follow(number, id, result, delivery);
        return result;
    }

    @SuppressWarnings("FutureReturnValueIgnored") // They complete the result.
    private void follow(long number, String id, CompletableFuture<Result> result, Delivery delivery) {
        result.whenComplete((value, failure) -> {
            results.remove(number);
            // The caller has cancelled it.
            if (delivery.outcomeNow() == null && !delivery.cancel()) {
                protocol.abandon(number);
                complete(id);
            }
        });
        delivery.outcome().thenAccept(outcome -> {
            if (outcome.isSuccess()) return;
            boolean late = outcome.reason() == Outcome.Reason.NOT_ACKNOWLEDGED;
            if (result.completeExceptionally(new NoResultException(outcome)) && late) complete(id);
        });
    }

    /** Tells the server of this connection that the client no longer waits for an operation. */
    private void complete(String id) {
        if (!isConnected()) return;
        long connection = protocol.connection();
        Packet packet = Packet.of(GraphQlProtocol.complete(id), Collections.emptyList(), null)
                .validWhile(() -> protocol.connection() == connection);
        Replies.sendAndReport(client, packet, "complete");
    }

    /**
     * Begins a subscription without catching up: what the server sends while the client is not connected is lost, and {@link
     * SubscriptionListener#onGap} reports that it may be.
     *
     * @param operation the subscription
     * @param listener receives the results
     * @return the subscription, which goes on until it is closed, fails, or is completed by the server
     * @throws dev.holdfast.PayloadException if a variable cannot be written
     * @throws IllegalStateException if the client has ended
     */
    public GraphQlSubscription subscribe(Operation operation, SubscriptionListener listener) {
        return subscribe(operation, listener, null);
    }

    /**
     * Begins a subscription that catches up: on a new connection it asks for what came after the last result.
     *
     * @param operation the subscription
     * @param catchUp where results have their ids, and how to ask
     * @param listener receives the results
     * @return the subscription, which goes on until it is closed, fails, or is completed by the server
     * @throws dev.holdfast.PayloadException if a variable cannot be written
     * @throws IllegalStateException if the client has ended
     */
    public GraphQlSubscription subscribe(Operation operation, CatchUp catchUp, SubscriptionListener listener) {
        return subscribe(operation, listener, Objects.requireNonNull(catchUp, "catchUp"));
    }

    private GraphQlSubscription subscribe(
            Operation operation, SubscriptionListener listener, @Nullable CatchUp catchUp) {
        Objects.requireNonNull(listener, "listener");
        String name = GraphQlProtocol.SUBSCRIPTION + Long.toString(ids.incrementAndGet());
        // A variable that can't be written is the caller's fault, and reported here.
        String unused = operation.message(name, protocol.codec);
        ActiveSubscription subscription =
                new ActiveSubscription(name, operation, catchUp, listener, protocol, protocol.codec);
        protocol.subscribe(subscription);
        if (client.state() == ClientState.CLOSED && subscription.finish()) {
            throw new IllegalStateException("the client has ended");
        }
        return new GraphQlSubscription(subscription, protocol);
    }

    // ---- the client's callbacks ----

    private void received(Message message) {
        Object content = message.read(Payload.class).content();
        if (content instanceof Received) ((Received) content).tell(this);
    }

    void acknowledged(ConnectionAck ack) {
        // The connection may have been closed before it was open.
        if (!opened) return;
        opened = false;
        List<Runnable> calls = new ArrayList<>();
        for (ActiveSubscription subscription : protocol.subscriptions()) {
            calls.add(() -> subscription.onConnected(ack.connection()));
        }
        calls.add(() -> onConnect.accept(ack));
        all(calls);
    }

    void answered(long number, IncomingMessage answer) {
        CompletableFuture<Result> result = results.get(number);
        if (result == null) return;
        Result value = answer.result;
        if (value != null && !value.hasNext()) {
            result.complete(value);
        } else if (value != null) {
            complete(answer.id);
            result.completeExceptionally(new OperationException(
                    "the server delivers the result in parts: subscribe to the operation", null));
        } else if (answer.errors.isEmpty()) {
            result.completeExceptionally(new OperationException("the server completed it without a result", null));
        } else {
            result.completeExceptionally(new OperationException(answer.errors));
        }
    }

    private void closed(CloseReason reason) {
        List<Runnable> calls = new ArrayList<>();
        for (ActiveSubscription subscription : protocol.subscriptions()) {
            calls.add(() -> subscription.onClosed(reason.toString()));
        }
        all(calls);
    }

    /** Makes all calls of listeners, whatever one of them throws. The first exception goes on to the caller, which reports it. */
    private static void all(List<Runnable> calls) {
        Throwable thrown = null;
        for (Runnable call : calls) {
            try {
                call.run();
            } catch (RuntimeException | Error e) {
                if (thrown == null) {
                    thrown = e;
                } else if (thrown != e) {
                    thrown.addSuppressed(e);
                }
            }
        }
        if (thrown instanceof Error) throw (Error) thrown;
        if (thrown != null) throw (RuntimeException) thrown;
    }

    /** Returns the state. */
    @Override
    public String toString() {
        return "GraphQl(" + client.state() + ")";
    }
}

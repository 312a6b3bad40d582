package dev.holdfast.jsonrpc;

import dev.holdfast.ClientState;
import dev.holdfast.CloseReason;
import dev.holdfast.ConnectionFailure;
import dev.holdfast.Delivery;
import dev.holdfast.HoldfastClient;
import dev.holdfast.Message;
import dev.holdfast.Metrics;
import dev.holdfast.Outcome;
import dev.holdfast.PayloadCodec;
import dev.holdfast.SendOptions;
import dev.holdfast.internal.protocols.Json;
import dev.holdfast.internal.protocols.Listeners;
import dev.holdfast.internal.protocols.Replies;
import dev.holdfast.internal.session.Packet;
import dev.holdfast.internal.session.Payload;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A JSON-RPC 2.0 client over WebSocket. It connects again by itself, sends calls that may be repeated again, and begins
 * subscriptions again. {@code docs/protocols.md} lists what is recovered, and what may be lost or come twice.
 *
 * <pre>{@code
 * JsonRpc rpc = JsonRpc.builder("wss://example.com").build();
 * rpc.connect();
 * rpc.call("eth_blockNumber").thenAccept(number -> show(number.text()));
 * rpc.call(Call.of("eth_getBalance", address, "latest").repeatable());
 * rpc.subscribe(SubscriptionCall.ethereum("newHeads"), head -> show(head.json()));
 * }</pre>
 *
 * <p>Listeners, handlers and futures are called one at a time, in order, on the callback executor of the client. Safe from any
 * thread.
 */
public final class JsonRpc implements AutoCloseable {
    private final HoldfastClient client;
    private final JsonRpcProtocol protocol;
    private final Supplier<PayloadCodec> codec;
    private final Duration callTimeout;
    private final Feeds feeds;
    private final Requests requests;

    private final Map<String, List<Consumer<? super JsonValue>>> notifications = new ConcurrentHashMap<>();
    private final List<Runnable> openListeners = new CopyOnWriteArrayList<>();
    private final List<Consumer<? super ConnectionFailure>> failureListeners = new CopyOnWriteArrayList<>();
    private final List<Consumer<? super JsonRpcErrorException>> errorListeners = new CopyOnWriteArrayList<>();

    /** The futures of answers, by the id of the call. Each is removed when it completes. */
    private final Map<Long, CompletableFuture<JsonValue>> answers = new ConcurrentHashMap<>();

    JsonRpc(JsonRpcBuilder builder) {
        this.protocol = builder.protocol();
        this.codec = builder.codec();
        this.callTimeout = builder.callTimeout;
        this.feeds = new Feeds(this, protocol);
        this.requests = new Requests(this, protocol);
        this.client = builder.client(protocol)
                .onOpen((from, opening) -> Listeners.each(openListeners, Runnable::run))
                .onConnectionFailure(
                        (from, failure) -> Listeners.each(failureListeners, listener -> listener.accept(failure)))
                .onMessage((from, message) -> received(message))
                .onClosed((from, reason) -> feeds.ended())
                .build();
    }

    /**
     * {@return a builder of a client}
     *
     * @param url the server, with the scheme {@code ws}, {@code wss}, {@code http} or {@code https}
     * @throws IllegalArgumentException if it is not such a URL
     */
    public static JsonRpcBuilder builder(String url) {
        return new JsonRpcBuilder(url);
    }

    // ---- connecting ----

    /** Connects, and connects again after a loss. It has no effect while the client is connected or about to be. */
    public void connect() {
        client.connect();
    }

    /** Disconnects until {@link #connect}. Subscriptions stay, and begin again then. */
    public void disconnect() {
        client.disconnect();
    }

    /** Ends the client once every call has its answer or its time is up, at the latest after the close timeout. Does not wait. */
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

    /** {@return a future that completes on the callback executor when the client has ended} */
    public CompletableFuture<CloseReason> closed() {
        return client.closed();
    }

    /** {@return the current state} */
    public ClientState state() {
        return client.state();
    }

    /**
     * {@return a future of the receipts of the notifications that earlier processes have left in the store} It completes on the
     * callback executor when the store is open, at once with none if there is no store, and fails with a {@link
     * dev.holdfast.StoreException} if it can't be opened.
     */
    public CompletableFuture<List<Delivery>> storeOpened() {
        return client.storeOpened();
    }

    /** {@return counters of connections and messages} */
    public Metrics metrics() {
        return client.metrics();
    }

    /**
     * Adds a listener of connections.
     *
     * @param listener called when a connection is open
     */
    public void onOpen(Runnable listener) {
        openListeners.add(Objects.requireNonNull(listener, "listener"));
    }

    /**
     * Adds a listener of attempts that failed and of connections that were lost.
     *
     * @param listener called with the failure, which says whether another attempt follows
     */
    public void onConnectionFailure(Consumer<? super ConnectionFailure> listener) {
        failureListeners.add(Objects.requireNonNull(listener, "listener"));
    }

    // ---- calls ----

    /**
     * Calls a method. While the client is not connected the call waits in the queue.
     *
     * @param method the name of the method
     * @param params the parameters by position, see {@link Call#of}
     * @return a future of the result, as {@link #call(Call)}
     */
    public CompletableFuture<JsonValue> call(String method, @Nullable Object... params) {
        return call(Call.of(method, params));
    }

    /**
     * Calls a method.
     *
     * @param call the method, its parameters and settings
     * @return a future of the result. It fails with a {@link JsonRpcErrorException} if the server answers with an error, and with a
     *     {@link NoAnswerException} if there is no answer. If the application cancels or completes it, the call is taken back if it
     *     still waits, and otherwise not sent again; its answer is dropped
     * @throws dev.holdfast.PayloadException if a parameter cannot be written
     */
    public CompletableFuture<JsonValue> call(Call call) {
        return send(Collections.singletonList(call), false, false).get(0);
    }

    /** Makes a call that the client needs for itself, in a callback: it does not wait for room in the queue. */
    CompletableFuture<JsonValue> ownCall(Call call) {
        return send(Collections.singletonList(call), false, true).get(0);
    }

    /**
     * Makes several calls in one message. The batch has the longest time limit of its calls and the queue options of the first, and
     * is sent again if all of them are {@linkplain Call#repeatable repeatable}.
     *
     * @param calls at least one
     * @return a future of each result, in the order of the calls, as {@link #call(Call)}
     */
    public List<CompletableFuture<JsonValue>> batch(Call... calls) {
        if (calls.length == 0) throw new IllegalArgumentException("a batch must have at least one call");
        return send(Arrays.asList(calls.clone()), true, false);
    }

    /**
     * Sends a notification, which the server does not answer.
     *
     * @param method the name of the method
     * @param params the parameters by position, see {@link Call#of}
     * @return the receipt, which ends when a socket has taken the notification. With a store, {@link Delivery#stored} says when it
     *     survives the process
     * @throws dev.holdfast.PayloadException if a parameter cannot be written
     */
    public Delivery notify(String method, @Nullable Object... params) {
        return notify(Call.of(method, params));
    }

    /**
     * Sends a notification with options for the queue, or with parameters by name. Otherwise as {@link #notify(String, Object...)}.
     *
     * @param call the method, its parameters and options; its time limit has no effect
     * @return the receipt
     */
    public Delivery notify(Call call) {
        return send(JsonRpcProtocol.notification(text(call, null)), call.options);
    }

    private List<CompletableFuture<JsonValue>> send(List<Call> calls, boolean batch, boolean own) {
        List<Long> ids = new ArrayList<>();
        List<String> texts = new ArrayList<>();
        Duration timeout = timeout(calls.get(0));
        boolean repeatable = true;
        for (Call call : calls) {
            long id = protocol.nextId();
            ids.add(id);
            texts.add(text(call, id));
            if (timeout(call).compareTo(timeout) > 0) timeout = timeout(call);
            repeatable &= call.repeatable;
        }
        long first = ids.get(0);
        String text = batch ? '[' + String.join(",", texts) + ']' : texts.get(0);
        Packet packet = Packet.request(text, first, repeatable, timeout.toNanos());
        SendOptions options = calls.get(0).options;
        if (options.expiry() == null) options = options.withExpiry(timeout);
        List<CompletableFuture<JsonValue>> futures = new ArrayList<>();
        for (long id : ids) {
            CompletableFuture<JsonValue> future = new CompletableFuture<>();
            futures.add(future);
            answers.put(id, future);
            if (batch) protocol.joinBatch(id, ids);
        }
        Delivery delivery;
        try {
            delivery = send(own ? packet.asReply() : packet, options);
        } catch (RuntimeException e) {
            for (long id : ids) forget(id);
            throw e;
        }
        follow(ids, futures, delivery);
        return Collections.unmodifiableList(futures);
    }

    @SuppressWarnings("FutureReturnValueIgnored") // Nothing follows.
    private void follow(List<Long> ids, List<CompletableFuture<JsonValue>> futures, Delivery delivery) {
        for (int i = 0; i < ids.size(); i++) {
            long id = ids.get(i);
            futures.get(i).whenComplete((result, failure) -> {
                forget(id);
                boolean unwanted = futures.stream().allMatch(CompletableFuture::isDone);
                // The application has completed it.
                if (unwanted && delivery.outcomeNow() == null && !delivery.cancel()) protocol.abandon(ids.get(0));
            });
        }
        delivery.outcome().thenAccept(outcome -> {
            if (outcome.isSuccess()) return;
            for (CompletableFuture<JsonValue> future : futures) {
                future.completeExceptionally(new NoAnswerException(outcome));
            }
        });
    }

    private void forget(long id) {
        answers.remove(id);
        protocol.leaveBatch(id);
    }

    private Duration timeout(Call call) {
        return call.timeout == null ? callTimeout : call.timeout;
    }

    long timeoutNanos(Call call) {
        return timeout(call).toNanos();
    }

    /** @param id null for a notification */
    private String text(Call call, @Nullable Long id) {
        return head(id) + body(call);
    }

    /** Returns the start of a request: a {@link #body} follows. */
    static String head(@Nullable Long id) {
        return "{\"jsonrpc\":\"2.0\"" + (id == null ? "" : ",\"id\":" + id);
    }

    String body(Call call) {
        String method = ",\"method\":" + Json.quoted(call.method);
        if (call.params == null) return method + '}';
        String params = json(call.params).trim();
        if (params.isEmpty() || (params.charAt(0) != '{' && params.charAt(0) != '[')) {
            throw new IllegalArgumentException("named parameters must be an object in JSON");
        }
        return method + ",\"params\":" + params + '}';
    }

    String json(@Nullable Object value) {
        return Json.of(value, codec, JsonValue::write);
    }

    JsonValue value(String json) {
        return new JsonValue(json, codec);
    }

    Delivery send(Packet packet, SendOptions options) {
        Object payload = Payload.packet(packet);
        return client.send(payload, options);
    }

    void reply(Packet packet, String what) {
        Replies.sendAndReport(client, packet, what);
    }

    // ---- from the server ----

    /**
     * Adds a listener of notifications. One that belongs to a subscription goes to the subscription alone.
     *
     * @param method the name of the method
     * @param listener called with the parameters: an array, an object, or JSON null if there are none
     */
    public void onNotification(String method, Consumer<? super JsonValue> listener) {
        Objects.requireNonNull(listener, "listener");
        notifications
                .computeIfAbsent(Objects.requireNonNull(method, "method"), name -> new CopyOnWriteArrayList<>())
                .add(listener);
    }

    /**
     * Sets what answers the server's requests of a method. Requests without a handler are answered with {@link
     * JsonRpcErrorException#METHOD_NOT_FOUND}. An answer is sent on the connection of its request, or not
     * at all. It never blocks; if there is no room for it, the thread's uncaught exception handler gets the report.
     *
     * @param method the name of the method
     * @param handler the handler, which replaces an earlier one
     */
    public void onRequest(String method, RequestHandler handler) {
        requests.handle(method, handler);
    }

    /**
     * Adds a listener of errors that belong to no call: the server could not read what the client sent.
     *
     * @param listener called with the error
     */
    public void onServerError(Consumer<? super JsonRpcErrorException> listener) {
        errorListeners.add(Objects.requireNonNull(listener, "listener"));
    }

    /**
     * Subscribes, now and on each connection.
     *
     * @param call the call that subscribes
     * @param listener receives the values
     * @return the subscription
     * @throws IllegalStateException if the client is closed
     * @throws IllegalArgumentException if it has a {@link SubscriptionCall#storeName} without a cursor and a backfill
     * @throws dev.holdfast.PayloadException if a parameter cannot be written
     */
    public RpcSubscription subscribe(SubscriptionCall call, SubscriptionListener listener) {
        Objects.requireNonNull(listener, "listener");
        call.check();
        RpcSubscription subscription = new RpcSubscription(this, protocol, feeds, call, listener);
        feeds.add(subscription);
        ClientState state = state();
        if (state == ClientState.CLOSING || state == ClientState.CLOSED) {
            subscription.close();
            throw new IllegalStateException("the client is closed");
        }
        return subscription;
    }

    private void received(Message message) {
        Object content = message.read(Payload.class).content();
        if (content instanceof Runnable) {
            ((Runnable) content).run();
        } else if (content instanceof Received) {
            received((Received) content);
        }
    }

    private void received(Received received) {
        feeds.from(received.connection);
        // A server must answer a batch with an array, so what an answer of another form leaves out has none.
        Set<Long> batch = protocol.batch(received.messages);
        Requests.Reply reply = requests.reply(received);
        Listeners.each(received.messages, message -> {
            if (message.isResponse()) {
                answered(message);
            } else if (message.requestId != null) {
                requests.received(message, reply);
            } else if (!feeds.received(message)) {
                notified(message);
            }
        });
        for (long id : batch) {
            CompletableFuture<JsonValue> left = answers.get(id);
            if (left != null)
                left.completeExceptionally(new NoAnswerException(Outcome.acknowledged("without an answer")));
        }
    }

    void notified(IncomingMessage message) {
        List<Consumer<? super JsonValue>> listeners = notifications.get(String.valueOf(message.method));
        if (listeners != null) Listeners.each(listeners, listener -> listener.accept(value(message.params)));
    }

    private void answered(IncomingMessage message) {
        if (feeds.answered(message)) return;
        CompletableFuture<JsonValue> answer = answers.get(message.id);
        if (message.result == null) {
            JsonRpcErrorException error = error(message);
            if (answer != null) answer.completeExceptionally(error);
            else if (message.id == IncomingMessage.NO_ID)
                Listeners.each(errorListeners, listener -> listener.accept(error));
        } else if (answer != null) {
            answer.complete(value(message.result));
        }
    }

    JsonRpcErrorException error(IncomingMessage message) {
        JsonValue data = message.errorData == null ? null : value(message.errorData);
        return new JsonRpcErrorException(message.errorCode, message.errorMessage, data);
    }

    /** Returns the state. */
    @Override
    public String toString() {
        return "JsonRpc(" + client.state() + ")";
    }
}

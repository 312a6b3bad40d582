package dev.holdfast.socketio;

import dev.holdfast.ClientState;
import dev.holdfast.CloseReason;
import dev.holdfast.ConnectionFailure;
import dev.holdfast.Delivery;
import dev.holdfast.HoldfastClient;
import dev.holdfast.Message;
import dev.holdfast.Metrics;
import dev.holdfast.Opening;
import dev.holdfast.PayloadCodec;
import dev.holdfast.SendOptions;
import dev.holdfast.internal.protocols.Listeners;
import dev.holdfast.internal.protocols.Replies;
import dev.holdfast.internal.session.Packet;
import dev.holdfast.internal.session.Payload;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.function.Supplier;
import okio.ByteString;
import org.jspecify.annotations.Nullable;

/**
 * A Socket.IO v4 client for one namespace of a server, over WebSocket. It connects again by itself, and recovers the session
 * where the server has {@code connectionStateRecovery}: the server then sends again what the client missed. {@link #onConnect}
 * tells whether it did. {@code docs/protocols.md} lists what is recovered, and what may be lost or come twice.
 *
 * <pre>{@code
 * SocketIo socket = SocketIo.builder("https://example.com").build();
 * socket.on("chat message", event -> show(event.text(0)));
 * socket.onConnect(recovery -> { if (recovery == Recovery.GAP) reload(); });
 * socket.connect();
 * socket.emit("chat message", "hello");
 * }</pre>
 *
 * <p>Listeners are called one at a time, in order, on the callback executor of the client. Safe from any thread.
 */
public final class SocketIo implements AutoCloseable {
    private final HoldfastClient client;
    private final SocketIoProtocol protocol;
    private final Supplier<PayloadCodec> codec;
    private final Emitter emitter;

    private final EventListeners listeners = new EventListeners();
    private final List<Consumer<? super Recovery>> connectListeners = new CopyOnWriteArrayList<>();
    private final List<Consumer<? super DisconnectReason>> disconnectListeners = new CopyOnWriteArrayList<>();
    private final List<Consumer<? super ConnectionFailure>> errorListeners = new CopyOnWriteArrayList<>();

    /** The futures of answers, by the id of the acknowledgement. Each is removed when it completes. */
    private final Map<Long, CompletableFuture<Arguments>> answers = new ConcurrentHashMap<>();

    /** As the listeners were told. Written by the callbacks only. */
    private volatile boolean connected;

    /** Confined to the callbacks, as the next one. */
    private boolean everConnected;

    private boolean gap;

    SocketIo(SocketIoBuilder builder) {
        this.protocol = builder.protocol();
        this.codec = builder.codec();
        this.emitter = new Emitter(this, builder.ackTimeoutNanos, builder.retries, SendOptions.defaults());
        this.client = builder.client(protocol)
                .onState((from, state) -> stateChanged(state))
                .onOpen((from, opening) -> opened(opening))
                .onSessionLost((from, loss) -> gap = true)
                .onConnectionFailure((from, failure) -> failed(failure))
                .onMessage((from, message) -> received(message))
                .build();
    }

    /**
     * {@return a builder of a client}
     *
     * @param url the server, with the scheme {@code http}, {@code https}, {@code ws} or {@code wss}; its path is the namespace
     * @throws IllegalArgumentException if it is not such a URL
     */
    public static SocketIoBuilder builder(String url) {
        return new SocketIoBuilder(url);
    }

    // ---- connecting ----

    /**
     * Connects, and connects again after a loss. It has no effect while the client is connected or about to be, nor after {@link
     * #close}.
     */
    public void connect() {
        client.connect();
    }

    /**
     * Disconnects until {@link #connect}. The server is not told to forget the session: within its time for recovery the client
     * gets what it misses. To leave for good, use {@link #close}.
     */
    public void disconnect() {
        client.disconnect();
    }

    /** Tells the server that the client leaves, once every event has its outcome, and ends the client. Does not wait. */
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

    /** {@return whether the client is connected to its namespace: from {@link #onConnect} to {@link #onDisconnect}} */
    public boolean isConnected() {
        return connected;
    }

    /** {@return the current state} */
    public ClientState state() {
        return client.state();
    }

    /** {@return the id of the socket on the server, null before the first connection} A recovered session keeps it. */
    public @Nullable String id() {
        return protocol.sid();
    }

    /**
     * {@return a future of the receipts of the events that earlier processes have left in the store} It completes on the callback
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

    // ---- listening ----

    /**
     * Adds a listener of an event.
     *
     * @param event the name of the event
     * @param listener called for each of these events
     */
    public void on(String event, EventListener listener) {
        listeners.add(event, listener);
    }

    /**
     * Adds a listener that is called for the next of these events only.
     *
     * @param event the name of the event
     * @param listener called once
     */
    public void once(String event, EventListener listener) {
        listeners.addOnce(event, listener);
    }

    /**
     * Removes a listener of an event; nothing happens if it is not there.
     *
     * @param event the name of the event
     * @param listener the listener, as it was given to {@link #on}
     */
    public void off(String event, EventListener listener) {
        listeners.remove(event, listener);
    }

    /**
     * Adds a listener of all events. It is called before those of one event.
     *
     * @param listener called for each event
     */
    public void onAny(EventListener listener) {
        listeners.addAny(listener);
    }

    /**
     * Adds a listener of connections. It comes after the events that a recovered session brings.
     *
     * @param listener called with what became of the events in between
     */
    public void onConnect(Consumer<? super Recovery> listener) {
        connectListeners.add(Objects.requireNonNull(listener, "listener"));
    }

    /**
     * Adds a listener of disconnections.
     *
     * @param listener called with the reason
     */
    public void onDisconnect(Consumer<? super DisconnectReason> listener) {
        disconnectListeners.add(Objects.requireNonNull(listener, "listener"));
    }

    /**
     * Adds a listener of attempts that failed: the server could not be reached, or refused the connection. The {@linkplain
     * ConnectionFailure#cause cause} is a {@link ConnectErrorException} if the server refused it, and {@link
     * ConnectionFailure#willRetry} says whether another attempt follows.
     *
     * @param listener called with the failure
     */
    public void onConnectError(Consumer<? super ConnectionFailure> listener) {
        errorListeners.add(Objects.requireNonNull(listener, "listener"));
    }

    // ---- emitting ----

    /**
     * Emits an event. While the client is not connected the event waits in the queue.
     *
     * @param event the name of the event
     * @param arguments null, text, numbers, booleans, {@code byte[]}, {@link ByteString}, {@link java.nio.ByteBuffer}, lists,
     *     arrays of objects and maps of these, and what the codec can write
     * @return the receipt. Without {@link SocketIoBuilder#retries} it ends when a socket has taken the event; with them, when
     *     the server has acknowledged it. With a store, {@link Delivery#stored} says when the event survives the process
     * @throws dev.holdfast.PayloadException if an argument cannot be written
     * @throws IllegalArgumentException if the name is one that Socket.IO reserves
     */
    public Delivery emit(String event, @Nullable Object... arguments) {
        return emitter.emit(event, arguments);
    }

    /**
     * Emits an event and asks for an acknowledgement.
     *
     * @param event the name of the event
     * @param arguments as in {@link #emit}
     * @return a future of the server's answer, which completes on the callback executor. It fails with an {@link AckException} if
     *     there is none: after {@link SocketIoBuilder#ackTimeout}, or because the connection was lost. If the application cancels
     *     or completes it, the event is taken back if it still waits, and otherwise not sent again; its answer is dropped
     */
    public CompletableFuture<Arguments> emitWithAck(String event, @Nullable Object... arguments) {
        return emitter.emitWithAck(event, arguments);
    }

    /**
     * Emits an event on the current connection only: it is dropped if there is none, or if the connection is lost before the
     * event goes out. In JavaScript this is {@code socket.volatile.emit}.
     *
     * @param event the name of the event
     * @param arguments as in {@link #emit}
     * @return false if the client is not connected, so that the event was dropped
     */
    public boolean emitVolatile(String event, @Nullable Object... arguments) {
        if (client.state() != ClientState.OPEN) return false;
        checkName(event);
        long connection = protocol.connection();
        send(packet(event, arguments, 0, 1, 0, null).validWhile(() -> protocol.connection() == connection));
        return true;
    }

    /**
     * {@return this socket with a time limit for acknowledgements} See {@link Emitter#timeout}.
     *
     * @param timeout more than zero
     */
    public Emitter timeout(Duration timeout) {
        return emitter.timeout(timeout);
    }

    /** {@return this socket as an emitter, whose settings can be changed} */
    public Emitter emitter() {
        return emitter;
    }

    Delivery emit(
            String event,
            @Nullable Object[] arguments,
            boolean acknowledged,
            long timeoutNanos,
            int retries,
            SendOptions options,
            @Nullable CompletableFuture<Arguments> answer) {
        checkName(event);
        // The future of an answer dies with the process, so nobody could have the answer in another one.
        Object content = answer == null ? protocol.storable : null;
        if (!acknowledged) return send(packet(event, arguments, 0, 1, 0, content), options);
        long ackId = protocol.nextAckId();
        if (answer != null) answers.put(ackId, answer);
        Delivery delivery;
        try {
            delivery = send(packet(event, arguments, ackId, 1 + retries, timeoutNanos, content), options);
        } catch (RuntimeException e) {
            answers.remove(ackId);
            throw e;
        }
        if (answer != null) follow(ackId, answer, delivery);
        return delivery;
    }

    @SuppressWarnings("FutureReturnValueIgnored") // Nothing follows.
    private void follow(long ackId, CompletableFuture<Arguments> answer, Delivery delivery) {
        answer.whenComplete((ignored, failure) -> {
            answers.remove(ackId);
            // The application has completed it.
            if (delivery.outcomeNow() == null && !delivery.cancel()) protocol.abandon(ackId);
        });
    }

    private static void checkName(String event) {
        if (IncomingPacket.isReserved(Objects.requireNonNull(event, "event"))) {
            throw new IllegalArgumentException("Socket.IO reserves the event " + event);
        }
    }

    /**
     * Returns the packet of an event.
     *
     * @param ackId the id of its acknowledgement, 0 for none. The next two arguments are of that
     */
    private Packet packet(
            String event,
            @Nullable Object[] arguments,
            long ackId,
            int tries,
            long timeoutNanos,
            @Nullable Object content) {
        EventText unmade = EventText.of(protocol.eventHead(ackId), event, arguments);
        if (unmade != null) {
            return ackId == 0
                    ? Packet.of(unmade, content)
                    : Packet.acknowledged(unmade, ackId, tries, timeoutNanos, content);
        }
        List<ByteString> attachments = new ArrayList<>();
        String json = Arguments.array(event, arguments, attachments, codec);
        String text = StoredEvent.head(protocol, attachments, ackId) + json;
        return ackId == 0
                ? Packet.of(text, attachments, content)
                : Packet.acknowledged(text, attachments, ackId, tries, timeoutNanos)
                        .withContent(content);
    }

    private Delivery send(Packet packet) {
        return send(packet, SendOptions.defaults());
    }

    private Delivery send(Packet packet, SendOptions options) {
        Object payload = Payload.packet(packet);
        return client.send(payload, options);
    }

    private void acknowledge(long ackId, long connection, @Nullable Object[] answer) {
        List<ByteString> attachments = new ArrayList<>();
        String json = Arguments.array(null, answer, attachments, codec);
        String type = attachments.isEmpty() ? "3" : "6" + attachments.size() + '-';
        Packet packet = Packet.of(protocol.head(type) + ackId + json, attachments, null)
                .validWhile(() -> protocol.connection() == connection);
        Replies.sendAndReport(client, packet, "an acknowledgement");
    }

    // ---- the client's callbacks ----

    private void received(Message message) {
        Object content = message.read(Payload.class).content();
        if (!(content instanceof Received)) return;
        Received received = (Received) content;
        IncomingPacket incoming = received.packet;
        Arguments arguments = new Arguments(incoming.arguments, received.attachments, codec);
        if (incoming.isAck()) {
            CompletableFuture<Arguments> answer = answers.remove(incoming.ackId);
            if (answer != null) answer.complete(arguments);
            return;
        }
        Consumer<@Nullable Object[]> reply = incoming.ackId == IncomingPacket.NO_ACK
                ? null
                : answer -> acknowledge(incoming.ackId, received.connection, answer);
        Event event = new Event(incoming.event, arguments, reply);
        Listeners.each(listeners.of(event.name()), listener -> listener.onEvent(event));
    }

    private void opened(Opening opening) {
        Recovery recovery = opening.isResumed()
                ? Recovery.RECOVERED
                : gap ? Recovery.GAP : everConnected ? Recovery.NEVER : Recovery.FIRST;
        gap = false;
        connected = true;
        everConnected = true;
        Listeners.each(connectListeners, listener -> listener.accept(recovery));
    }

    private void failed(ConnectionFailure failure) {
        if (connected) {
            disconnected(DisconnectReason.of(failure));
        } else {
            Listeners.each(errorListeners, listener -> listener.accept(failure));
        }
    }

    private void stateChanged(ClientState state) {
        if (connected && state != ClientState.OPEN) disconnected(DisconnectReason.IO_CLIENT_DISCONNECT);
    }

    private void disconnected(DisconnectReason reason) {
        connected = false;
        Listeners.each(disconnectListeners, listener -> listener.accept(reason));
    }

    /** Returns the state and the namespace. */
    @Override
    public String toString() {
        return "SocketIo(" + protocol.namespace + ", " + client.state() + ")";
    }
}

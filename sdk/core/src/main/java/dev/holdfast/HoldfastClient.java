package dev.holdfast;

import dev.holdfast.internal.runtime.ClientCallbacks;
import dev.holdfast.internal.runtime.Environment;
import dev.holdfast.internal.runtime.SessionDriver;
import dev.holdfast.internal.runtime.Telemetry;
import dev.holdfast.internal.session.Decision;
import dev.holdfast.internal.session.Inbound;
import dev.holdfast.internal.session.Loss;
import dev.holdfast.internal.session.LostSession;
import dev.holdfast.internal.session.Outbound;
import dev.holdfast.internal.session.Payload;
import dev.holdfast.internal.session.SessionProtocol;
import dev.holdfast.internal.session.SessionSettings;
import dev.holdfast.internal.time.Durations;
import dev.holdfast.internal.transport.ConnectionSettings;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okio.ByteString;
import org.jspecify.annotations.Nullable;

/**
 * One session with one server over one WebSocket (RFC 6455) after another. It connects when told to, notices when the
 * connection is dead, and connects again until it is closed.
 *
 * <p>All methods are safe from any thread and none blocks, an Android application's main thread included, but for {@code
 * send} where {@link Overflow#block} is set. The application is called on the callback executor alone, see {@link HoldfastListener}.
 */
public final class HoldfastClient implements AutoCloseable {
    private static final int MAX_STANDING = 1024;

    private final Set<String> standing = ConcurrentHashMap.newKeySet();
    private final HoldfastListener listener;
    private final Payloads payloads;
    private final SessionDriver driver;
    private final Delivery.Owner owner = new DeliveryOwner();
    private final boolean manualAcks;
    private final List<Delivery> restored;

    private HoldfastClient(Builder builder) {
        this.listener = builder.listener;
        this.payloads = new Payloads(builder.payloadCodec);
        SessionProtocol protocol = builder.session.protocol(payloads);
        SessionSettings settings = new SessionSettings(
                        protocol.isResumable(),
                        builder.backoff,
                        builder.heartbeat,
                        Builder.LOW_MARK_BYTES,
                        builder.queue.rateLimit(),
                        builder.connectTimeoutNanos,
                        builder.closeTimeoutNanos)
                .policy(builder.policy)
                .endpoints(builder.endpoints.size())
                .credentials(builder.credentialProvider != null);
        Duration batchWindow = builder.queue.batchWindow();
        if (batchWindow != null) settings.batchWindow(batchWindow.toNanos());
        builder.session.apply(settings);
        if (builder.connectRateLimit != null) settings.gate(builder.connectRateLimit.gate(builder.endpoints));
        Environment given = builder.environment != null ? builder.environment : Environment.system();
        LongSupplier elapsedClock = builder.elapsedClock;
        Environment environment = elapsedClock == null ? given : given.withElapsed(elapsedClock);
        OkHttpClient okHttpClient = builder.okHttpClient;
        RedirectPolicy redirects = Handshakes.trusting(builder.endpoints, builder.redirectPolicy);
        this.driver = new SessionDriver(
                environment,
                environment.transport(
                        () -> okHttpClient != null ? okHttpClient : new OkHttpClient(),
                        protocol.subprotocol(),
                        ConnectionSettings.of(builder.connectTimeoutNanos, builder.maxMessageBytes)
                                .fragmentBytes(builder.fragmentBytes)
                                .flushTimeoutNanos(builder.closeTimeoutNanos)
                                .compression(builder.compression)
                                .redirects(redirects)),
                new Handshakes(builder.endpoints, builder.session, redirects)::request,
                builder.credentialProvider,
                builder.networkMonitor,
                protocol,
                settings,
                builder.queue,
                builder.inboundLimitBytes,
                builder.session.hasManualAcks(),
                builder.callbackExecutor,
                new Callbacks(),
                new Telemetry(builder.eventListeners, ConnectionFailure::new, environment));
        this.manualAcks = builder.session.hasManualAcks();
        this.restored = builder.snapshot == null
                ? Collections.emptyList()
                : Collections.unmodifiableList(restore(builder.snapshot));
    }

    /**
     * Starts to build a client for a server.
     *
     * @param url {@code ws://} or {@code wss://}
     * @throws IllegalArgumentException if it is no URL of that kind
     */
    public static Builder builder(String url) {
        return new Builder(request(url));
    }

    /**
     * Starts to build a client whose opening handshake is made of {@code request}: its URL and headers.
     *
     * @throws IllegalArgumentException if the request is not a GET
     */
    public static Builder builder(Request request) {
        return new Builder(Objects.requireNonNull(request, "request"));
    }

    private static Request request(String url) {
        return new Request.Builder().url(Objects.requireNonNull(url, "url")).build();
    }

    /**
     * Connects and stays connected: until {@link #disconnect}, {@link #close} or {@link #cancel}, or a failure that another
     * attempt can't mend. Has no effect while an attempt is under way, while connected, or after {@link #close}.
     *
     * <p>The first attempt follows at once. After a failure this cuts the wait for the next attempt short, or starts again
     * where the client had stopped, but at most once in 2 s unless the network has changed since; a call within that time
     * leads to an attempt at its end. So it is safe to call this from {@link HoldfastListener#onState}. A delay that the
     * server asked for, such as {@code Retry-After}, is never cut short; {@link #connectNow} does that.
     */
    public void connect() {
        driver.connect();
    }

    /**
     * Connects as {@link #connect} does, but always at once: it also cuts a delay short that the server asked for, and may
     * do so as often as it is called. It is meant for a person who asks for it, by a button for example, and not for code
     * that reacts to failures. A {@link ConnectRateLimit} counts the attempt and does not hold it back.
     */
    public void connectNow() {
        driver.connectNow();
    }

    /**
     * Sends a text message. Taken in any state but {@link ClientState#CLOSING} and {@link ClientState#CLOSED}; it waits in
     * the queue until it can go.
     *
     * @return the receipt. It has already ended if the queue did not take the message, if the client is closed, or if the
     *     message is larger than the queue or than the server accepts ({@link Outcome.Reason#TOO_LARGE})
     * @throws IllegalStateException if the queue's overflow policy is to block, on a thread that must not
     */
    public Delivery send(String text) {
        return send(Objects.requireNonNull(text, "text"), SendOptions.defaults());
    }

    /** Sends a binary message. Otherwise as {@link #send(String)}. */
    public Delivery send(ByteString bytes) {
        return send(Objects.requireNonNull(bytes, "bytes"), SendOptions.defaults());
    }

    /** Sends a binary message; the bytes are copied. Otherwise as {@link #send(String)}. */
    public Delivery send(byte[] bytes) {
        return send(Objects.requireNonNull(bytes, "bytes"), SendOptions.defaults());
    }

    /**
     * Sends an object, which the client's {@link PayloadCodec} writes before this returns; as JSON unless another codec is
     * set. Otherwise as {@link #send(String)}. Text, bytes and a {@link Message} go out as they are, whatever the type of the
     * variable that holds them.
     *
     * @throws PayloadException if the object cannot be written
     */
    public Delivery send(Object object) {
        return send(Objects.requireNonNull(object, "object"), SendOptions.defaults());
    }

    /** Sends a message with options of its own: text, bytes or an object. Otherwise as {@link #send(Object)}. */
    public Delivery send(Object message, SendOptions options) {
        return send(payloads.payload(message), Objects.requireNonNull(options, "options"));
    }

    private Delivery delivery(Payload payload, long bytes, SendOptions options) {
        return new Delivery(payload, bytes, options, payloads, owner);
    }

    private Delivery send(Payload payload, SendOptions options) {
        Delivery delivery = delivery(payload, payload.size(), options);
        Outcome refused = driver.send(delivery.outbound());
        // Nobody has the receipt yet, so there is nobody to tell.
        if (refused != null) delivery.end(refused);
        return delivery;
    }

    /**
     * A message that the server forgets with the session, such as a subscription: sent now if there is a session, and at
     * the start of every new one, ahead of what is queued; never at the start of one that is resumed. Without a resumable
     * session every connection is a new one. What the server answers to it is a message like any other; if it refuses it,
     * or says that it takes none so large, nothing is reported.
     *
     * @param name a later one of the same name takes its place
     * @throws IllegalStateException if there are 1,024 others
     * @throws PayloadException if it cannot be written
     * @throws IllegalArgumentException if it is larger than the whole queue
     */
    public void onSessionStart(String name, Object message) {
        Objects.requireNonNull(name, "name");
        if (!standing.contains(name) && standing.size() >= MAX_STANDING) {
            throw new IllegalStateException("more than " + MAX_STANDING + " standing messages");
        }
        Payload payload = payloads.payload(message);
        long bytes = payload.size();
        if (bytes > driver.queueLimit()) {
            throw new IllegalArgumentException(
                    "session start message of " + bytes + " bytes, and the queue takes at most " + driver.queueLimit());
        }
        standing.add(name);
        driver.standing(
                name,
                () -> delivery(payload, bytes, SendOptions.defaults())
                        .outbound()
                        .asStanding());
    }

    /** The standing message of that name is not sent any more. What was subscribed with it stays so. */
    public void removeSessionStart(String name) {
        standing.remove(Objects.requireNonNull(name, "name"));
        driver.withdraw(name);
    }

    /**
     * What another process needs to go on with the session ({@link Builder#restore}), as it is now; empty where there is
     * no session. Completes on the callback executor, and so can't be waited for in a callback: see {@link
     * Delivery#outcome}.
     *
     * <p>What happens after it is not in it: take it when the application goes to the background or ends, after {@link
     * #disconnect}. A message that the server sends after that is sent again to whoever restores it; one that is sent
     * after that and before this process ends is not known to the next. If any was, the messages that waited in the queue end
     * as {@link Outcome.Kind#UNKNOWN} in the next process, because they may have been sent. After one reconnect of this client
     * the snapshot is useless: the server changes the session's secret with each connection, and the session is lost to
     * whoever restores it.
     */
    public CompletableFuture<Optional<SessionSnapshot>> snapshot() {
        return driver.snapshot((snapshot, waiting) -> snapshot == null
                ? Optional.<SessionSnapshot>empty()
                : Optional.of(SessionSnapshot.of(snapshot, waiting)));
    }

    /** The receipts of the messages that came with {@link Builder#restore}, in order. */
    public List<Delivery> restored() {
        return restored;
    }

    private List<Delivery> restore(SessionSnapshot snapshot) {
        List<Delivery> deliveries = new ArrayList<>();
        List<Outbound> unacknowledged = new ArrayList<>();
        List<Outbound> waiting = new ArrayList<>();
        for (SessionSnapshot.Saved saved : snapshot.messages) {
            Delivery delivery = delivery(saved.payload, saved.payload.size(), saved.options());
            if (saved.seq == 0) {
                waiting.add(delivery.outbound());
            } else {
                delivery.markWritten();
                unacknowledged.add(delivery.outbound().restored(saved.seq));
                if (saved.standing) delivery.outbound().asStanding();
                if (saved.givenUp) delivery.outbound().giveUp();
            }
            if (!saved.standing) deliveries.add(delivery);
        }
        driver.restore(snapshot.with(unacknowledged), waiting);
        return deliveries;
    }

    /** Where the client stands. */
    public ClientState state() {
        return driver.state();
    }

    /**
     * Payload bytes that were taken by {@code send} and are not in a socket yet: UTF-8 bytes for text, no framing, as in
     * the WHATWG WebSockets standard. 0 means that all is drained.
     */
    public long bufferedAmount() {
        return driver.bufferedAmount();
    }

    /**
     * Completes when the queue takes more without pressure: at once, unless it has passed its high water mark and is not
     * back at the low one ({@link OutboundQueue#waterMarks}). On the callback executor where it does not complete at once.
     * It is cancelled when the client ends. It can't be waited for in a callback, see {@link Delivery#outcome}. Each call gives a future of the caller's own, and none is a promise: another
     * sender may be faster.
     */
    public CompletableFuture<Void> writable() {
        return driver.writable();
    }

    /** The round-trip time of the newest heartbeat, null before the first. */
    public @Nullable Duration roundTripTime() {
        long nanos = driver.roundTripNanos();
        return nanos < 0 ? null : Duration.ofNanos(nanos);
    }

    /** What the client has done so far and what waits in it. */
    public Metrics metrics() {
        return new Metrics(
                driver.counts(),
                driver.queuedMessages(),
                driver.queuedBytes(),
                driver.bufferedAmount(),
                roundTripTime());
    }

    /**
     * Lets the connection go and keeps the session: {@link #connect} takes it up again if the server still has it. What
     * is queued waits. Has no effect while closing or closed.
     */
    public void disconnect() {
        driver.disconnect();
    }

    /**
     * Ends the session once everything that was sent before is over, within the close timeout. While the client waits to
     * connect again it goes on trying for that; while it is {@link ClientState#IDLE} it ends at once. What could not be
     * sent ends as {@link Outcome.Kind#CANCELLED}, or as {@link Outcome.Kind#UNKNOWN} where it may have arrived.
     *
     * <p>Returns at once; {@link HoldfastListener#onClosed} tells of the end. Whether everything was sent the deliveries
     * tell; the code tells how the last connection ended. The SDK's threads are daemons, so a {@code main} that must not
     * lose its last message waits for that.
     */
    @Override
    public void close() {
        driver.close();
    }

    /** Ends at once, whatever is queued. The server keeps the session until it expires. */
    public void cancel() {
        driver.cancel();
    }

    /** One for all deliveries. */
    private final class DeliveryOwner implements Delivery.Owner {
        @Override
        public boolean recall(Outbound message) {
            return driver.recall(message);
        }

        @Override
        public boolean giveUp(Outbound message) {
            return driver.giveUp(message);
        }

        @Override
        public boolean mustNotWait() {
            return driver.mustNotWait();
        }
    }

    /** Turns what the driver tells into the application's terms. */
    private final class Callbacks implements ClientCallbacks {
        @Override
        public void onState(ClientState state) {
            listener.onState(HoldfastClient.this, state);
        }

        @Override
        public void onMessage(Inbound message) {
            Runnable ack = manualAcks ? () -> driver.handled(message) : null;
            listener.onMessage(HoldfastClient.this, new Message(message.id(), message.payload(), payloads, ack));
        }

        @Override
        public @Nullable Runnable onWritten(Outbound message) {
            return delivery(message).markWritten();
        }

        @Override
        public @Nullable Runnable onEnded(Outbound message, Outcome outcome) {
            return delivery(message).end(outcome);
        }

        @Override
        public void onBackpressure(boolean pressed) {
            listener.onBackpressure(HoldfastClient.this, pressed);
        }

        @Override
        public void onConnectionFailure(Loss loss, Decision decision) {
            listener.onConnectionFailure(HoldfastClient.this, new ConnectionFailure(loss, decision));
        }

        @Override
        public void onSessionLost(LostSession session) {
            listener.onSessionLost(
                    HoldfastClient.this,
                    new SessionLoss(
                            session.reason,
                            deliveries(session.unknown),
                            deliveries(session.inDoubt),
                            session.inDoubtCount));
        }

        private List<Delivery> deliveries(List<Outbound> messages) {
            List<Delivery> deliveries = new ArrayList<>(messages.size());
            for (Outbound message : messages) deliveries.add(delivery(message));
            return Collections.unmodifiableList(deliveries);
        }

        @Override
        public void onClosed(CloseReason reason) {
            listener.onClosed(HoldfastClient.this, reason);
        }

        private Delivery delivery(Outbound message) {
            return (Delivery) message.receipt();
        }
    }

    /** Builds a {@link HoldfastClient}. Everything has a default but the server. Not thread-safe. */
    public static final class Builder {
        /** How little the connection must have left to write before it is given more. */
        private static final long LOW_MARK_BYTES = 64 * 1024;

        private final List<Request> endpoints = new ArrayList<>();
        private ReconnectPolicy policy = ReconnectPolicy.standard();
        private NetworkMonitor networkMonitor = NetworkMonitor.none();
        private @Nullable CredentialProvider credentialProvider;
        private @Nullable ConnectRateLimit connectRateLimit;
        private Session session = Session.none();
        private HoldfastListener listener = new HoldfastListener() {};
        private final List<HoldfastEventListener> eventListeners = new ArrayList<>(1);
        private Backoff backoff = Backoff.exponential(Duration.ofMillis(500), Duration.ofSeconds(30));
        private Heartbeat heartbeat = Heartbeat.every(Duration.ofSeconds(20));
        private OutboundQueue queue = OutboundQueue.ofBytes(4 * 1024 * 1024);
        private long connectTimeoutNanos = TimeUnit.SECONDS.toNanos(15);
        private long closeTimeoutNanos = TimeUnit.SECONDS.toNanos(10);
        private long maxMessageBytes = 16 * 1024 * 1024;
        private long inboundLimitBytes = 1024 * 1024;
        private int fragmentBytes = 64 * 1024;
        private Compression compression = Compression.deflate();
        private RedirectPolicy redirectPolicy = RedirectPolicy.sameOrigin();
        private @Nullable SessionSnapshot snapshot;
        private @Nullable OkHttpClient okHttpClient;
        private @Nullable PayloadCodec payloadCodec;
        private @Nullable Executor callbackExecutor;
        private @Nullable Environment environment;
        private @Nullable LongSupplier elapsedClock;

        private Builder(Request request) {
            endpoints.add(handshake(request));
        }

        private static Request handshake(Request request) {
            if (request.method().equals("GET")) return request;
            throw new IllegalArgumentException("an opening handshake is a GET, not a " + request.method());
        }

        /**
         * Sets what outlives a connection. Default: {@link Session#none}, which works with every WebSocket server. {@link
         * Session#resumable} needs a server that speaks its subprotocol.
         */
        public Builder session(Session session) {
            this.session = Objects.requireNonNull(session, "session");
            return this;
        }

        /**
         * Goes on with the session of another process, if the server still has it, and with its messages. {@link
         * HoldfastListener#onSessionLost} tells where it has not.
         */
        public Builder restore(SessionSnapshot snapshot) {
            this.snapshot = Objects.requireNonNull(snapshot, "snapshot");
            return this;
        }

        /** Who is told. */
        public Builder listener(HoldfastListener listener) {
            this.listener = Objects.requireNonNull(listener, "listener");
            return this;
        }

        /**
         * Adds an event listener for diagnostics, such as a {@link FrameLog}. It is called on SDK threads and must not block.
         * May be called several times: each event goes to the listeners in the order in which they were added, and an
         * exception of one goes to the thread's uncaught exception handler and does not keep it from the others. Default: none.
         */
        public Builder addEventListener(HoldfastEventListener listener) {
            eventListeners.add(Objects.requireNonNull(listener, "listener"));
            return this;
        }

        /**
         * Where the listener is called and deliveries end: {@code Platform::runLater}, a Handler's {@code post}. The
         * client calls one task after another, so the executor need not be serial. Threads of the SDK's own unless set.
         *
         * <p>If it refuses a task by throwing, the client is cancelled and the listener hears no more; deliveries then end
         * on a thread of the SDK's. One that drops tasks without a word leaves the application without one, too.
         */
        public Builder callbackExecutor(Executor callbackExecutor) {
            this.callbackExecutor = Objects.requireNonNull(callbackExecutor, "callbackExecutor");
            return this;
        }

        /** The delays between attempts. Full jitter from 0.5 s to 30 s unless set. */
        public Builder backoff(Backoff backoff) {
            this.backoff = Objects.requireNonNull(backoff, "backoff");
            return this;
        }

        /**
         * Another server of the same service, to be tried when one before it can't be reached, each in its turn. A session
         * is resumed there if the servers share it.
         */
        public Builder endpoint(String url) {
            endpoints.add(HoldfastClient.request(url));
            return this;
        }

        /**
         * The same with headers.
         *
         * @throws IllegalArgumentException if the request is not a GET
         */
        public Builder endpoint(Request request) {
            endpoints.add(handshake(Objects.requireNonNull(request, "request")));
            return this;
        }

        /** What to do about each failure, and when to give up. {@link ReconnectPolicy#standard} unless set. */
        public Builder reconnectPolicy(ReconnectPolicy policy) {
            this.policy = Objects.requireNonNull(policy, "policy");
            return this;
        }

        /**
         * Sets a budget of attempts that this client shares with others. {@link #connect} is neither counted nor held back
         * by it; {@link #connectNow} is counted and not held back. Default: none.
         */
        public Builder connectRateLimit(ConnectRateLimit connectRateLimit) {
            this.connectRateLimit = Objects.requireNonNull(connectRateLimit, "connectRateLimit");
            return this;
        }

        /**
         * Sets the provider that the client asks for a credential before each attempt, and before one expires. Default: none;
         * a fixed credential can stand in the request's own headers.
         */
        public Builder credentialProvider(CredentialProvider credentialProvider) {
            this.credentialProvider = Objects.requireNonNull(credentialProvider, "credentialProvider");
            return this;
        }

        /** Who tells whether there is a network, watched while the client is neither IDLE nor CLOSED. None unless set. */
        public Builder networkMonitor(NetworkMonitor networkMonitor) {
            this.networkMonitor = Objects.requireNonNull(networkMonitor, "networkMonitor");
            return this;
        }

        /** How a dead connection is found out. After 20 s of silence a ping with a deadline of 10 s unless set. */
        public Builder heartbeat(Heartbeat heartbeat) {
            this.heartbeat = Objects.requireNonNull(heartbeat, "heartbeat");
            return this;
        }

        /** What may wait to be sent, and how. 4 MiB unless set. */
        public Builder queue(OutboundQueue queue) {
            this.queue = Objects.requireNonNull(queue, "queue");
            return this;
        }

        /** How long an attempt may take to the end of the upgrade, and then to the session's welcome. 15 s each unless set. */
        public Builder connectTimeout(Duration connectTimeout) {
            this.connectTimeoutNanos = Durations.positiveNanos("connectTimeout", connectTimeout);
            return this;
        }

        /**
         * Sets how long {@link HoldfastClient#close} may take in all: to send what is queued, to hear what became of it, and
         * to close the connection. Whatever is left then ends as CANCELLED or UNKNOWN. Default: 10 s.
         */
        public Builder closeTimeout(Duration closeTimeout) {
            this.closeTimeoutNanos = Durations.positiveNanos("closeTimeout", closeTimeout);
            return this;
        }

        /** The largest message taken from the server, in payload bytes; a larger one fails the connection with 1009. 16 MiB unless set. */
        public Builder maxMessageBytes(long maxMessageBytes) {
            if (maxMessageBytes <= 0) throw new IllegalArgumentException("message limit " + maxMessageBytes);
            this.maxMessageBytes = maxMessageBytes;
            return this;
        }

        /**
         * Sets what decides about redirects to another origin, and about the URL of a {@code reconnect}. Default:
         * {@link RedirectPolicy#sameOrigin}, which refuses all.
         */
        public Builder redirectPolicy(RedirectPolicy redirectPolicy) {
            this.redirectPolicy = Objects.requireNonNull(redirectPolicy, "redirectPolicy");
            return this;
        }

        /** Whether messages are compressed. {@link Compression#deflate} is offered unless set. */
        public Builder compression(Compression compression) {
            this.compression = Objects.requireNonNull(compression, "compression");
            return this;
        }

        /**
         * The payload bytes above which a message goes out in fragments (RFC 6455 section 5.4), so that a heartbeat need not
         * wait for all of it. 64 KiB unless set.
         */
        public Builder fragmentBytes(int fragmentBytes) {
            if (fragmentBytes <= 0) throw new IllegalArgumentException("fragments of " + fragmentBytes + " bytes");
            this.fragmentBytes = fragmentBytes;
            return this;
        }

        /** How many bytes may wait for a slow listener before the client stops reading. 1 MiB unless set. */
        public Builder inboundLimitBytes(long inboundLimitBytes) {
            if (inboundLimitBytes <= 0) throw new IllegalArgumentException("inbound limit " + inboundLimitBytes);
            this.inboundLimitBytes = inboundLimitBytes;
            return this;
        }

        /** The client to connect through, borrowed and never shut down: its proxy, TLS, DNS, interceptors and listeners apply. */
        public Builder okHttpClient(OkHttpClient okHttpClient) {
            this.okHttpClient = Objects.requireNonNull(okHttpClient, "okHttpClient");
            return this;
        }

        /** Sets the codec that writes and reads objects. Default: {@link JacksonCodec#lenient}, JSON through Jackson. */
        public Builder payloadCodec(PayloadCodec payloadCodec) {
            this.payloadCodec = Objects.requireNonNull(payloadCodec, "payloadCodec");
            return this;
        }

        /**
         * Where connections read and write, for as long as they live: two tasks at a time for each client, and short ones
         * beside. It must not refuse or queue them; virtual threads do well. A pool shared by all clients unless set.
         * If it refuses to run callbacks, where no callback executor is set, the client ends with {@link
         * ConnectionFailure.Phase#INTERNAL}, and the last callbacks come on another thread.
         */
        public Builder ioExecutor(Executor ioExecutor) {
            this.environment = Environment.system(Objects.requireNonNull(ioExecutor, "ioExecutor"));
            return this;
        }

        /**
         * Sets the clock that counts the time for which the device sleeps. Times to live, the life of credentials, the
         * server's Retry-After and the backoff count by it. On Android: {@code SystemClock::elapsedRealtimeNanos}.
         *
         * <p>Default: {@link System#nanoTime} and, as sleep, each jump of the time of day ahead of it by more than 5 s. A
         * time of day that somebody sets forward by more than that counts as sleep as well.
         *
         * @param nanos nanoseconds since an arbitrary moment, including time asleep, never less than before. Called on
         *     the application's and the SDK's threads, several at a time and often: it must be fast and must not throw
         */
        public Builder elapsedClock(LongSupplier nanos) {
            this.elapsedClock = Objects.requireNonNull(nanos, "nanos");
            return this;
        }

        /** Another world to live in. */
        Builder environment(Environment environment) {
            this.environment = environment;
            return this;
        }

        /** A client that is {@link ClientState#IDLE}: nothing happens before {@link HoldfastClient#connect}. */
        public HoldfastClient build() {
            if (snapshot != null && !session.isResumable()) {
                throw new IllegalStateException("a snapshot needs a resumable session");
            }
            return new HoldfastClient(this);
        }
    }
}

package dev.holdfast;

import dev.holdfast.internal.runtime.Environment;
import dev.holdfast.internal.time.Durations;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.Executor;
import java.util.function.LongSupplier;
import okhttp3.OkHttpClient;
import okhttp3.Request;

/**
 * Builds a {@link HoldfastClient}; {@link HoldfastClient#builder(String)} creates one. Everything except the server has a
 * default. Each method changes the builder and returns it. Not thread-safe.
 */
public final class HoldfastClientBuilder {
    final ClientSettings settings = new ClientSettings();

    HoldfastClientBuilder(Request request) {
        settings.addEndpoint(request);
    }

    /**
     * Sets what survives the loss of a connection. Default: {@link Session#none}, which works with every WebSocket server.
     *
     * @param session none, resumable, or one that resumes from the last message id
     * @return this builder
     */
    public HoldfastClientBuilder session(Session session) {
        settings.session = Objects.requireNonNull(session, "session");
        return this;
    }

    /**
     * Resumes the resumable session of another process, if the server still has it, and takes over its messages ({@link
     * HoldfastClient#restored}). Otherwise {@link HoldfastListener#onSessionLost} is called.
     *
     * @param snapshot what {@link HoldfastClient#snapshot} returned in the other process
     * @return this builder
     */
    public HoldfastClientBuilder restore(SessionSnapshot snapshot) {
        settings.snapshot = Objects.requireNonNull(snapshot, "snapshot");
        return this;
    }

    /**
     * Sets the store that makes a session durable, as {@code docs/sessions.md} describes. {@link #build} has it
     * opened on an I/O thread; it is closed before {@link HoldfastListener#onClosed}, if it answers. Default: none.
     *
     * @param store a store that no other client uses
     * @return this builder
     */
    public HoldfastClientBuilder store(SessionStore store) {
        settings.store = Objects.requireNonNull(store, "store");
        return this;
    }

    /**
     * Sets what follows {@link HoldfastListener#onStoreFailure}. Default: {@link StoreFailure#END_CLIENT}.
     *
     * @param storeFailure end, or go on in memory
     * @return this builder
     */
    public HoldfastClientBuilder storeFailure(StoreFailure storeFailure) {
        settings.storeFailure = Objects.requireNonNull(storeFailure, "storeFailure");
        return this;
    }

    /**
     * Sets the listener, which is called before the lambdas of this builder. Default: one that ignores every callback.
     *
     * @param listener called on the {@linkplain #callbackExecutor callback executor}, one call at a time
     * @return this builder
     */
    public HoldfastClientBuilder listener(HoldfastListener listener) {
        settings.callbacks.listener = Objects.requireNonNull(listener, "listener");
        return this;
    }

    /**
     * Sets a callback for each change of state. See {@link HoldfastListener#onState}. Default: none.
     *
     * @param callback called with the new state
     * @return this builder
     */
    public HoldfastClientBuilder onState(ClientCallback<? super ClientState> callback) {
        settings.callbacks.onState = Objects.requireNonNull(callback, "callback");
        return this;
    }

    /**
     * Sets a callback for each opening. See {@link HoldfastListener#onOpen}. Default: none.
     *
     * @param callback called with what was agreed on
     * @return this builder
     */
    public HoldfastClientBuilder onOpen(ClientCallback<? super Opening> callback) {
        settings.callbacks.onOpen = Objects.requireNonNull(callback, "callback");
        return this;
    }

    /**
     * Sets a callback for each message. See {@link HoldfastListener#onMessage}. Default: none.
     *
     * @param callback called with each message, one at a time
     * @return this builder
     */
    public HoldfastClientBuilder onMessage(ClientCallback<? super Message> callback) {
        settings.callbacks.onMessage = Objects.requireNonNull(callback, "callback");
        return this;
    }

    /**
     * Sets handlers of messages by type, called after {@link #onMessage}. Not for manual acknowledgements. Default: none.
     *
     * @param typed the handlers, and how to find the type of a message
     * @return this builder
     */
    public HoldfastClientBuilder typed(TypedMessages typed) {
        settings.callbacks.typed = Objects.requireNonNull(typed, "typed");
        return this;
    }

    /**
     * Sets a callback for each failure of a connection. See {@link HoldfastListener#onConnectionFailure}. Default: none.
     *
     * @param callback called with the failure
     * @return this builder
     */
    public HoldfastClientBuilder onConnectionFailure(ClientCallback<? super ConnectionFailure> callback) {
        settings.callbacks.onConnectionFailure = Objects.requireNonNull(callback, "callback");
        return this;
    }

    /**
     * Sets a callback for a lost session. See {@link HoldfastListener#onSessionLost}. Default: none.
     *
     * @param callback called with what may or may not have arrived
     * @return this builder
     */
    public HoldfastClientBuilder onSessionLost(ClientCallback<? super SessionLoss> callback) {
        settings.callbacks.onSessionLost = Objects.requireNonNull(callback, "callback");
        return this;
    }

    /**
     * Sets a callback for the queue's water marks. See {@link HoldfastListener#onBackpressure}. Default: none.
     *
     * @param callback called with true above the high water mark and with false at the low one
     * @return this builder
     */
    public HoldfastClientBuilder onBackpressure(ClientCallback<? super Boolean> callback) {
        settings.callbacks.onBackpressure = Objects.requireNonNull(callback, "callback");
        return this;
    }

    /**
     * Sets a callback for the end of the client. See {@link HoldfastListener#onClosed}. Default: none.
     *
     * @param callback called with how the client ended
     * @return this builder
     */
    public HoldfastClientBuilder onClosed(ClientCallback<? super CloseReason> callback) {
        settings.callbacks.onClosed = Objects.requireNonNull(callback, "callback");
        return this;
    }

    /**
     * Sets the executor of all callbacks and futures: {@code Platform::runLater}, a Handler's {@code post}. Default: threads of
     * the SDK's own. If it refuses a task by throwing, the client is cancelled and the listener is not called any more;
     * deliveries then end on an SDK thread. If it drops a task silently, no callback follows.
     *
     * @param callbackExecutor runs the tasks; it need not be serial
     * @return this builder
     */
    public HoldfastClientBuilder callbackExecutor(Executor callbackExecutor) {
        settings.callbackExecutor = Objects.requireNonNull(callbackExecutor, "callbackExecutor");
        return this;
    }

    /**
     * Adds an event listener for diagnostics, such as a {@link FrameLog}. It is called on SDK threads and must not block. An
     * exception of one goes to the thread's uncaught exception handler, and the others are called. Default: none.
     *
     * @param listener called after those added before it
     * @return this builder
     */
    public HoldfastClientBuilder addEventListener(HoldfastEventListener listener) {
        settings.eventListeners.add(Objects.requireNonNull(listener, "listener"));
        return this;
    }

    /**
     * Sets where the client logs failures that no callback and no event listener receives, as {@code docs/logging.md} lists.
     * Default: the {@code java.util.logging} logger {@code dev.holdfast}, with level WARNING.
     *
     * @param logger safe from any thread
     * @return this builder
     */
    public HoldfastClientBuilder logger(HoldfastLogger logger) {
        settings.logger = Objects.requireNonNull(logger, "logger");
        return this;
    }

    /**
     * Adds another server of the same service, which shares its sessions: the client tries them in turn.
     *
     * @param url as for {@link HoldfastClient#builder(String)}
     * @return this builder
     * @throws IllegalArgumentException if {@code url} is not such a URL
     */
    public HoldfastClientBuilder endpoint(String url) {
        settings.addEndpoint(Handshakes.request(url));
        return this;
    }

    /**
     * Adds another server of the same service.
     *
     * @param request the opening handshake: its URL and headers
     * @return this builder
     * @throws IllegalArgumentException if the request's method is not GET
     */
    public HoldfastClientBuilder endpoint(Request request) {
        settings.addEndpoint(Objects.requireNonNull(request, "request"));
        return this;
    }

    /**
     * Sets the delays between attempts. Default: exponential from 0.5 s to 30 s with full jitter.
     *
     * @param backoff the bounds of the delays, and their jitter
     * @return this builder
     */
    public HoldfastClientBuilder backoff(Backoff backoff) {
        settings.backoff = Objects.requireNonNull(backoff, "backoff");
        return this;
    }

    /**
     * Sets how the client reacts to each failure, and when it gives up. Default: {@link ReconnectPolicy#standard}.
     *
     * @param reconnectPolicy the reaction to each kind of failure
     * @return this builder
     */
    public HoldfastClientBuilder reconnectPolicy(ReconnectPolicy reconnectPolicy) {
        settings.reconnectPolicy = Objects.requireNonNull(reconnectPolicy, "reconnectPolicy");
        return this;
    }

    /**
     * Sets a rate limit of attempts that this client shares with others. Default: none.
     *
     * @param connectRateLimit the same object for all; it does not delay {@link HoldfastClient#connect} and {@code connectNow}
     * @return this builder
     */
    public HoldfastClientBuilder connectRateLimit(ConnectRateLimit connectRateLimit) {
        settings.connectRateLimit = Objects.requireNonNull(connectRateLimit, "connectRateLimit");
        return this;
    }

    /**
     * Sets the provider that is asked for a credential before each attempt, and before one expires. Default: none.
     *
     * @param credentialProvider called on an I/O thread of the SDK; must not block for long
     * @return this builder
     */
    public HoldfastClientBuilder credentialProvider(CredentialProvider credentialProvider) {
        settings.credentialProvider = Objects.requireNonNull(credentialProvider, "credentialProvider");
        return this;
    }

    /**
     * Sets the provider that is asked for the endpoint of each attempt, after the credential provider. Default: none. With one, the
     * builder's URL only names the service: in logs, for the {@link #connectRateLimit}, and as an origin that may be moved to.
     *
     * @param endpointProvider called on an I/O thread of the SDK; must not block for long
     * @return this builder
     */
    public HoldfastClientBuilder endpointProvider(EndpointProvider endpointProvider) {
        settings.endpointProvider = Objects.requireNonNull(endpointProvider, "endpointProvider");
        return this;
    }

    /**
     * Sets the monitor that reports whether there is a network. Default: {@link NetworkMonitor#none}.
     *
     * @param networkMonitor watched while the client is neither {@link ClientState#IDLE} nor {@link ClientState#CLOSED}
     * @return this builder
     */
    public HoldfastClientBuilder networkMonitor(NetworkMonitor networkMonitor) {
        settings.networkMonitor = Objects.requireNonNull(networkMonitor, "networkMonitor");
        return this;
    }

    /**
     * Sets how a dead connection is detected. Default: a ping after 20 s of silence, with a deadline of 10 s. With a carrier
     * that only receives: 2 minutes of silence; after that the client connects again.
     *
     * @param heartbeat the interval and deadline of pings
     * @return this builder
     */
    public HoldfastClientBuilder heartbeat(Heartbeat heartbeat) {
        settings.heartbeat = Objects.requireNonNull(heartbeat, "heartbeat");
        return this;
    }

    /**
     * Sets the time limit of an attempt up to the end of the upgrade, and again up to the welcome. Default: 15 s each.
     *
     * @param connectTimeout the time limit, positive
     * @return this builder
     * @throws IllegalArgumentException if it is not positive
     */
    public HoldfastClientBuilder connectTimeout(Duration connectTimeout) {
        settings.connectTimeoutNanos = Durations.positiveNanos("connectTimeout", connectTimeout);
        return this;
    }

    /**
     * Sets the time limit of {@link HoldfastClient#close}: to send what is queued, to receive the outcomes, and to close the
     * connection. What is left then ends as {@link Outcome.Kind#CANCELLED} or {@link Outcome.Kind#UNKNOWN}. Default: 10 s.
     *
     * @param closeTimeout the time limit, positive
     * @return this builder
     * @throws IllegalArgumentException if it is not positive
     */
    public HoldfastClientBuilder closeTimeout(Duration closeTimeout) {
        settings.closeTimeoutNanos = Durations.positiveNanos("closeTimeout", closeTimeout);
        return this;
    }

    /**
     * Sets what decides about redirects to another origin. Default: {@link RedirectPolicy#sameOrigin}, which refuses all.
     *
     * @param redirectPolicy asked about a redirect, and about the URL of a {@code reconnect}
     * @return this builder
     */
    public HoldfastClientBuilder redirectPolicy(RedirectPolicy redirectPolicy) {
        settings.redirectPolicy = Objects.requireNonNull(redirectPolicy, "redirectPolicy");
        return this;
    }

    /**
     * Sets the OkHttp client, whose proxy, TLS, DNS, interceptors and listeners apply. Default: one of the client's own.
     *
     * @param okHttpClient borrowed and never shut down
     * @return this builder
     */
    public HoldfastClientBuilder okHttpClient(OkHttpClient okHttpClient) {
        settings.okHttpClient = Objects.requireNonNull(okHttpClient, "okHttpClient");
        return this;
    }

    /**
     * Sets what carries the messages. Default: WebSockets. Those of the carriers that only receive need {@link Session#resumeFrom} or
     * {@link Session#none}, the others {@link Session#resumable}.
     *
     * @param carrier one of the artifact {@code holdfast-http}
     * @return this builder
     */
    public HoldfastClientBuilder carrier(Carrier carrier) {
        settings.carrier = Objects.requireNonNull(carrier, "carrier");
        return this;
    }

    /**
     * Sets the outbound queue: its limits and what it does when it is full. Default: 4 MiB, and it rejects.
     *
     * @param queue the limits of the queue, and its policy when it is full
     * @return this builder
     */
    public HoldfastClientBuilder queue(OutboundQueue queue) {
        settings.queue = Objects.requireNonNull(queue, "queue");
        return this;
    }

    /**
     * Sets the codec that writes and reads objects. Default: {@link JacksonCodec#lenient}, JSON through Jackson.
     *
     * @param payloadCodec called on the thread that sends and on the thread that reads
     * @return this builder
     */
    public HoldfastClientBuilder payloadCodec(PayloadCodec payloadCodec) {
        settings.payloadCodec = Objects.requireNonNull(payloadCodec, "payloadCodec");
        return this;
    }

    /**
     * Sets the maximum size of a message from the server. A larger one fails the connection with 1009. Default: 16 MiB.
     *
     * @param maxMessageBytes the maximum in payload bytes, positive
     * @return this builder
     */
    public HoldfastClientBuilder maxMessageBytes(long maxMessageBytes) {
        settings.maxMessageBytes = ClientSettings.positive("maxMessageBytes", maxMessageBytes);
        return this;
    }

    /**
     * Sets the maximum number of bytes that wait for a slow listener; the client then stops reading. A {@linkplain
     * dev.holdfast.protocol.ProtocolEvents#send protocol's answers} that wait to be written count as well. Default: 1 MiB.
     *
     * @param inboundLimitBytes the maximum in bytes, positive
     * @return this builder
     */
    public HoldfastClientBuilder inboundLimitBytes(long inboundLimitBytes) {
        settings.inboundLimitBytes = ClientSettings.positive("inboundLimitBytes", inboundLimitBytes);
        return this;
    }

    /**
     * Sets whether messages are compressed (RFC 7692). Default: {@link Compression#deflate} is offered.
     *
     * @param compression the setting, such as {@link Compression#none}
     * @return this builder
     */
    public HoldfastClientBuilder compression(Compression compression) {
        settings.compression = Objects.requireNonNull(compression, "compression");
        return this;
    }

    /**
     * Sets the payload bytes above which a message is sent in fragments (RFC 6455 section 5.4). Default: 64 KiB.
     *
     * @param fragmentBytes the maximum size of a fragment in bytes, positive; a ping waits for one fragment at most
     * @return this builder
     */
    public HoldfastClientBuilder fragmentBytes(int fragmentBytes) {
        settings.fragmentBytes = (int) ClientSettings.positive("fragmentBytes", fragmentBytes);
        return this;
    }

    /**
     * Sets the executor on which connections read and write. Each connection has one task for the upgrade, then one that reads
     * until it ends, and another one while it writes and for a second after a message. There are short ones beside. The executor is
     * called by any thread, and must not block, refuse or queue tasks; virtual threads do well. Default: a pool shared by all
     * clients, and a new thread for each reader. If it refuses a connection's task with a {@link
     * java.util.concurrent.RejectedExecutionException}, that connection fails, and the client tries again. If it is an {@link java.util.concurrent.ExecutorService} that is shut down, or throws
     * anything else, the client stops with {@link ConnectionFailure.Phase#CONFIGURATION}. If there is no callback executor and it
     * refuses a task with callbacks, the client ends with {@link ConnectionFailure.Phase#INTERNAL}, and the last callbacks come on
     * another thread. Other tasks that it refuses run on the SDK's pool.
     *
     * @param ioExecutor starts each task at once on another thread; borrowed and never shut down
     * @return this builder
     */
    public HoldfastClientBuilder ioExecutor(Executor ioExecutor) {
        settings.environment = Environment.system(Objects.requireNonNull(ioExecutor, "ioExecutor"));
        return this;
    }

    /**
     * Sets the clock that counts the time for which the device sleeps. Times to live, the life of credentials, the server's
     * Retry-After and the backoff count by it. On Android: {@code SystemClock::elapsedRealtimeNanos}. Default: {@link
     * System#nanoTime}, plus each jump of the time of day ahead of it by more than 5 s, which counts as sleep.
     *
     * @param nanos nanoseconds since an arbitrary moment, including time asleep, never less than before. Called on
     *     the application's and the SDK's threads, several at a time and often: it must be fast and must not throw
     * @return this builder
     */
    public HoldfastClientBuilder elapsedClock(LongSupplier nanos) {
        settings.elapsedClock = Objects.requireNonNull(nanos, "nanos");
        return this;
    }

    /**
     * Builds a client that is {@link ClientState#IDLE}: nothing happens before {@link HoldfastClient#connect}.
     *
     * @return the client
     * @throws IllegalStateException if settings contradict each other, or a library is missing or too old
     */
    public HoldfastClient build() {
        settings.check();
        return new HoldfastClient(settings);
    }
}

package dev.holdfast.websocket;

import dev.holdfast.Compression;
import dev.holdfast.HoldfastEventListener;
import dev.holdfast.RedirectPolicy;
import dev.holdfast.internal.frame.FrameObserver;
import dev.holdfast.internal.runtime.Environment;
import dev.holdfast.internal.runtime.FrameReporter;
import dev.holdfast.internal.time.Durations;
import dev.holdfast.internal.transport.ConnectionSettings;
import dev.holdfast.internal.transport.OkHttpTransport;
import dev.holdfast.internal.transport.Platform;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.WebSocket;
import okhttp3.WebSocketListener;
import org.jspecify.annotations.Nullable;

/**
 * A {@link WebSocket.Factory} that opens WebSockets (RFC 6455) with Holdfast's codec, in place of OkHttp's own. Each web socket
 * is one connection. It does not reconnect, and messages that are lost with the connection are lost: see {@link
 * dev.holdfast.HoldfastClient} for that.
 *
 * <p>The application's {@link OkHttpClient} is used as OkHttp does: its proxy, TLS, DNS and interceptors, its ping interval,
 * close timeout, and minimum length of a compressed message. {@code docs/migrating.md} lists all differences to OkHttp's own
 * web sockets. The most important ones: these web sockets
 *
 * <ul>
 *   <li>answer a server's close frame when {@link WebSocketListener#onClosing} returns, if the listener has not closed;
 *   <li>check that text is UTF-8;
 *   <li>send a close frame with a code that says what the server violated, before they fail;
 *   <li>limit the length of received messages.
 * </ul>
 *
 * <p>Unlike OkHttp's, the threads are daemons, which do not keep a process alive: a {@code main} method must wait for {@link
 * WebSocketListener#onClosed} or {@link WebSocketListener#onFailure} itself.
 *
 * <p>Every message that was accepted before {@link WebSocket#close} goes out, even if the server reads slowly. {@code
 * OkHttpClient.webSocketCloseTimeout} starts when the close frame has been given to the socket. A server that stops reading
 * exceeds the client's write timeout, which fails the web socket.
 *
 * <p>Safe from any thread. The settings of a factory do not change.
 */
public final class HoldfastWebSockets implements WebSocket.Factory {
    private final OkHttpClient client;
    private final Environment environment;
    private final OkHttpTransport transport;
    private final List<HoldfastEventListener> eventListeners;
    private final AtomicLong opened = new AtomicLong();

    private HoldfastWebSockets(Builder builder) {
        Platform.check();
        this.client = builder.client;
        this.environment = builder.environment != null ? builder.environment : Environment.system();
        long closeTimeout = TimeUnit.MILLISECONDS.toNanos(client.webSocketCloseTimeout());
        ConnectionSettings settings = ConnectionSettings.of(builder.connectTimeoutNanos, builder.maxMessageBytes)
                .closeTimeoutNanos(closeTimeout)
                .maxBufferedBytes(builder.maxQueueBytes)
                .fragmentBytes(builder.fragmentBytes)
                .compression(builder.compression)
                .redirects(builder.redirectPolicy);
        this.transport = environment.okHttp(client, null, settings);
        this.eventListeners = new ArrayList<>(builder.eventListeners);
    }

    /**
     * {@return a factory with all defaults} The client is borrowed and never shut down.
     *
     * @param client the client to connect through
     * @throws IllegalStateException if OkHttp or Okio is too old; the message names the versions and the cure
     */
    public static HoldfastWebSockets create(OkHttpClient client) {
        return builder(client).build();
    }

    /**
     * {@return a builder of a factory} The client is borrowed and never shut down.
     *
     * @param client the client to connect through
     */
    public static Builder builder(OkHttpClient client) {
        return new Builder(client);
    }

    /**
     * Starts to open a web socket, and returns at once. Messages that are sent before it is open wait.
     *
     * @param listener called on I/O threads, one call after another; a call that blocks holds the server back. A {@link
     *     StreamingWebSocketListener} receives messages in pieces
     * @throws IllegalArgumentException if the request is not a GET
     */
    @Override
    public HoldfastWebSocket newWebSocket(Request request, WebSocketListener listener) {
        Objects.requireNonNull(request, "request");
        Objects.requireNonNull(listener, "listener");
        if (!request.method().equals("GET")) {
            throw new IllegalArgumentException("an opening handshake must be a GET, but was a " + request.method());
        }
        long pingInterval = TimeUnit.MILLISECONDS.toNanos(client.pingIntervalMillis());
        long number = opened.incrementAndGet();
        PendingPings pings = new PendingPings(environment.ticker());
        ListenedWebSocket webSocket = new ListenedWebSocket(
                request,
                listener,
                transport,
                pings,
                new PongWatch(environment.scheduler(), pingInterval, pings),
                () -> frameObserver(number));
        webSocket.start();
        return webSocket;
    }

    private @Nullable FrameObserver frameObserver(long connection) {
        List<FrameReporter> reporters = new ArrayList<>(eventListeners.size());
        for (HoldfastEventListener listener : eventListeners) {
            FrameReporter reporter = FrameReporter.of(
                    listener::wantsFrames, listener::framePayloadBytes, listener::onFrame, connection, environment);
            if (reporter != null) reporters.add(reporter);
        }
        return FrameReporter.join(reporters);
    }

    /** A builder of {@link HoldfastWebSockets}. Everything but the client has a default. Not thread-safe. */
    public static final class Builder {
        private final OkHttpClient client;
        private Compression compression;
        private RedirectPolicy redirectPolicy = RedirectPolicy.sameOrigin();
        private long maxMessageBytes = 64 * 1024 * 1024;
        private long maxQueueBytes = 16 * 1024 * 1024;
        private int fragmentBytes = 64 * 1024;
        private long connectTimeoutNanos = TimeUnit.SECONDS.toNanos(30);
        private final List<HoldfastEventListener> eventListeners = new ArrayList<>();
        private @Nullable Environment environment;

        private Builder(OkHttpClient client) {
            this.client = Objects.requireNonNull(client, "client");
            this.compression = Compression.deflate().withThreshold(threshold(client));
        }

        private static int threshold(OkHttpClient client) {
            return (int) Math.min(client.minWebSocketMessageToCompress(), Integer.MAX_VALUE);
        }

        /**
         * Sets the policy for redirects to another origin. Default: {@link RedirectPolicy#sameOrigin}, which refuses them.
         *
         * @param redirectPolicy asked before the web socket connects to another origin
         * @return this builder
         */
        public Builder redirectPolicy(RedirectPolicy redirectPolicy) {
            this.redirectPolicy = Objects.requireNonNull(redirectPolicy, "redirectPolicy");
            return this;
        }

        /**
         * Sets whether messages are compressed (RFC 7692). Default: {@link Compression#deflate} is offered, with {@code
         * OkHttpClient.minWebSocketMessageToCompress} as its threshold.
         *
         * @param compression the setting, such as {@link Compression#none}
         * @return this builder
         */
        public Builder compression(Compression compression) {
            this.compression = Objects.requireNonNull(compression, "compression");
            return this;
        }

        /**
         * Sets the maximum size of a message from the server, in payload bytes after decompression. A larger one fails the web
         * socket with close code 1009. A {@link StreamingWebSocketListener} has no limit. Default: 64 MiB.
         *
         * @param maxMessageBytes the maximum in bytes, positive
         * @return this builder
         * @throws IllegalArgumentException if {@code maxMessageBytes} is not positive
         */
        public Builder maxMessageBytes(long maxMessageBytes) {
            this.maxMessageBytes = positive("maxMessageBytes", maxMessageBytes);
            return this;
        }

        /**
         * Sets the maximum of {@link HoldfastWebSocket#queueSize}, in bytes. If a message would exceed it, {@code send}
         * returns false without queueing the message, and the web socket closes with code 1001 behind the messages that are
         * queued, as OkHttp's do. {@link Long#MAX_VALUE} is no limit. Default: 16 MiB, OkHttp's limit.
         *
         * @param maxQueueBytes the maximum in bytes, positive
         * @return this builder
         * @throws IllegalArgumentException if {@code maxQueueBytes} is not positive
         */
        public Builder maxQueueBytes(long maxQueueBytes) {
            this.maxQueueBytes = positive("maxQueueBytes", maxQueueBytes);
            return this;
        }

        /**
         * Sets the payload bytes above which a message is sent in fragments (RFC 6455 section 5.4), so that control frames do
         * not have to wait for all of it. Default: 64 KiB.
         *
         * @param fragmentBytes the maximum size of a fragment in bytes, positive
         * @return this builder
         * @throws IllegalArgumentException if {@code fragmentBytes} is not positive
         */
        public Builder fragmentBytes(int fragmentBytes) {
            this.fragmentBytes = (int) positive("fragmentBytes", fragmentBytes);
            return this;
        }

        private static long positive(String name, long value) {
            if (value > 0) return value;
            throw new IllegalArgumentException(name + " must be positive, but was " + value);
        }

        /**
         * Sets the time limit for all of the opening. The client's own limits for parts of it apply as well. Default: 30 s.
         *
         * @param connectTimeout the time limit, positive
         * @return this builder
         * @throws IllegalArgumentException if {@code connectTimeout} is not positive
         */
        public Builder connectTimeout(Duration connectTimeout) {
            this.connectTimeoutNanos = Durations.positiveNanos("connectTimeout", connectTimeout);
            return this;
        }

        /**
         * Sets the executor on which web sockets read and write. Each has one task for the upgrade, then one that reads until it
         * ends, and another one while it writes and for a second after a message. The executor is called by any thread, that of a
         * caller of {@code send} among them, and must not block, refuse or queue tasks; virtual threads do well. A web socket
         * whose task it refuses fails. Default: a pool shared by all clients and web sockets, and a new thread for each reader.
         *
         * @param ioExecutor starts each task at once on another thread; borrowed and never shut down
         * @return this builder
         */
        public Builder ioExecutor(Executor ioExecutor) {
            this.environment = Environment.system(Objects.requireNonNull(ioExecutor, "ioExecutor"));
            return this;
        }

        /**
         * Adds an event listener, such as a {@link dev.holdfast.FrameLog}. Only {@link HoldfastEventListener#onFrame} and the
         * methods that configure it are called, on I/O threads; they must not block. Web sockets are numbered from 1. Frames
         * for a {@link StreamingWebSocketListener} have no payload. May be called several times: each frame goes to the
         * listeners in the order in which they were added. Default: none.
         *
         * @param listener called after those added before it
         * @return this builder
         */
        public Builder addEventListener(HoldfastEventListener listener) {
            eventListeners.add(Objects.requireNonNull(listener, "listener"));
            return this;
        }

        /** Sets the environment. For tests. */
        Builder environment(Environment environment) {
            this.environment = environment;
            return this;
        }

        /**
         * {@return a factory} It does nothing before {@link HoldfastWebSockets#newWebSocket}.
         *
         * @throws IllegalStateException if OkHttp or Okio is too old; the message names the versions and the cure
         */
        public HoldfastWebSockets build() {
            return new HoldfastWebSockets(this);
        }
    }
}

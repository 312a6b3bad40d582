package dev.holdfast.websocket;

import dev.holdfast.Compression;
import dev.holdfast.HoldfastEventListener;
import dev.holdfast.RedirectPolicy;
import dev.holdfast.internal.runtime.Environment;
import dev.holdfast.internal.runtime.FrameReporter;
import dev.holdfast.internal.time.Durations;
import dev.holdfast.internal.transport.ConnectionSettings;
import dev.holdfast.internal.transport.OkHttpTransport;
import java.time.Duration;
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
 * Opens WebSockets (RFC 6455) with Holdfast's codec for whoever takes OkHttp's {@link WebSocket.Factory}. One connection
 * each: none is kept alive, and what is lost with it is lost. {@link dev.holdfast.HoldfastClient} is for that.
 *
 * <p>The application's {@link OkHttpClient} is used as OkHttp itself would: its proxy, TLS, DNS and interceptors, its
 * ping interval, close timeout and smallest message to compress. Unlike OkHttp's own, these web sockets answer a
 * server's close frame when {@link WebSocketListener#onClosing} returns if the listener has not closed by then, check
 * UTF-8, tell the server why they fail it, and set no limit on what waits to be sent unless told to.
 *
 * <p>Everything that was accepted before {@link WebSocket#close} goes out, however slowly the server reads. {@code
 * OkHttpClient.webSocketCloseTimeout} starts when the close frame is in the socket. A server that stops reading runs into
 * the client's write timeout.
 *
 * <p>Safe from any thread; what it is set to does not change.
 */
public final class HoldfastWebSockets implements WebSocket.Factory {
    private final OkHttpClient client;
    private final Environment environment;
    private final OkHttpTransport transport;
    private final @Nullable HoldfastEventListener events;
    private final AtomicLong opened = new AtomicLong();

    private HoldfastWebSockets(Builder builder) {
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
        this.events = builder.events;
    }

    /** A factory with all defaults. The client is borrowed and never shut down. */
    public static HoldfastWebSockets create(OkHttpClient client) {
        return builder(client).build();
    }

    /** Starts to build a factory. The client is borrowed and never shut down. */
    public static Builder builder(OkHttpClient client) {
        return new Builder(client);
    }

    /**
     * Starts to open a web socket and returns at once. What is sent before it is open waits.
     *
     * @param listener called on I/O threads, one call after another. A {@link StreamingWebSocketListener} takes messages in
     *     pieces
     * @throws IllegalArgumentException if the request is not a GET
     */
    @Override
    public HoldfastWebSocket newWebSocket(Request request, WebSocketListener listener) {
        Objects.requireNonNull(request, "request");
        Objects.requireNonNull(listener, "listener");
        if (!request.method().equals("GET")) {
            throw new IllegalArgumentException("an opening handshake is a GET, not a " + request.method());
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
                () -> events == null
                        ? null
                        : FrameReporter.of(
                                events::wantsFrames, events::framePayloadBytes, events::onFrame, number, environment));
        webSocket.start();
        return webSocket;
    }

    /** Builds {@link HoldfastWebSockets}. Everything has a default but the client. Not thread-safe. */
    public static final class Builder {
        private final OkHttpClient client;
        private Compression compression;
        private RedirectPolicy redirectPolicy = RedirectPolicy.sameOrigin();
        private long maxMessageBytes = 64 * 1024 * 1024;
        private long maxQueueBytes = 16 * 1024 * 1024;
        private int fragmentBytes = 64 * 1024;
        private long connectTimeoutNanos = TimeUnit.SECONDS.toNanos(30);
        private @Nullable HoldfastEventListener events;
        private @Nullable Environment environment;

        private Builder(OkHttpClient client) {
            this.client = Objects.requireNonNull(client, "client");
            this.compression = Compression.deflate().threshold(threshold(client));
        }

        private static int threshold(OkHttpClient client) {
            return (int) Math.min(client.minWebSocketMessageToCompress(), Integer.MAX_VALUE);
        }

        /**
         * Sets what decides about redirects to another origin. Default:
         * {@link RedirectPolicy#sameOrigin}, which refuses all.
         */
        public Builder redirectPolicy(RedirectPolicy redirectPolicy) {
            this.redirectPolicy = Objects.requireNonNull(redirectPolicy, "redirectPolicy");
            return this;
        }

        /** Whether messages are compressed. permessage-deflate, from the client's smallest message on, unless set. */
        public Builder compression(Compression compression) {
            this.compression = Objects.requireNonNull(compression, "compression");
            return this;
        }

        /**
         * The largest message that is put together for the listener, in payload bytes; a larger one fails the web socket
         * with 1009. Not for a {@link StreamingWebSocketListener}, which keeps none. 64 MiB unless set.
         */
        public Builder maxMessageBytes(long maxMessageBytes) {
            if (maxMessageBytes <= 0) throw new IllegalArgumentException("message limit " + maxMessageBytes);
            this.maxMessageBytes = maxMessageBytes;
            return this;
        }

        /**
         * Sets the maximum of {@link HoldfastWebSocket#queueSize}, in bytes. If a message would exceed it, {@code send}
         * returns false without queueing the message, and the web socket closes with code 1001 behind the messages that are
         * queued, as OkHttp's do. {@link Long#MAX_VALUE} is no limit. Default: 16 MiB, OkHttp's limit.
         *
         * @throws IllegalArgumentException if {@code maxQueueBytes} is not positive
         */
        public Builder maxQueueBytes(long maxQueueBytes) {
            if (maxQueueBytes <= 0) {
                throw new IllegalArgumentException("maxQueueBytes must be positive, but was " + maxQueueBytes);
            }
            this.maxQueueBytes = maxQueueBytes;
            return this;
        }

        /**
         * The payload bytes above which a message goes out in fragments (RFC 6455 section 5.4), so that control frames need
         * not wait for all of it. 64 KiB unless set.
         */
        public Builder fragmentBytes(int fragmentBytes) {
            if (fragmentBytes <= 0) throw new IllegalArgumentException("fragments of " + fragmentBytes + " bytes");
            this.fragmentBytes = fragmentBytes;
            return this;
        }

        /** How long opening may take in all, beside the client's own limits for its parts. 30 s unless set. */
        public Builder connectTimeout(Duration connectTimeout) {
            this.connectTimeoutNanos = Durations.positiveNanos("connectTimeout", connectTimeout);
            return this;
        }

        /**
         * Where web sockets read and write, for as long as they live: two tasks at a time each. It must not refuse or queue
         * them; virtual threads do well. A pool shared with all of Holdfast unless set.
         */
        public Builder ioExecutor(Executor ioExecutor) {
            this.environment = Environment.system(Objects.requireNonNull(ioExecutor, "ioExecutor"));
            return this;
        }

        /**
         * Who is told of frames, a {@link dev.holdfast.FrameLog} say, if it wants them; nothing else of it is called. Web
         * sockets are numbered from 1. Of a {@link StreamingWebSocketListener}'s messages no payload is shown.
         */
        public Builder events(HoldfastEventListener events) {
            this.events = Objects.requireNonNull(events, "events");
            return this;
        }

        /** Another world to live in. */
        Builder environment(Environment environment) {
            this.environment = environment;
            return this;
        }

        /** A factory. Nothing happens before {@link HoldfastWebSockets#newWebSocket}. */
        public HoldfastWebSockets build() {
            return new HoldfastWebSockets(this);
        }
    }
}

package dev.holdfast.internal.transport;

import dev.holdfast.internal.message.PieceHandler;
import dev.holdfast.internal.time.Scheduler;
import dev.holdfast.internal.time.Ticker;
import java.util.Random;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import org.jspecify.annotations.Nullable;

/**
 * Opens WebSocket connections through the application's {@link OkHttpClient}: its proxy, pinning, interceptors, DNS, TLS
 * and event listener apply, its pool and dispatcher are shared, and it is never shut down.
 */
public final class OkHttpTransport implements Transport {
    /** The time limit for a write that makes no progress, if the client sets none. */
    private static final long WRITE_TIMEOUT_NANOS = TimeUnit.SECONDS.toNanos(10);

    final Ticker ticker;
    final Scheduler scheduler;
    final Executor executor;
    final ConnectionSettings settings;
    final long writeTimeoutNanos = WRITE_TIMEOUT_NANOS;

    private final OkHttpClient client;
    private final @Nullable String subprotocol;
    private final Random secureRandom;

    /**
     * @param client borrowed; connections are opened by clients derived from it, see {@link Upgrade}
     * @param subprotocol the subprotocol to offer, null for those that each request offers
     * @param executor runs the upgrade, then the reader on a thread of its own for as long as a connection lives, and the writer on
     *     another one while there is something to write
     * @param secureRandom cryptographic; for masking keys and nonces
     */
    public OkHttpTransport(
            OkHttpClient client,
            @Nullable String subprotocol,
            ConnectionSettings settings,
            Executor executor,
            Scheduler scheduler,
            Ticker ticker,
            Random secureRandom) {
        this.client = client;
        this.subprotocol = subprotocol;
        this.settings = settings;
        this.executor = executor;
        this.scheduler = scheduler;
        this.ticker = ticker;
        this.secureRandom = secureRandom;
    }

    @Override
    public Connection open(Request request, ConnectionListener listener) {
        WebSocketConnection connection = connection(request, listener, null);
        connection.start();
        return connection;
    }

    /**
     * Returns a connection that has not been started.
     *
     * @param pieces receives messages in pieces, in place of the listener; null if the listener receives them whole
     */
    public WebSocketConnection connection(Request request, ConnectionListener listener, @Nullable PieceHandler pieces) {
        return new WebSocketConnection(this, request, listener, pieces);
    }

    Upgrade newUpgrade(Request request) {
        return new Upgrade(client, request, subprotocol, settings, secureRandom);
    }

    /** Returns a cryptographic random source, for masking keys among others. */
    public Random secureRandom() {
        return secureRandom;
    }

    // ---- for other carriers ----

    /** Returns the client that was given, with all the versions of HTTP that it speaks. */
    public OkHttpClient client() {
        return client;
    }

    /** Returns the subprotocol that each connection must speak, null for none. */
    public @Nullable String subprotocol() {
        return subprotocol;
    }

    public ConnectionSettings settings() {
        return settings;
    }

    /** Returns the executor for tasks that block. */
    public Executor executor() {
        return executor;
    }

    public Scheduler scheduler() {
        return scheduler;
    }

    public Ticker ticker() {
        return ticker;
    }
}

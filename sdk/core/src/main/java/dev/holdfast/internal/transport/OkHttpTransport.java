package dev.holdfast.internal.transport;

import dev.holdfast.internal.message.PieceHandler;
import dev.holdfast.internal.time.Scheduler;
import dev.holdfast.internal.time.Ticker;
import java.util.Collections;
import java.util.Random;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import okhttp3.OkHttpClient;
import okhttp3.Protocol;
import okhttp3.Request;
import org.jspecify.annotations.Nullable;

/**
 * Opens WebSocket connections through the application's {@link OkHttpClient}: its proxy, pinning, interceptors, DNS, TLS
 * and event listener apply, its pool and dispatcher are shared, and it is never shut down.
 */
public final class OkHttpTransport implements Transport {
    /** How long one write may make no progress where the client sets no limit of its own. */
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
     * @param client borrowed; connections are opened by a client derived from it that speaks HTTP/1.1 alone, because an
     *     upgrade exists in no later version
     * @param subprotocol what to offer, null for what each request offers
     * @param executor where reader and writer run, a thread each for as long as a connection lives
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
        this.client = client.newBuilder()
                .protocols(Collections.singletonList(Protocol.HTTP_1_1))
                // A page kept from an earlier refusal must not answer an upgrade.
                .cache(null)
                .build();
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
     * A connection that is still to be started.
     *
     * @param pieces who takes messages in pieces, in place of the listener; null where they are to be whole
     */
    public WebSocketConnection connection(Request request, ConnectionListener listener, @Nullable PieceHandler pieces) {
        return new WebSocketConnection(this, request, listener, pieces);
    }

    Upgrade newUpgrade(Request request) {
        return new Upgrade(client, request, subprotocol, settings, secureRandom);
    }

    /** For masking keys. */
    Random secureRandom() {
        return secureRandom;
    }
}

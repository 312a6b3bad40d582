package dev.holdfast;

import dev.holdfast.internal.runtime.Environment;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import org.jspecify.annotations.Nullable;

/** What a {@link HoldfastClientBuilder} has collected, with the defaults. Read while a client is built. */
final class ClientSettings {
    final List<Request> endpoints = new ArrayList<>();
    final List<HoldfastEventListener> eventListeners = new ArrayList<>(1);
    final ApplicationCallbacks callbacks = new ApplicationCallbacks();
    ReconnectPolicy reconnectPolicy = ReconnectPolicy.standard();
    NetworkMonitor networkMonitor = NetworkMonitor.none();

    @Nullable
    CredentialProvider credentialProvider;

    @Nullable
    ConnectRateLimit connectRateLimit;

    Session session = Session.none();
    Backoff backoff = Backoff.exponential(Duration.ofMillis(500), Duration.ofSeconds(30));
    Heartbeat heartbeat = Heartbeat.every(Duration.ofSeconds(20));
    OutboundQueue queue = OutboundQueue.ofBytes(4 * 1024 * 1024);
    long connectTimeoutNanos = TimeUnit.SECONDS.toNanos(15);
    long closeTimeoutNanos = TimeUnit.SECONDS.toNanos(10);
    long maxMessageBytes = 16 * 1024 * 1024;
    long inboundLimitBytes = 1024 * 1024;
    int fragmentBytes = 64 * 1024;
    Compression compression = Compression.deflate();
    RedirectPolicy redirectPolicy = RedirectPolicy.sameOrigin();

    @Nullable
    SessionSnapshot snapshot;

    @Nullable
    OkHttpClient okHttpClient;

    @Nullable
    PayloadCodec payloadCodec;

    @Nullable
    Executor callbackExecutor;

    @Nullable
    HoldfastLogger logger;

    @Nullable
    Environment environment;

    @Nullable
    LongSupplier elapsedClock;

    /** @throws IllegalArgumentException if the request's method is not GET */
    void addEndpoint(Request request) {
        if (!request.method().equals("GET")) {
            throw new IllegalArgumentException("an opening handshake must be a GET, but was a " + request.method());
        }
        endpoints.add(request);
    }

    static long positive(String name, long value) {
        if (value > 0) return value;
        throw new IllegalArgumentException(name + " must be positive, but was " + value);
    }

    /** @throws IllegalStateException if settings contradict each other */
    void check() {
        if (snapshot != null && !session.isResumable()) {
            throw new IllegalStateException("restore(snapshot) needs session(Session.resumable())");
        }
        if (callbacks.typed != null && session.hasManualAcks()) {
            throw new IllegalStateException(
                    "typed(...) acknowledges a message when its handler returns, so a session with"
                            + " manual acknowledgements needs onMessage(...)");
        }
    }
}

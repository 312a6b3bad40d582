package dev.holdfast;

import dev.holdfast.internal.runtime.Environment;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import org.jspecify.annotations.Nullable;

/** The settings of a {@link HoldfastClientBuilder}, with the defaults. Read while a client is built. */
final class ClientSettings {
    private static final int NO_CONTENT = 204;

    /** Nobody changes this list: a client keeps it, and another replaces it. */
    List<Request> endpoints = Collections.emptyList();

    final List<HoldfastEventListener> eventListeners = new ArrayList<>(1);
    final ApplicationCallbacks callbacks = new ApplicationCallbacks();
    ReconnectPolicy reconnectPolicy = ReconnectPolicy.standard();
    NetworkMonitor networkMonitor = NetworkMonitor.none();

    @Nullable
    CredentialProvider credentialProvider;

    @Nullable
    EndpointProvider endpointProvider;

    @Nullable
    ConnectRateLimit connectRateLimit;

    Session session = Session.none();
    Backoff backoff = Backoff.exponential(Duration.ofMillis(500), Duration.ofSeconds(30));

    @Nullable
    Heartbeat heartbeat;

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
    SessionStore store;

    StoreFailure storeFailure = StoreFailure.END_CLIENT;

    @Nullable
    OkHttpClient okHttpClient;

    @Nullable
    Carrier carrier;

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
        Handshakes.requireGet(request);
        List<Request> more = new ArrayList<>(endpoints.size() + 1);
        more.addAll(endpoints);
        more.add(request);
        endpoints = more;
    }

    static long positive(String name, long value) {
        if (value > 0) return value;
        throw new IllegalArgumentException(name + " must be positive, but was " + value);
    }

    /** Returns whether the client can only receive. */
    boolean isReadOnly() {
        return carrier != null && carrier.isReadOnly();
    }

    /** A server that answers no pings may have nothing to say for a while. */
    Heartbeat heartbeat() {
        if (heartbeat != null) return heartbeat;
        return isReadOnly() ? Heartbeat.serverPings(Duration.ofMinutes(2)) : Heartbeat.every(Duration.ofSeconds(20));
    }

    /** A server says with this status that a client of server-sent events must not come back. */
    ReconnectPolicy reconnectPolicy() {
        return isReadOnly() && !reconnectPolicy.httpStatusReactions().containsKey(NO_CONTENT)
                ? reconnectPolicy.withHttpStatusReaction(NO_CONTENT, Reaction.stop("the server has no more to send"))
                : reconnectPolicy;
    }

    /** @throws IllegalStateException if settings contradict each other */
    void check() {
        if (snapshot != null && !session.isResumable()) {
            throw new IllegalStateException("restore(snapshot) needs session(Session.resumable())");
        }
        if (snapshot != null && store != null) {
            throw new IllegalStateException(
                    "restore(snapshot) and store(store): a client has one source of its session");
        }
        if (isReadOnly()) {
            if (session.isResumable() || session.hasSubscriptions() || session.opensWithLast()) {
                throw new IllegalStateException(
                        "this carrier only receives, so it needs session(Session.resumeFrom(...)) with"
                                + " the id in the request, or Session.none(), but the session is " + session);
            }
        } else if (session.resumesFromEvents()) {
            throw new IllegalStateException("ResumeFrom.eventId() needs a carrier for events");
        } else if (carrier != null && !session.isResumable()) {
            throw new IllegalStateException("this carrier needs session(Session.resumable())");
        }
        if (endpointProvider != null && endpoints.size() > 1) {
            throw new IllegalStateException(
                    "endpoint(...) and endpointProvider(...): the provider supplies the endpoint of each attempt");
        }
        if (callbacks.typed != null && session.hasManualAcks()) {
            throw new IllegalStateException(
                    "typed(...) acknowledges a message when its handler returns, so a session with"
                            + " manual acknowledgements needs onMessage(...)");
        }
    }
}

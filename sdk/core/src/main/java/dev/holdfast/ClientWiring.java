package dev.holdfast;

import dev.holdfast.internal.runtime.Environment;
import dev.holdfast.internal.runtime.SessionDriver;
import dev.holdfast.internal.runtime.StoreSettings;
import dev.holdfast.internal.runtime.Telemetry;
import dev.holdfast.internal.session.SessionProtocol;
import dev.holdfast.internal.session.SessionSettings;
import dev.holdfast.internal.transport.ConnectionSettings;
import dev.holdfast.internal.transport.Transport;
import java.time.Duration;
import java.util.function.LongSupplier;
import okhttp3.OkHttpClient;
import org.jspecify.annotations.Nullable;

/** Connects the parts of a client: turns settings into a driver. */
final class ClientWiring {
    /** A connection is given more to write when it has less than this left. */
    private static final long LOW_MARK_BYTES = 64 * 1024;

    private final ClientSettings settings;
    private final SessionProtocol protocol;
    private final Environment environment;
    private final RedirectPolicy redirects;

    private ClientWiring(ClientSettings settings, Payloads payloads) {
        this.settings = settings;
        this.protocol = settings.session.protocol(payloads);
        this.environment = environment(settings);
        this.redirects = Handshakes.trusting(settings.endpoints, settings.redirectPolicy);
    }

    /** Returns a driver that reports to the application's listeners. */
    static SessionDriver driver(ClientSettings settings, Payloads payloads, HoldfastClient client) {
        ClientWiring wiring = new ClientWiring(settings, payloads);
        return wiring.driver(payloads, client);
    }

    private static Environment environment(ClientSettings settings) {
        Environment given = settings.environment != null ? settings.environment : Environment.system();
        LongSupplier elapsedClock = settings.elapsedClock;
        return elapsedClock == null ? given : given.withElapsed(elapsedClock);
    }

    private SessionDriver driver(Payloads payloads, HoldfastClient client) {
        Handshakes handshakes = new Handshakes(settings.endpoints, settings.session, protocol.opens(), redirects);
        return new SessionDriver(
                environment,
                transport(),
                attempt -> {
                    client.warnings.attempt(attempt);
                    return handshakes.request(attempt);
                },
                settings.credentialProvider,
                settings.endpointProvider,
                settings.networkMonitor,
                protocol,
                sessionSettings(),
                settings.queue,
                settings.inboundLimitBytes,
                settings.session.hasManualAcks(),
                settings.callbackExecutor,
                new ListenerAdapter(
                        client,
                        settings.callbacks.forClient(),
                        payloads,
                        settings.session.hasManualAcks() ? client::handled : null),
                new Telemetry(EventListeners.of(settings.eventListeners, environment)),
                store(payloads, client));
    }

    private @Nullable StoreSettings store(Payloads payloads, HoldfastClient client) {
        SessionStore store = settings.store;
        if (store == null) return null;
        boolean continuesInMemory = settings.storeFailure == StoreFailure.CONTINUE_IN_MEMORY;
        return new StoreSettings(
                store, continuesInMemory, original -> protocol.restored(payloads.outgoing(original)), client::outbound);
    }

    private SessionSettings sessionSettings() {
        SessionSettings session = new SessionSettings(
                        protocol.isResumable(),
                        settings.backoff,
                        settings.heartbeat(),
                        LOW_MARK_BYTES,
                        settings.queue.rateLimit(),
                        settings.connectTimeoutNanos,
                        settings.closeTimeoutNanos)
                .policy(settings.reconnectPolicy())
                .endpoints(settings.endpoints.size())
                .credentials(settings.credentialProvider != null)
                .suppliesEndpoints(settings.endpointProvider != null);
        Duration batchWindow = settings.queue.batchWindow();
        if (batchWindow != null) session.batchWindow(batchWindow.toNanos());
        settings.session.apply(session);
        session.storesPosition(settings.store != null && settings.session.resumesFromLast());
        session.storesCursors(settings.store != null && settings.session.hasSubscriptions());
        if (protocol.opens() && !protocol.isResumable()) session.opening(protocol.serverOpens());
        if (!protocol.saysBye()) session.withoutBye();
        if (settings.connectRateLimit != null) session.gate(settings.connectRateLimit.gate(settings.endpoints));
        return session;
    }

    private Transport transport() {
        OkHttpClient okHttpClient = settings.okHttpClient;
        return environment.transport(
                () -> okHttpClient != null ? okHttpClient : new OkHttpClient(),
                protocol.subprotocol(),
                ConnectionSettings.of(settings.connectTimeoutNanos, settings.maxMessageBytes)
                        .fragmentBytes(settings.fragmentBytes)
                        .flushTimeoutNanos(settings.closeTimeoutNanos)
                        .compression(settings.compression)
                        .redirects(redirects),
                settings.carrier == null ? null : settings.carrier.factory());
    }
}

package dev.holdfast;

import dev.holdfast.internal.runtime.Environment;
import dev.holdfast.internal.runtime.SessionDriver;
import dev.holdfast.internal.runtime.Telemetry;
import dev.holdfast.internal.session.SessionProtocol;
import dev.holdfast.internal.session.SessionSettings;
import dev.holdfast.internal.transport.ConnectionSettings;
import dev.holdfast.internal.transport.Transport;
import java.time.Duration;
import java.util.function.LongSupplier;
import okhttp3.OkHttpClient;

/** Connects the parts of a client: turns what a builder holds into a driver. */
final class ClientWiring {
    /** A connection is given more to write when it has less than this left. */
    private static final long LOW_MARK_BYTES = 64 * 1024;

    private final HoldfastClientBuilder builder;
    private final SessionProtocol protocol;
    private final Environment environment;
    private final RedirectPolicy redirects;

    private ClientWiring(HoldfastClientBuilder builder, Payloads payloads) {
        this.builder = builder;
        this.protocol = builder.session.protocol(payloads);
        this.environment = environment(builder);
        this.redirects = Handshakes.trusting(builder.endpoints, builder.redirectPolicy);
    }

    /** Returns a driver that reports to the builder's listeners. */
    static SessionDriver driver(HoldfastClientBuilder builder, Payloads payloads, HoldfastClient client) {
        ClientWiring wiring = new ClientWiring(builder, payloads);
        return wiring.driver(payloads, client);
    }

    private static Environment environment(HoldfastClientBuilder builder) {
        Environment given = builder.environment != null ? builder.environment : Environment.system();
        LongSupplier elapsedClock = builder.elapsedClock;
        return elapsedClock == null ? given : given.withElapsed(elapsedClock);
    }

    private SessionDriver driver(Payloads payloads, HoldfastClient client) {
        Handshakes handshakes = new Handshakes(builder.endpoints, builder.session, redirects);
        return new SessionDriver(
                environment,
                transport(),
                attempt -> {
                    client.warnings.credential(attempt.credential());
                    return handshakes.request(attempt);
                },
                builder.credentialProvider,
                builder.networkMonitor,
                protocol,
                settings(),
                builder.queue,
                builder.inboundLimitBytes,
                builder.session.hasManualAcks(),
                builder.callbackExecutor,
                new ListenerAdapter(
                        client,
                        builder.callbacks.forClient(),
                        payloads,
                        builder.session.hasManualAcks() ? client::handled : null),
                new Telemetry(EventListeners.of(builder.eventListeners, environment)));
    }

    private SessionSettings settings() {
        SessionSettings settings = new SessionSettings(
                        protocol.isResumable(),
                        builder.backoff,
                        builder.heartbeat,
                        LOW_MARK_BYTES,
                        builder.queue.rateLimit(),
                        builder.connectTimeoutNanos,
                        builder.closeTimeoutNanos)
                .policy(builder.reconnectPolicy)
                .endpoints(builder.endpoints.size())
                .credentials(builder.credentialProvider != null);
        Duration batchWindow = builder.queue.batchWindow();
        if (batchWindow != null) settings.batchWindow(batchWindow.toNanos());
        builder.session.apply(settings);
        if (builder.connectRateLimit != null) settings.gate(builder.connectRateLimit.gate(builder.endpoints));
        return settings;
    }

    private Transport transport() {
        OkHttpClient okHttpClient = builder.okHttpClient;
        return environment.transport(
                () -> okHttpClient != null ? okHttpClient : new OkHttpClient(),
                protocol.subprotocol(),
                ConnectionSettings.of(builder.connectTimeoutNanos, builder.maxMessageBytes)
                        .fragmentBytes(builder.fragmentBytes)
                        .flushTimeoutNanos(builder.closeTimeoutNanos)
                        .compression(builder.compression)
                        .redirects(redirects));
    }
}

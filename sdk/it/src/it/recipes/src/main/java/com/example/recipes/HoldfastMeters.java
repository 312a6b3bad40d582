package com.example.recipes;

import dev.holdfast.ConnectionFailure;
import dev.holdfast.HoldfastClient;
import dev.holdfast.HoldfastEventListener;
import dev.holdfast.Metrics;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import java.time.Duration;
import java.util.Locale;

// recipes
/** Meters of one client. Add it to the client's builder, then bind the client. */
public final class HoldfastMeters implements HoldfastEventListener {
    private final MeterRegistry registry;
    private final Tags tags;

    public HoldfastMeters(MeterRegistry registry, String clientName) {
        this.registry = registry;
        this.tags = Tags.of("client", clientName);
    }

    /** Registers one counter for each of {@link Metrics.Counter}, and the state of the queue. */
    public void bind(HoldfastClient client) {
        for (Metrics.Counter counter : Metrics.Counter.values()) {
            String name = "holdfast." + counter.name().toLowerCase(Locale.ROOT).replace('_', '.');
            FunctionCounter.builder(name, client, c -> c.metrics().count(counter))
                    .tags(tags)
                    .register(registry);
        }
        Gauge.builder("holdfast.queue.messages", client, c -> c.metrics().queuedMessages())
                .tags(tags)
                .register(registry);
        Gauge.builder("holdfast.queue.bytes", client, c -> c.metrics().queuedBytes())
                .baseUnit("bytes")
                .tags(tags)
                .register(registry);
    }

    @Override
    public void onRoundTripTime(Duration time) {
        registry.timer("holdfast.round.trip", tags).record(time);
    }

    @Override
    public void onConnectionFailure(ConnectionFailure failure) {
        registry.counter(
                        "holdfast.connection.failures",
                        tags.and("phase", failure.phase().name()))
                .increment();
    }
}
// end

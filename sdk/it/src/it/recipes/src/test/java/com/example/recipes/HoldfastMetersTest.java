package com.example.recipes;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.HoldfastClient;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class HoldfastMetersTest {
    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();

    private HoldfastClient metered(String url) {
        // recipes
        HoldfastMeters meters = new HoldfastMeters(registry, "live");
        HoldfastClient client =
                HoldfastClient.builder(url).addEventListener(meters).build();
        meters.bind(client);
        // end
        return client;
    }

    @Test
    void countsMessagesAndTimesRoundTrips() throws Exception {
        HoldfastClient client = metered(System.getProperty("echo.url"));
        client.send("waits");
        assertEquals(1, registry.get("holdfast.queue.messages").gauge().value());
        client.connect();
        client.opened().get(20, TimeUnit.SECONDS);
        client.ping().get(20, TimeUnit.SECONDS);
        client.close();
        client.closed().get(20, TimeUnit.SECONDS);
        assertEquals(
                1,
                registry.get("holdfast.messages.written")
                        .tag("client", "live")
                        .functionCounter()
                        .count());
        assertEquals(0, registry.get("holdfast.queue.bytes").gauge().value());
        System.out.println("consumer> Micrometer: " + registry.getMeters().size() + " meters, "
                + registry.get("holdfast.messages.received").functionCounter().count() + " messages received");
    }

    @Test
    void countsFailuresByPhase() throws Exception {
        HoldfastClient client = metered("ws://127.0.0.1:1/");
        client.connect();
        while (registry.find("holdfast.connection.failures").counter() == null) TimeUnit.MILLISECONDS.sleep(10);
        client.cancel();
        assertTrue(registry.get("holdfast.connection.failures")
                        .tag("phase", "TCP")
                        .counter()
                        .count()
                > 0);
    }
}

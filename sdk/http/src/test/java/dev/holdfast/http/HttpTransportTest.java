package dev.holdfast.http;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.holdfast.internal.transport.ConnectionSettings;
import dev.holdfast.internal.transport.OkHttpTransport;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import okhttp3.OkHttpClient;
import org.junit.jupiter.api.Test;

/** What the transport remembers of requests that were too large. */
class HttpTransportTest {
    private static final long BYTES = 100_000;

    /** Negative, as the ticker of a virtual machine may be. */
    private final AtomicLong now = new AtomicLong(-TimeUnit.HOURS.toNanos(1));

    private final HttpTransport transport = new HttpTransport(new OkHttpTransport(
            new OkHttpClient(),
            "resume.v1.json",
            ConnectionSettings.of(TimeUnit.SECONDS.toNanos(15), 1000),
            Runnable::run,
            (task, nanos) -> () -> {},
            now::get,
            new Random(1)));

    @Test
    void aSizeThatWasRefusedIsForgottenStepByStep() {
        assertEquals(Uploads.MAX_BYTES, transport.maxRequestBytes());
        transport.requestWasTooLarge(BYTES, transport.network());
        assertEquals(BYTES / 2, transport.maxRequestBytes());
        now.addAndGet(HttpTransport.MEMORY_NANOS - 1);
        assertEquals(BYTES / 2, transport.maxRequestBytes());
        now.addAndGet(1);
        assertEquals(BYTES, transport.maxRequestBytes());
        now.addAndGet(HttpTransport.MEMORY_NANOS);
        assertEquals(2 * BYTES, transport.maxRequestBytes());
        now.addAndGet(100 * HttpTransport.MEMORY_NANOS);
        assertEquals(Uploads.MAX_BYTES, transport.maxRequestBytes());
    }

    @Test
    void eachRefusalIsRememberedAsLong() {
        transport.requestWasTooLarge(BYTES, transport.network());
        now.addAndGet(HttpTransport.MEMORY_NANOS - 1);
        transport.requestWasTooLarge(BYTES / 2, transport.network());
        now.addAndGet(HttpTransport.MEMORY_NANOS - 1);
        assertEquals(BYTES / 4, transport.maxRequestBytes());
        now.addAndGet(1);
        assertEquals(BYTES / 2, transport.maxRequestBytes());
        transport.requestWasTooLarge(BYTES / 2, transport.network());
        assertEquals(BYTES / 4, transport.maxRequestBytes());
    }

    @Test
    void aRefusalOnTheNetworkBeforeDoesNotCount() {
        int before = transport.network();
        transport.requestWasTooLarge(BYTES, before);
        transport.onNetworkChanged();
        assertEquals(Uploads.MAX_BYTES, transport.maxRequestBytes());
        transport.requestWasTooLarge(BYTES, before);
        assertEquals(Uploads.MAX_BYTES, transport.maxRequestBytes());
        transport.requestWasTooLarge(BYTES, transport.network());
        assertEquals(BYTES / 2, transport.maxRequestBytes());
    }

    @Test
    void anOpeningThatMaySitInAProxyKeepsItsPlaceForAWhile() {
        for (int i = 0; i < 2 * HttpTransport.MAX_GIVEN_UP; i++) transport.gaveUp("name" + i);
        assertEquals("name0,name1,name2,name3,name4,name5,name6,name7", transport.givenUp());
        now.addAndGet(HttpTransport.HELD_NANOS - 1);
        transport.gaveUp("early");
        now.addAndGet(1);
        transport.gaveUp("newer");
        assertEquals("name1,name2,name3,name4,name5,name6,name7,newer", transport.givenUp());
        transport.replaced("name1,name2,name3,name4,name5,name6,name7");
        assertEquals("newer", transport.givenUp());
    }
}

package dev.holdfast.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.internal.transport.ConnectionListener;
import dev.holdfast.internal.transport.ConnectionSettings;
import dev.holdfast.internal.transport.OkHttpTransport;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import okhttp3.EventListener;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import org.junit.jupiter.api.Test;

/** The memory of a network's carrier, in virtual time. */
class FallbackTransportTest {
    private static final long MINUTE = TimeUnit.MINUTES.toNanos(1);

    private final AtomicLong now = new AtomicLong(Long.MAX_VALUE - MINUTE);
    private final List<Runnable> scheduled = new ArrayList<>();
    private final List<Runnable> tasks = new ArrayList<>();
    private final AtomicInteger calls = new AtomicInteger();
    private boolean full;
    private int refused;
    private final FallbackTransport transport = new FallbackTransport(new OkHttpTransport(
            new OkHttpClient.Builder()
                    .eventListenerFactory(call -> {
                        calls.incrementAndGet();
                        return EventListener.NONE;
                    })
                    .build(),
            "resume.v1.json",
            ConnectionSettings.of(MINUTE, 1000),
            this::execute,
            (task, nanos) -> {
                scheduled.add(task);
                return () -> {};
            },
            now::get,
            new Random(1)));

    private void execute(Runnable task) {
        if (full) {
            refused++;
            throw new RejectedExecutionException("full");
        }
        tasks.add(task);
    }

    @Test
    void aWebSocketIsTriedAtGrowingIntervals() {
        assertFalse(transport.startsWithHttp());
        assertEquals(MINUTE, transport.httpWorks());
        for (int minutes : new int[] {2, 4, 8, 16, 32, 60, 60}) {
            assertTrue(transport.startsWithHttp());
            assertEquals(minutes * MINUTE, transport.tryFailed());
        }
        now.addAndGet(60 * MINUTE - 1);
        assertTrue(transport.startsWithHttp());
        now.addAndGet(1);
        assertFalse(transport.startsWithHttp());
    }

    @Test
    void anotherConnectionOverHttpChangesNothing() {
        assertEquals(MINUTE, transport.httpWorks());
        now.addAndGet(MINUTE / 2);
        assertEquals(MINUTE / 2, transport.httpWorks());
    }

    @Test
    void aTryThatSucceedsLetsTheNextConnectionBeAWebSocket() {
        assertEquals(MINUTE, transport.httpWorks());
        transport.trySucceeded();
        assertFalse(transport.startsWithHttp());
        // It was not to be: the next try comes later.
        assertEquals(2 * MINUTE, transport.httpWorks());
        transport.webSocketWorks();
        assertFalse(transport.startsWithHttp());
        assertEquals(MINUTE, transport.httpWorks());
    }

    @Test
    void anotherNetworkIsForgotten() {
        assertEquals(MINUTE, transport.httpWorks());
        assertEquals(2 * MINUTE, transport.tryFailed());
        transport.onNetworkChanged();
        assertFalse(transport.startsWithHttp());
        assertEquals(MINUTE, transport.httpWorks());
    }

    @Test
    void twoDeathsInARowAreEnough() {
        assertFalse(transport.webSocketDied());
        transport.webSocketWorks();
        assertFalse(transport.webSocketDied());
        assertFalse(transport.startsWithHttp());
        assertTrue(transport.webSocketDied());
        assertTrue(transport.startsWithHttp());
        transport.httpFailed();
        assertFalse(transport.startsWithHttp());
        assertFalse(transport.webSocketDied());
    }

    @Test
    void anExecutorThatIsFullSaysNothingOfWebSockets() {
        full = true;
        List<String> told = new ArrayList<>();
        ConnectionListener listener = (ConnectionListener) Proxy.newProxyInstance(
                getClass().getClassLoader(), new Class<?>[] {ConnectionListener.class}, (proxy, method, args) -> {
                    told.add(method.getName());
                    return null;
                });
        Request request = new Request.Builder().url("http://localhost:1/").build();
        for (int i = 0; i < 3; i++) transport.open(request, listener);
        assertEquals(List.of("onFailed", "onFailed", "onFailed"), told);
        assertEquals(3, refused, "no attempt over HTTP");
    }

    @Test
    void streamsCountAsHeldBackAfterTwoInARowAndForAWhile() {
        HttpTransport http = transport.http;
        http.streamWasHeldBack();
        assertFalse(http.polls());
        http.streamCameThrough();
        http.streamWasHeldBack();
        assertFalse(http.polls());
        http.streamWasHeldBack();
        assertTrue(http.polls());
        now.addAndGet(HttpTransport.MEMORY_NANOS - 1);
        assertTrue(http.polls());
        now.addAndGet(1);
        assertFalse(http.polls());
        http.streamWasHeldBack();
        assertTrue(http.polls());
        transport.onNetworkChanged();
        assertFalse(http.polls());
        http.streamWasHeldBack();
        assertFalse(http.polls());
    }

    @Test
    void noWebSocketIsTriedOnTheThreadOfTheTimer() {
        WebSocketTries tries = new WebSocketTries(
                transport, new Request.Builder().url("http://localhost:1/").build(), () -> {});
        tries.begin(0);
        scheduled.remove(0).run();
        assertEquals(0, calls.get());
        assertEquals(1, tasks.size());
        tries.end();
    }
}

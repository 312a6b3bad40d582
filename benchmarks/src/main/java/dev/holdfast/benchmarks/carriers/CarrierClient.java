package dev.holdfast.benchmarks.carriers;

import dev.holdfast.ClientState;
import dev.holdfast.HoldfastClient;
import dev.holdfast.OutboundQueue;
import dev.holdfast.Session;
import dev.holdfast.http.Carriers;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import okhttp3.OkHttpClient;
import okhttp3.Protocol;

/** A client with a resumable session, which is open. */
final class CarrierClient implements AutoCloseable {
    private static final int PATIENCE_SECONDS = 60;
    private static final int QUEUE_BYTES = 64 * 1024 * 1024;

    private final AtomicLong uploads = new AtomicLong();
    private final Semaphore received = new Semaphore(0);
    private final OkHttpClient okHttp;
    private final HoldfastClient client;

    CarrierClient(Way way, String url) throws InterruptedException {
        okHttp = new OkHttpClient.Builder()
                .protocols(List.of(way.proxy == Way.Proxy.HTTP_2 ? Protocol.H2_PRIOR_KNOWLEDGE : Protocol.HTTP_1_1))
                .addInterceptor(chain -> {
                    if (chain.request().header("Holdfast-Request") != null) uploads.incrementAndGet();
                    return chain.proceed(chain.request());
                })
                .build();
        CountDownLatch open = new CountDownLatch(1);
        var builder = HoldfastClient.builder(url)
                .session(Session.resumable())
                .okHttpClient(okHttp)
                .queue(OutboundQueue.ofBytes(QUEUE_BYTES))
                .onState((from, state) -> {
                    if (state == ClientState.OPEN) open.countDown();
                })
                .onMessage((from, message) -> received.release());
        client = (way.overHttp ? builder.carrier(Carriers.httpOnly()) : builder).build();
        client.connect();
        if (!open.await(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
            client.cancel();
            throw new IllegalStateException("no connection: " + way.title);
        }
    }

    /** Sends a message; {@code acknowledged} runs on any thread. */
    void send(String text, Runnable acknowledged) {
        var unused = client.send(text).outcome().thenAccept(outcome -> {
            if (outcome.isSuccess()) acknowledged.run();
        });
    }

    void awaitReceived(int messages) throws InterruptedException {
        acquire(received, messages);
    }

    /** Takes permits, and fails if that takes too long. */
    static void acquire(Semaphore permits, int count) throws InterruptedException {
        if (!permits.tryAcquire(count, PATIENCE_SECONDS, TimeUnit.SECONDS)) {
            throw new IllegalStateException("nothing has come for " + PATIENCE_SECONDS + " s");
        }
    }

    /** Returns the number of requests with messages so far. */
    long uploads() {
        return uploads.get();
    }

    @Override
    public void close() {
        client.cancel();
        okHttp.dispatcher().executorService().shutdown();
        okHttp.connectionPool().evictAll();
    }
}

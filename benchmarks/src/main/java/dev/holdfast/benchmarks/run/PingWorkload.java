package dev.holdfast.benchmarks.run;

import dev.holdfast.benchmarks.client.Client;
import dev.holdfast.benchmarks.wire.Payloads;
import dev.holdfast.benchmarks.wire.Work;
import dev.holdfast.internal.frame.Utf8Text;
import dev.holdfast.internal.message.CloseStatus;
import dev.holdfast.internal.runtime.Environment;
import dev.holdfast.internal.transport.Connection;
import dev.holdfast.internal.transport.ConnectionListener;
import dev.holdfast.internal.transport.ConnectionSettings;
import dev.holdfast.internal.transport.TransportException;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okio.ByteString;

/**
 * A workload that measures how long a heartbeat waits: from a ping to its pong, while large messages go to a server
 * that reads slowly. Applications do not send pings, so it uses Holdfast's connection without a client around it.
 */
final class PingWorkload implements Workload {
    private static final int LARGE_BYTES = 16 * 1024 * 1024;
    private static final int BYTES_PER_SECOND = 100_000_000;
    private static final long CONNECT_TIMEOUT_NANOS = TimeUnit.SECONDS.toNanos(10);
    private static final long BETWEEN_PINGS_MILLIS = 5;

    @Override
    public Map<Metric, Double> run(Client client, Place place, Budget budget) throws Exception {
        Pongs pongs = new Pongs();
        Request request = new Request.Builder()
                .url(Work.slowSink(BYTES_PER_SECOND).at(place.port()).toString())
                .build();
        Connection connection = Environment.system()
                .okHttp(new OkHttpClient(), null, ConnectionSettings.of(CONNECT_TIMEOUT_NANOS, Long.MAX_VALUE))
                .open(request, pongs);
        try {
            pongs.open.get(10, TimeUnit.SECONDS);
            Latencies latencies = new Latencies();
            ByteString large = ByteString.encodeUtf8(Payloads.text(LARGE_BYTES));
            long start = System.nanoTime();
            long now;
            do {
                if (pongs.underWay.tryAcquire() && !connection.sendBinary(large)) {
                    throw new IllegalStateException("not taken");
                }
                TimeUnit.MILLISECONDS.sleep(BETWEEN_PINGS_MILLIS);
                long sentAt = System.nanoTime();
                connection.sendPing(ByteString.EMPTY);
                if (!pongs.pong.tryAcquire(10, TimeUnit.SECONDS)) throw new IllegalStateException("no pong");
                now = System.nanoTime();
                if (now - start >= budget.warmNanos()) latencies.add(now - sentAt);
            } while (now - start < budget.warmNanos() + budget.measureNanos());
            return latencies.figures();
        } finally {
            connection.cancel();
        }
    }

    private static final class Pongs implements ConnectionListener {
        final CompletableFuture<Connection> open = new CompletableFuture<>();
        final Semaphore pong = new Semaphore(0);
        /** Permits for large messages: one that is being written and one behind it. */
        final Semaphore underWay = new Semaphore(2);

        @Override
        public void onOpen(Connection connection) {
            open.complete(connection);
        }

        @Override
        public void onPong(ByteString payload) {
            pong.release();
        }

        @Override
        public void onWritten(int messages) {
            underWay.release(messages);
        }

        @Override
        public void onText(Utf8Text text) {}

        @Override
        public void onBinary(ByteString bytes) {}

        @Override
        public void onPingWritten() {}

        @Override
        public void onClosing(CloseStatus status) {}

        @Override
        public void onClosed(CloseStatus status) {}

        @Override
        public void onFailed(TransportException failure) {
            open.completeExceptionally(failure);
        }
    }
}

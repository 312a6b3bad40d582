package dev.holdfast.benchmarks.run;

import dev.holdfast.benchmarks.client.Client;
import dev.holdfast.benchmarks.client.Client.Connection;
import dev.holdfast.benchmarks.client.Client.Receiver;
import dev.holdfast.benchmarks.wire.Payloads;
import dev.holdfast.benchmarks.wire.Work;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** A workload with one message at a time in each direction. The callback that receives a message sends the next one. */
final class RoundTripWorkload implements Workload {
    private static final int BYTES = 64;

    @Override
    public Map<Metric, Double> run(Client client, Place place, Budget budget) throws Exception {
        Ball ball = new Ball(budget);
        Connection connection = client.connect(place.of(Work.echo(BYTES)), ball);
        try {
            ball.begin(connection);
            return ball.figures.get(budget.warmMillis() + budget.measureMillis() + 20_000, TimeUnit.MILLISECONDS);
        } finally {
            connection.close();
        }
    }

    private static final class Ball implements Receiver {
        final CompletableFuture<Map<Metric, Double>> figures = new CompletableFuture<>();

        private final String text = Payloads.text(BYTES);
        private final CompletableFuture<Connection> opened = new CompletableFuture<>();
        private final Latencies latencies = new Latencies();
        private final long warmNanos;
        private final long measureNanos;
        private final long startedAt = System.nanoTime();
        private long sentAt;

        Ball(Budget budget) {
            this.warmNanos = budget.warmNanos();
            this.measureNanos = budget.measureNanos();
        }

        void begin(Connection connection) throws Exception {
            opened.complete(connection);
            send();
        }

        private void send() throws Exception {
            sentAt = System.nanoTime();
            Connection connection = opened.join();
            connection.sendText(text);
            connection.flush();
        }

        @Override
        public void onText(String received) {
            onMessage();
        }

        @Override
        public void onBinary(int bytes) {
            onMessage();
        }

        private void onMessage() {
            long now = System.nanoTime();
            long elapsed = now - startedAt;
            if (elapsed >= warmNanos) latencies.add(now - sentAt);
            if (elapsed >= warmNanos + measureNanos) {
                figures.complete(latencies.figures());
                return;
            }
            try {
                send();
            } catch (Exception e) {
                figures.completeExceptionally(e);
            }
        }
    }
}

package dev.holdfast.benchmarks.run;

import dev.holdfast.benchmarks.client.Client;
import dev.holdfast.benchmarks.client.Client.Connection;
import dev.holdfast.benchmarks.wire.Payloads;
import dev.holdfast.benchmarks.wire.Work;
import java.util.Map;

/**
 * A workload with a small message right behind a large one. The time counts from before the send of the large one until
 * the server has answered the small one.
 */
final class BehindWorkload implements Workload {
    /** The size of the large message. OkHttp's queue holds 16 MiB, and the small message must fit too. */
    private static final int LARGE_BYTES = 16 * 1024 * 1024 - 1024;

    private static final int SMALL_BYTES = 32;

    @Override
    public Map<Metric, Double> run(Client client, Place place, Budget budget) throws Exception {
        Turns turns = new Turns(1, SMALL_BYTES);
        Latencies latencies = new Latencies();
        Connection connection = client.connect(place.of(Work.sink(2)), turns);
        try {
            byte[] large = Payloads.utf8(LARGE_BYTES);
            String small = Payloads.text(SMALL_BYTES);
            long start = System.nanoTime();
            long now = start;
            do {
                long sentAt = now;
                turns.begin();
                connection.sendBinary(large);
                connection.sendText(small);
                connection.flush();
                turns.end();
                now = System.nanoTime();
                if (now - start >= budget.warmNanos()) latencies.add(now - sentAt);
            } while (now - start < budget.warmNanos() + budget.measureNanos());
            return Map.of(Metric.MILLIS, latencies.medianMillis());
        } finally {
            connection.close();
        }
    }
}

package dev.holdfast.benchmarks.run;

import dev.holdfast.benchmarks.client.Client;
import dev.holdfast.benchmarks.client.Client.Connection;
import dev.holdfast.benchmarks.wire.Payloads;
import dev.holdfast.benchmarks.wire.Work;
import java.util.Map;

/**
 * A workload in which the server cuts the connection and the client reconnects by itself, without backoff. The time
 * counts from the message that makes the server cut.
 */
final class CutWorkload implements Workload {
    private static final int BYTES = 256;

    private final int missed;

    /** @param missed the number of messages that the client has missed when it is back */
    CutWorkload(int missed) {
        this.missed = missed;
    }

    @Override
    public Map<Metric, Double> run(Client client, Place place, Budget budget) throws Exception {
        Turns turns = new Turns(missed, BYTES);
        Latencies latencies = new Latencies();
        Connection connection = client.connect(place.of(Work.cut(BYTES, missed)), turns);
        try {
            long start = System.nanoTime();
            long now = start;
            do {
                long cutAt = now;
                turns.begin();
                connection.sendText(Payloads.text(BYTES));
                turns.end();
                now = System.nanoTime();
                if (now - start >= budget.warmNanos()) latencies.add(now - cutAt);
            } while (now - start < budget.warmNanos() + budget.measureNanos());
            return missed == 1 ? latencies.figures() : Map.of(Metric.RATE, missed / latencies.medianMillis() * 1000);
        } finally {
            connection.close();
        }
    }
}

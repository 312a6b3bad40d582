package dev.holdfast.benchmarks.run;

import dev.holdfast.benchmarks.client.Client;
import dev.holdfast.benchmarks.client.Client.Connection;
import dev.holdfast.benchmarks.wire.Payloads;
import dev.holdfast.benchmarks.wire.Work;
import java.util.Map;

/** A throughput workload: batches of messages, one after the other, in one direction. */
final class BatchWorkload implements Workload {
    private final Work work;
    private final boolean binary;
    private final int bytes;
    private final int sentPerBatch;
    private final int receivedPerBatch;

    private BatchWorkload(Work work, boolean binary, int bytes, int sentPerBatch, int receivedPerBatch) {
        this.work = work;
        this.binary = binary;
        this.bytes = bytes;
        this.sentPerBatch = sentPerBatch;
        this.receivedPerBatch = receivedPerBatch;
    }

    /** Returns a workload in which the client sends and the server reports each complete batch. */
    static Workload send(boolean binary, int bytes, int batch) {
        return new BatchWorkload(Work.sink(batch), binary, bytes, batch, 1);
    }

    /** Returns a workload in which the client requests a batch with one message and receives it. */
    static Workload receive(boolean binary, int bytes, int batch) {
        return new BatchWorkload(Work.source(binary, bytes, batch), false, 32, 1, batch);
    }

    @Override
    public Map<Metric, Double> run(Client client, Place place, Budget budget) throws Exception {
        Turns turns = new Turns(receivedPerBatch, work.bytes());
        Connection connection = client.connect(place.of(work), turns);
        try {
            work(connection, turns, budget.warmNanos());
            Meter meter = new Meter();
            long batches = work(connection, turns, budget.measureNanos());
            return meter.perMessage(batches * Math.max(sentPerBatch, receivedPerBatch));
        } finally {
            connection.close();
        }
    }

    private long work(Connection connection, Turns turns, long nanos) throws Exception {
        String text = Payloads.text(bytes);
        byte[] utf8 = Payloads.utf8(bytes);
        long start = System.nanoTime();
        long batches = 0;
        do {
            turns.begin();
            for (int i = 0; i < sentPerBatch; i++) {
                if (binary) {
                    connection.sendBinary(utf8);
                } else {
                    connection.sendText(text);
                }
            }
            connection.flush();
            batches++;
        } while (System.nanoTime() - start < nanos);
        turns.end();
        return batches;
    }
}

package dev.holdfast.benchmarks.run;

import dev.holdfast.benchmarks.client.Client;
import dev.holdfast.benchmarks.client.Client.Connection;
import dev.holdfast.benchmarks.client.Client.Receiver;
import dev.holdfast.benchmarks.wire.Work;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;

/**
 * A workload of many connections on which nothing is sent. It measures the memory and the threads that each one keeps beside others
 * that are open already, so that what a process needs once does not count. Of the resident memory, the heap counts with what is in
 * use: all of it is in RAM from the start ({@link Stage}).
 */
final class IdleWorkload implements Workload {
    /** The connections that are open before. What a process needs once, for the first or for opening them one after another, is theirs. */
    private static final int SHARING = 100;
    /** The time in which resources that only the opening needed are released. */
    private static final long SETTLE_MILLIS = 200;
    /**
     * The time after which connections count as idle. Holdfast's writer leaves its thread after 1 s, and the thread ends after 10 s more.
     */
    private static final long IDLE_MILLIS = 12_000;
    /** A run shorter than usual waits less: it looks for faults, and its figures do not matter. */
    private static final int IDLE_TIMES = 20;

    private static final Receiver NOBODY = new Receiver() {
        @Override
        public void onText(String text) {}

        @Override
        public void onBinary(int bytes) {}
    };

    @Override
    public Map<Metric, Double> run(Client client, Place place, Budget budget) throws Exception {
        List<Connection> connections = new ArrayList<>();
        try {
            int sharing = Math.min(SHARING, budget.idleConnections());
            for (int i = 0; i < sharing; i++) connections.add(open(client, place));
            long settle = Math.min(SETTLE_MILLIS, budget.measureMillis());
            long idle = Math.min(IDLE_MILLIS, IDLE_TIMES * budget.measureMillis());
            TimeUnit.MILLISECONDS.sleep(idle);
            long heapBefore = Meter.heapInUse(settle);
            OptionalLong residentBefore = Meter.resident();
            int threadsBefore = Meter.platformThreads();
            for (int i = 0; i < budget.idleConnections(); i++) connections.add(open(client, place));
            TimeUnit.MILLISECONDS.sleep(idle);
            int threads = Meter.platformThreads() - threadsBefore;
            OptionalLong resident = Meter.resident();
            long heap = Meter.heapInUse(settle) - heapBefore;
            Map<Metric, Double> figures = new EnumMap<>(Metric.class);
            figures.put(Metric.HEAP, (double) heap / budget.idleConnections());
            if (resident.isPresent() && residentBefore.isPresent()) {
                long bytes = heap + resident.getAsLong() - residentBefore.getAsLong();
                figures.put(Metric.RESIDENT, (double) bytes / budget.idleConnections());
            }
            figures.put(Metric.THREADS, (double) threads / budget.idleConnections());
            return figures;
        } finally {
            for (Connection connection : connections) connection.close();
        }
    }

    private static Connection open(Client client, Place place) throws Exception {
        return client.connect(place.of(Work.sink(1)), NOBODY);
    }
}

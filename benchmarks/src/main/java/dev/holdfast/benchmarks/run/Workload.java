package dev.holdfast.benchmarks.run;

import dev.holdfast.benchmarks.client.Client;
import java.util.Map;

/** A task that puts a client to work and measures it. */
interface Workload {
    /**
     * Runs the whole workload once.
     *
     * @param place where the server is
     * @return the measured figures
     */
    Map<Metric, Double> run(Client client, Place place, Budget budget) throws Exception;
}

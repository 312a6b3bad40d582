package dev.holdfast.benchmarks.run;

import dev.holdfast.benchmarks.client.Client;
import java.util.Map;

/** Puts a client to work and measures it. */
interface Workload {
    /**
     * Does all of the work once.
     *
     * @param place where the server is
     * @return what was measured
     */
    Map<Metric, Double> run(Client client, Place place, Budget budget) throws Exception;
}

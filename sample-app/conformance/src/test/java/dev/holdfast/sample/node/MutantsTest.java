package dev.holdfast.sample.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.testkit.conformance.ConformanceSuite;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/** A test of the conformance suite: each fault that is planted in the server on Node fails a check. */
class MutantsTest {
    private static final int AT_ONCE = 4;
    private static final int MIN_MUTANTS = 20;
    private static final int SHOWN = 4;

    @Test
    void eachPlantedFaultFailsACheck() throws Exception {
        NodeServer.needed();
        Map<String, String> mutants = NodeServer.mutants();
        assertTrue(mutants.size() >= MIN_MUTANTS, "only " + mutants.size() + " faults");
        ExecutorService pool = Executors.newFixedThreadPool(AT_ONCE);
        List<String> survivors = new ArrayList<>();
        try {
            Map<String, Future<List<String>>> runs = new LinkedHashMap<>();
            for (String mutant : mutants.keySet()) runs.put(mutant, pool.submit(() -> failedChecks(mutant)));
            System.out.printf("%n%-20s %-55s %s%n", "planted fault", "the server", "failed checks");
            for (Map.Entry<String, Future<List<String>>> run : runs.entrySet()) {
                List<String> failed = run.getValue().get();
                if (failed.isEmpty()) survivors.add(run.getKey());
                System.out.printf(
                        "%-20s %-55s %d: %s%n",
                        run.getKey(),
                        mutants.get(run.getKey()),
                        failed.size(),
                        String.join(", ", failed.subList(0, Math.min(SHOWN, failed.size()))));
            }
            System.out.println((mutants.size() - survivors.size()) + " of " + mutants.size() + " planted faults found");
        } finally {
            pool.shutdownNow();
        }
        assertEquals(List.of(), survivors);
    }

    private static List<String> failedChecks(String mutant) throws Exception {
        try (NodeServer server = NodeServer.startWith(mutant)) {
            return Conformance.run(server.url(), result -> {}).failures().stream()
                    .map(ConformanceSuite.Result::id)
                    .toList();
        }
    }
}

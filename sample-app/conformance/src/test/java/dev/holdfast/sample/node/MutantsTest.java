package dev.holdfast.sample.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.conformance.ConformanceSuite;
import dev.holdfast.conformance.Target;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/** A test of the conformance suite: each fault that is planted in the server on Node fails a check. */
class MutantsTest {
    private static final int AT_ONCE = 4;
    private static final int SHOWN = 4;
    /** Checks that wait for half a minute. They run for the faults whose names begin like theirs. */
    private static final Set<String> LONG = Set.of("http-comment", "http-poll-held");

    @Test
    void eachPlantedFaultFailsACheck() throws Exception {
        NodeServer.missing().ifPresent(missing -> Conformance.needs(false, missing));
        Map<String, String> mutants = NodeServer.mutants();
        long http = mutants.keySet().stream()
                .filter(name -> name.startsWith("http-"))
                .count();
        Path page = NodeServer.FOLDER.resolve("../../docs/server-authors.md");
        String numbers =
                "plants " + mutants.size() + " faults in the server on Node, one at a time, " + http + " of them";
        assertTrue(Files.readString(page).replaceAll("\\s+", " ").contains(numbers), "not on the page: " + numbers);
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

    /** Runs the checks of the carrier that has the fault. */
    private static List<String> failedChecks(String mutant) throws Exception {
        boolean overHttp = mutant.startsWith("http-");
        List<String> checks = new ArrayList<>(overHttp ? ConformanceSuite.names("15") : ConformanceSuite.names());
        checks.removeIf(check -> LONG.contains(check) && !mutant.startsWith(check));
        try (NodeServer server = NodeServer.startWith(mutant)) {
            Target target =
                    Conformance.target(server.url()).withHttp(overHttp ? Target.Http.YES : Target.Http.NO, false);
            return ConformanceSuite.run(target, checks, result -> {}).failures().stream()
                    .map(ConformanceSuite.Result::id)
                    .toList();
        }
    }
}

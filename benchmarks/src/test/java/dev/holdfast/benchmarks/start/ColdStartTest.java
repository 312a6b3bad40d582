package dev.holdfast.benchmarks.start;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.benchmarks.server.BenchmarkServer;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The classes of ours that the first message needs, lambdas included. Each costs a cold phone time. */
class ColdStartTest {
    @TempDir
    private Path folder;

    @ParameterizedTest
    @CsvSource({"OKHTTP, 0, 0", "PLAIN, 90, 130", "CLIENT, 250, 330", "SESSION, 280, 370"})
    void classes(ColdStart.Program program, int min, int max) throws Exception {
        try (BenchmarkServer server = BenchmarkServer.start()) {
            List<String> ours = new ColdStart(folder, server.port())
                    .classes(program, null).stream()
                            .filter(line -> line.startsWith("dev.holdfast.") && !line.contains(".benchmarks."))
                            .toList();
            assertTrue(ours.size() >= min && ours.size() <= max, () -> ours.size() + ": " + ours);
        }
    }
}

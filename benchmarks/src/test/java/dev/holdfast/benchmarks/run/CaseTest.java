package dev.holdfast.benchmarks.run;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.benchmarks.client.ClientKind;
import dev.holdfast.benchmarks.server.BenchmarkServer;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** That every client does the work of every case. How fast is not asked. */
class CaseTest {
    private static final Budget SMALLEST = new Budget(0, 0, 3);

    /** Other sizes, and other processes, of what the rest does. */
    private static final Set<Case> SAME_CODE = EnumSet.of(
            Case.SEND_TEXT_32,
            Case.SEND_TEXT_16K,
            Case.RECEIVE_TEXT_32,
            Case.RECEIVE_TEXT_256,
            Case.ROUND_TRIP_ONE_PROCESSOR);

    private static BenchmarkServer server;

    @BeforeAll
    static void startServer() {
        server = BenchmarkServer.start();
    }

    @AfterAll
    static void stopServer() {
        server.close();
    }

    static Stream<Arguments> casesAndClients() {
        return Stream.of(Case.values())
                .filter(which -> !SAME_CODE.contains(which))
                .flatMap(which ->
                        Stream.of(ClientKind.values()).filter(which::isFor).map(client -> Arguments.of(which, client)));
    }

    @ParameterizedTest
    @MethodSource("casesAndClients")
    void everyClientDoesTheWork(Case which, ClientKind client) throws Exception {
        Map<Metric, Double> figures = ClientMain.measure(client, server.port(), which, SMALLEST);
        assertFalse(figures.isEmpty());
        figures.forEach((metric, figure) -> assertTrue(Double.isFinite(figure), metric + " is " + figure));
    }
}

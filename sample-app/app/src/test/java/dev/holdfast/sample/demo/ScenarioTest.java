package dev.holdfast.sample.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.holdfast.sample.server.SessionStore;
import java.io.OutputStream;
import java.io.PrintStream;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ScenarioTest {
    private static final int MESSAGES = 2_000;
    private static final Progress QUIET = new Progress(new PrintStream(OutputStream.nullOutputStream()), false);

    @ParameterizedTest
    @EnumSource(
            mode = EnumSource.Mode.EXCLUDE,
            names = {"STORM", "TWO_NODES"})
    void nothingIsLost(Scenario scenario) throws Exception {
        Tally tally = ScenarioRun.ofMessages(scenario, MESSAGES, 7, QUIET, SessionStore.inMemory())
                .run();
        assertTrue(tally.passed(), tally::toString);
        assertEquals(2 * MESSAGES, tally.sent());
        assertTrue(tally.reconnects() > 0, tally::toString);
        if (!scenario.losesSessions()) {
            assertEquals(MESSAGES, tally.acknowledged());
            assertEquals(2 * MESSAGES, tally.received());
        }
    }

    @Test
    void theCountSeesWhatIsWrong() {
        StreamCheck check = new StreamCheck();
        for (int number : new int[] {1, 2, 4, 3, 3, 5}) check.arrived(number);
        assertEquals(6, check.received());
        assertEquals(1, check.duplicated());
        assertEquals(1, check.reordered());
        assertEquals(5, check.highest());
        assertFalse(check.has(6));
    }

    @Test
    void aTallyPassesOnlyWhenNothingIsWrong() {
        assertTrue(tally(Scenario.CUT, 0, 0, 0, 0, 0, "").passed());
        assertFalse(tally(Scenario.CUT, 1, 0, 0, 0, 0, "").passed());
        assertFalse(tally(Scenario.CUT, 0, 1, 0, 0, 0, "").passed());
        assertFalse(tally(Scenario.CUT, 0, 0, 1, 0, 0, "").passed());
        assertFalse(tally(Scenario.CUT, 0, 0, 0, 1, 1, "").passed());
        assertFalse(tally(Scenario.CUT, 0, 0, 0, 0, 0, "hangs").passed());
        assertTrue(tally(Scenario.SESSION_EXPIRED, 0, 0, 0, 5, 1, "").passed());
        assertFalse(tally(Scenario.SESSION_EXPIRED, 0, 0, 0, 0, 0, "").passed());
        assertTrue(tally(Scenario.STORM, 0, 0, 0, 5, 1, "").passed());
        assertTrue(tally(Scenario.STORM, 0, 0, 0, 0, 0, "").passed());
        assertFalse(tally(Scenario.STORM, 1, 0, 0, 5, 1, "").passed());
    }

    private static Tally tally(
            Scenario scenario, int lost, int duplicated, int reordered, int told, int sessionsLost, String problem) {
        return new Tally(
                scenario,
                9,
                9,
                9,
                lost,
                duplicated,
                reordered,
                told,
                sessionsLost,
                1,
                Duration.ZERO,
                Duration.ZERO,
                problem,
                "");
    }

    @Test
    void whatCannotRunHereIsSaidAndFailsNothing() throws Exception {
        Results results = new Results();
        results.add(Tally.skipped(Scenario.TWO_NODES, "nginx is not installed"));
        assertTrue(results.passed());
        assertTrue(results.table().contains("skipped: nginx is not installed"), results::table);
        assertTrue(results.table().endsWith("0 passed, 0 failed, 1 skipped"), results::table);
        JsonNode told = new ObjectMapper().readTree(results.json(1)).at("/scenarios/0");
        assertEquals("nginx is not installed", told.get("skipped").asText());
        assertFalse(told.get("passed").asBoolean());
    }

    @Test
    void theCommandLine() {
        DemoOptions options = DemoOptions.parse("--headless", "--scenario", "flap", "--messages", "5", "--seed", "3");
        assertEquals(new DemoOptions(List.of(Scenario.FLAP), 5, 20, 3, false, "memory"), options);
        assertEquals(
                new DemoOptions(List.of(Scenario.STORM), 10_000, 300, 1, true, "redis://localhost/1"),
                DemoOptions.parse("--scenario", "storm", "--seconds", "300", "--json", "--log", "redis://localhost/1"));
        assertEquals(8, DemoOptions.parse("--scenario", "all").scenarios().size());
        for (String[] wrong : new String[][] {
            {"--fast"},
            {"--seed"},
            {"--seed", "x"},
            {"--scenario", "none"},
            {"--messages", "0"},
            {"--seconds", "4"},
            {"--log", "disk"}
        }) {
            assertThrows(IllegalArgumentException.class, () -> DemoOptions.parse(wrong));
        }
    }
}

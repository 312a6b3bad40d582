package dev.holdfast.sample.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.holdfast.server.SessionStore;
import java.io.OutputStream;
import java.io.PrintStream;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ScenarioTest {
    private static final int MESSAGES = 2_000;
    private static final Progress QUIET = new Progress(new PrintStream(OutputStream.nullOutputStream()), false);

    @ParameterizedTest
    @EnumSource(
            mode = EnumSource.Mode.EXCLUDE,
            names = {"STORM", "TWO_NODES", "KILLED"})
    void nothingIsLost(Scenario scenario) throws Exception {
        Tally tally = ScenarioRun.ofMessages(scenario, MESSAGES, 7, QUIET, SessionStore.inMemory())
                .run();
        assertTrue(tally.passed(), tally::toString);
        assertTrue(tally.reconnects() > 0, tally::toString);
        assertNotNull(tally.slowestDetection());
        for (DirectionTotals totals : List.of(tally.toServer(), tally.fromServer())) {
            assertEquals(MESSAGES, totals.sent());
            if (scenario.losesSessions()) continue;
            assertEquals(new DirectionTotals(MESSAGES, MESSAGES, MESSAGES, 0, 0, 0, 0), totals);
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
        assertTrue(tally(Scenario.CUT, 0, 0, 0, 0, 0, null).passed());
        assertFalse(tally(Scenario.CUT, 1, 0, 0, 0, 0, null).passed());
        assertFalse(tally(Scenario.CUT, 0, 1, 0, 0, 0, null).passed());
        assertFalse(tally(Scenario.CUT, 0, 0, 1, 0, 0, null).passed());
        assertFalse(tally(Scenario.CUT, 0, 0, 0, 1, 1, null).passed());
        assertFalse(tally(Scenario.CUT, 0, 0, 0, 0, 0, "hangs").passed());
        assertTrue(tally(Scenario.SESSION_EXPIRED, 0, 0, 0, 5, 1, null).passed());
        assertFalse(tally(Scenario.SESSION_EXPIRED, 0, 0, 0, 0, 0, null).passed());
        assertTrue(tally(Scenario.STORM, 0, 0, 0, 5, 1, null).passed());
        assertTrue(tally(Scenario.STORM, 0, 0, 0, 0, 0, null).passed());
        assertFalse(tally(Scenario.STORM, 1, 0, 0, 5, 1, null).passed());
    }

    private static Tally tally(
            Scenario scenario,
            int lost,
            int duplicated,
            int reordered,
            int told,
            int sessionsLost,
            @Nullable String problem) {
        DirectionTotals good = new DirectionTotals(9, 9, 9, 0, 0, 0, 0);
        DirectionTotals bad = new DirectionTotals(9, 9, 9, told, lost, duplicated, reordered);
        Tally toServer = new Tally(scenario, bad, good, sessionsLost, 1, null, Duration.ZERO, problem, null);
        Tally fromServer = new Tally(scenario, good, bad, sessionsLost, 1, null, Duration.ZERO, problem, null);
        assertEquals(toServer.passed(), fromServer.passed());
        return toServer;
    }

    /** A row for each direction, with the words that the window and JSON use as well. */
    @Test
    void theTableHasARowForEachDirection() {
        DirectionTotals to = new DirectionTotals(11, 12, 13, 14, 15, 16, 17);
        DirectionTotals from = new DirectionTotals(21, 22, 23, 24, 25, 26, 27);
        Tally tally =
                new Tally(Scenario.CUT, to, from, 1, 2, Duration.ofMillis(345), Duration.ofSeconds(1), null, null);
        Results results = new Results();
        results.add(tally);
        List<String> rows = results.table().lines().toList();
        assertEquals(Tally.HEADING, rows.get(1));
        assertEquals("13", column("acknowledged", rows.get(2)));
        assertEquals("14", column("in doubt", rows.get(2)));
        assertEquals("15", column("silently lost", rows.get(2)));
        assertEquals("21", column("sent", rows.get(3)));
        assertEquals("27", column("reordered", rows.get(3)));
        assertEquals(
                "345 ms",
                rows.get(2)
                        .substring(Tally.HEADING.indexOf("slowest detection"))
                        .trim()
                        .substring(0, 6));
    }

    /** Returns the right-aligned number under a heading. */
    private static String column(String name, String row) {
        int end = Tally.HEADING.indexOf("  " + name) + 2 + name.length();
        return row.substring(row.lastIndexOf(' ', end - 1) + 1, end);
    }

    @Test
    void jsonHasTheSameTotalsAndNullForWhatIsMissing() throws Exception {
        Results results = new Results();
        DirectionTotals to = new DirectionTotals(11, 12, 13, 14, 15, 16, 17);
        DirectionTotals from = new DirectionTotals(21, 22, 23, 24, 25, 26, 27);
        results.add(new Tally(Scenario.CUT, to, from, 1, 2, null, Duration.ofSeconds(1), null, null));
        JsonNode all = new ObjectMapper().readTree(results.json(1));
        assertFalse(all.get("version").asText().isEmpty());
        assertEquals(
                System.getProperty("java.version"), all.at("/platform/java").asText());
        JsonNode cut = all.at("/scenarios/0");
        assertEquals(
                "{\"sent\":11,\"arrived\":12,\"acknowledged\":13,\"inDoubt\":14,\"silentlyLost\":15,\"duplicated\":16,"
                        + "\"reordered\":17}",
                cut.get("toServer").toString());
        assertEquals(21, cut.at("/fromServer/sent").asInt());
        for (String absent : new String[] {"skipped", "problem", "slowestDetectionMillis"}) {
            assertTrue(cut.has(absent) && cut.get(absent).isNull(), absent);
        }
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
        assertEquals(new DemoOptions(List.of(Scenario.FLAP), 5, 20, 50, 3, false, "memory"), options);
        assertEquals(
                new DemoOptions(List.of(Scenario.STORM), 10_000, 300, 9, 1, true, "redis://localhost/1"),
                DemoOptions.parse(
                        "--scenario",
                        "storm",
                        "--seconds",
                        "300",
                        "--kills",
                        "9",
                        "--json",
                        "--log",
                        "redis://localhost/1"));
        assertEquals(10, DemoOptions.parse("--scenario", "all").scenarios().size());
        for (String[] wrong : new String[][] {
            {"--fast"},
            {"--seed"},
            {"--seed", "x"},
            {"--scenario", "none"},
            {"--messages", "0"},
            {"--kills", "0"},
            {"--seconds", "4"},
            {"--log", "disk"}
        }) {
            assertThrows(IllegalArgumentException.class, () -> DemoOptions.parse(wrong));
        }
    }
}

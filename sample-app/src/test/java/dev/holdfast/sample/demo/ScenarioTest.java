package dev.holdfast.sample.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ScenarioTest {
    private static final int MESSAGES = 2_000;

    @ParameterizedTest
    @EnumSource
    void nothingIsLost(Scenario scenario) throws Exception {
        Tally tally = new ScenarioRun(scenario, MESSAGES, 7).run();
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
                problem);
    }

    @Test
    void theCommandLine() {
        DemoOptions options = DemoOptions.parse("--headless", "--scenario", "flap", "--messages", "5", "--seed", "3");
        assertEquals(new DemoOptions(List.of(Scenario.FLAP), 5, 3), options);
        assertEquals(6, DemoOptions.parse("--scenario", "all").scenarios().size());
        for (String[] wrong :
                new String[][] {{"--fast"}, {"--seed"}, {"--seed", "x"}, {"--scenario", "none"}, {"--messages", "0"}}) {
            assertThrows(IllegalArgumentException.class, () -> DemoOptions.parse(wrong));
        }
    }
}

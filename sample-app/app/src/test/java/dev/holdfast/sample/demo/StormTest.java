package dev.holdfast.sample.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class StormTest {
    private static final int SECONDS = 9;
    private static final Duration MINUTE = Duration.ofMinutes(1);

    @Test
    void theSameSeedGivesTheSameStorm() {
        assertEquals(strikes(1), strikes(1));
        assertNotEquals(strikes(1), strikes(2));
    }

    @Test
    void everyFaultThatIsPossibleComes() {
        Set<Fault> possible =
                Arrays.stream(Fault.values()).filter(Fault::isPossible).collect(Collectors.toSet());
        assertTrue(possible.size() >= Fault.values().length - 1);
        assertEquals(possible, strikes(1).stream().map(Storm.Strike::fault).collect(Collectors.toSet()));
    }

    @Test
    void faultsOverlapButNeverOnTheSamePart() {
        int overlaps = 0;
        for (Storm.Strike one : strikes(3)) {
            for (Storm.Strike other : strikes(3)) {
                boolean overlap = one.begin().compareTo(other.begin()) < 0
                        && other.begin().compareTo(one.end()) < 0;
                if (!overlap) continue;
                overlaps++;
                assertNotEquals(one.fault().part(), other.fault().part());
            }
        }
        assertTrue(overlaps > 10);
    }

    @Test
    void theEndIsCalm() {
        for (Storm.Strike strike : strikes(4)) {
            assertTrue(strike.end().compareTo(MINUTE.minusSeconds(2)) <= 0);
        }
    }

    private static List<Storm.Strike> strikes(long seed) {
        return Storm.strikes(new Random(seed), MINUTE, true);
    }

    @Test
    void theSessionIsKeptUnlessAskedOtherwise() {
        List<Storm.Turn> turns = Storm.turns(new Random(1), MINUTE, false);
        assertTrue(turns.stream().anyMatch(turn -> turn.fault() == Fault.RESTART));
        assertTrue(turns.stream().noneMatch(turn -> turn.fault().losesSession()));
    }

    @Test
    void aBreakIsMeasuredFromItsBeginToItsReport() throws Exception {
        Detection detection = new Detection();
        assertNull(detection.slowest());
        // The connection outlives it.
        detection.breaking(Fault.BLACK_HOLE);
        detection.over(Fault.BLACK_HOLE);
        detection.reported();
        assertNull(detection.slowest());
        // The end of the black hole does not mend what was forgotten meanwhile.
        detection.breaking(Fault.BLACK_HOLE);
        detection.breaking(null);
        Thread.sleep(20);
        detection.over(Fault.BLACK_HOLE);
        detection.reported();
        assertTrue(detection.slowest().toMillis() >= 20);
        assertTrue(detection.await(Duration.ZERO));
        // Nobody has to report an old break of a new connection.
        detection.breaking(null);
        detection.opened();
        Duration slowest = detection.slowest();
        Thread.sleep(2 * slowest.toMillis());
        detection.reported();
        assertEquals(slowest, detection.slowest());
    }

    @Test
    @Timeout(120)
    void nothingIsLostInIt() throws Exception {
        ByteArrayOutputStream shown = new ByteArrayOutputStream();
        Progress progress = new Progress(new PrintStream(shown, true, StandardCharsets.UTF_8), true);
        Results results = new Results();
        results.add(DemoOptions.parse("--seconds", String.valueOf(SECONDS), "--seed", "7")
                .run(Scenario.STORM, progress));
        assertTrue(results.passed(), results::table);
        JsonNode result = new ObjectMapper().readTree(results.json(7));
        JsonNode storm = result.get("scenarios").get(0);
        assertEquals("storm", storm.get("scenario").asText());
        for (String direction : new String[] {"toServer", "fromServer"}) {
            assertEquals(SECONDS * 400, storm.at("/" + direction + "/sent").asInt());
            assertEquals(0, storm.at("/" + direction + "/silentlyLost").asInt());
        }
        assertTrue(storm.get("slowestDetectionMillis").asInt() > 0, results::table);
        assertTrue(storm.get("reconnects").asInt() > 2, results::table);
        assertTrue(storm.get("sessionsLost").asInt() > 0, results::table);
        String line = shown.toString(StandardCharsets.UTF_8);
        assertTrue(line.contains("\r") && !line.contains("\n"), line);
    }
}

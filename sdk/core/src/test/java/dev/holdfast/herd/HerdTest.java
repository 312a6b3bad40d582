package dev.holdfast.herd;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("slow")
class HerdTest {
    /** The docs' numbers and a tenth of them: a smaller herd and a smaller server. */
    private static final int CLIENTS = HerdReport.CLIENTS / 10;

    private static final double ACCEPTS_A_SECOND = HerdReport.ACCEPTS_A_SECOND / 10;
    private static final int LIMIT_SECONDS = 600;
    private static final double GOAL = 1.5;

    private static final Path DOCS = Path.of("..", "..", "docs", "reconnecting.md");
    private static final Path PLOT = Path.of("..", "..", "docs", "img", "many-clients.svg");
    private static final String BEGIN = "<!-- the table of HerdReport -->\n";
    private static final String END = "<!-- its end -->\n";

    @ParameterizedTest
    @ValueSource(doubles = {0, 0.5, 5, 20, 60})
    void whoeverWasToldComesBackEvenly(double down) {
        for (long seed = 1; seed <= 5; seed++) {
            Comeback comeback = run(HerdReport.SPREAD_AND_KEPT, down, seed);
            assertEquals(CLIENTS, comeback.back());
            assertTrue(
                    comeback.peak(1000) <= GOAL * comeback.flat(),
                    "down " + down + " s, seed " + seed + ": " + comeback.peak(1000) / comeback.flat());
            assertTrue(comeback.peak(1000) <= 1.25 * CLIENTS / 30);
        }
    }

    @ParameterizedTest
    @ValueSource(doubles = {0, 5, 20})
    void onceRefusedTheyMeetTheServerEvenly(double down) {
        Comeback comeback = run(HerdReport.QUICK_UNTIL_REFUSED, down, 1);
        if (down > 1) assertTrue(comeback.peakFrom(down) <= 1.25 * CLIENTS / 30);
        // The price: all try once within the half second.
        assertTrue(comeback.peak(1000) >= CLIENTS);
    }

    /** What the docs admit. */
    @ParameterizedTest
    @ValueSource(doubles = {0, 5, 20})
    void withoutAWordAllComeAtOnce(double down) {
        Comeback comeback = run(HerdReport.WITHOUT_A_WORD, down, 1);
        assertEquals(CLIENTS, comeback.back());
        assertTrue(comeback.peak(1000) > CLIENTS);
    }

    @ParameterizedTest
    @ValueSource(doubles = {0, 5, 20})
    void whoeverStartsInStepStaysInStep(double down) {
        for (Policy policy : new Policy[] {HerdReport.FIXED, HerdReport.GROWING, HerdReport.CUT_AFTER_JITTER}) {
            Comeback comeback = run(policy, down, 1);
            assertEquals(CLIENTS, comeback.back());
            assertTrue(comeback.peak(1000) > 4 * comeback.flat());
        }
    }

    @Test
    void theServerTakesNoMoreThanItCan() {
        Comeback comeback = run(HerdReport.WITHOUT_A_WORD, 5, 1);
        // A tenth of a second's worth may have been saved up.
        assertTrue(comeback.mostAccepted(1000) <= 1.1 * ACCEPTS_A_SECOND);
        assertTrue(comeback.mostAccepted(1000) >= ACCEPTS_A_SECOND, "and no less");
        assertTrue(comeback.timeUntilBack(1.0 / CLIENTS) > 5, "none while it is down");
    }

    @Test
    void oneClientAloneComesBackWithItsFirstAttempt() {
        Comeback comeback = new Herd(1, 0, 100).run(Policy.fixed(2), 1, LIMIT_SECONDS);
        assertEquals(1, comeback.totalAttempts());
        assertEquals(2.1, comeback.timeUntilBack(1), 0.1);
    }

    @Test
    void refusedAttemptsAreRepeatedUntilTheServerIsUp() {
        Comeback comeback = new Herd(1, 9, 100).run(Policy.fixed(2), 1, LIMIT_SECONDS);
        assertEquals(5, comeback.totalAttempts());
    }

    @Test
    void aSeedSaysItAll() {
        assertArrayEquals(
                run(HerdReport.WITHOUT_A_WORD, 5, 7).buckets(100),
                run(HerdReport.WITHOUT_A_WORD, 5, 7).buckets(100));
    }

    /** After a change of the formulas {@code -Dherd.write=true} writes them. */
    @Test
    void theDocsShowWhatComesOut() throws IOException {
        String docs = Files.readString(DOCS);
        int from = docs.indexOf(BEGIN) + BEGIN.length();
        int to = docs.indexOf(END);
        String table = HerdReport.table();
        String plot = HerdReport.plot();
        if (Boolean.getBoolean("herd.write")) {
            Files.writeString(DOCS, docs.substring(0, from) + table + docs.substring(to));
            Files.writeString(PLOT, plot);
        } else {
            assertEquals(docs.substring(from, to), table);
            assertEquals(Files.readString(PLOT), plot);
        }
    }

    private static Comeback run(Policy policy, double down, long seed) {
        return new Herd(CLIENTS, down, ACCEPTS_A_SECOND).run(policy, seed, LIMIT_SECONDS);
    }
}

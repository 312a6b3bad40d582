package dev.holdfast.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.simulation.CarrierBug;
import dev.holdfast.simulation.CarrierSimulations;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Schedules of sessions over both carriers, each drawn from its seed. {@code -Dcarriers.runs} says how many, {@code -Dcarriers.seed} the
 * first.
 */
@Tag("slow")
class CarrierSimulationTest {
    private static final int RUNS = Integer.getInteger("carriers.runs", 250);
    private static final long FIRST_SEED = Long.getLong("carriers.seed", 1);
    /** The schedules in which a planted bug must be found. */
    private static final int MAX_SCHEDULES = 300;

    @Test
    void invariantsHold() throws InterruptedException {
        CarrierSimulations all =
                CarrierSimulations.run(FIRST_SEED, RUNS, Runtime.getRuntime().availableProcessors(), CarrierBug.NONE);
        System.out.println("carriers: " + all.figures());
        if (all.violation() != null) throw new AssertionError(all.report(), all.violation());
        if (RUNS < 250) return;
        // What never happens is not tested.
        for (String what : List.of(
                "answer to a poll repeated",
                "answer to messages lost",
                "back to a WebSocket",
                "opening doubled",
                "opening after its time",
                "poll doubled",
                "request late",
                "request sent again",
                "stream held back",
                "stream or answer to a poll lost",
                "two polls of one number",
                "upload doubled")) {
            assertTrue(all.happened(what) > RUNS / 100, () -> "hardly ever: " + what + " " + all.figures());
        }
    }

    @Test
    void aSeedSaysAll() {
        for (long seed = 1; seed <= 10; seed++) {
            assertEquals(CarrierSimulations.trace(seed), CarrierSimulations.trace(seed), "seed " + seed);
        }
    }

    /** Without this, a simulation that finds nothing would say nothing. */
    @ParameterizedTest
    @EnumSource(value = CarrierBug.class, mode = EnumSource.Mode.EXCLUDE, names = "NONE")
    void findsEachPlantedBug(CarrierBug bug) throws InterruptedException {
        CarrierSimulations all = CarrierSimulations.run(FIRST_SEED, MAX_SCHEDULES, 1, bug);
        Throwable found = all.violation();
        assertNotNull(found, () -> bug + " is not found in " + all.schedules() + " schedules");
        System.out.printf("carriers: %s found after %d schedules: %s%n", bug, all.schedules(), found.getMessage());
        assertInstanceOf(AssertionError.class, found);
    }
}

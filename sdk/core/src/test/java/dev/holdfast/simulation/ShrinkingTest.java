package dev.holdfast.simulation;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Set;
import org.junit.jupiter.api.Test;

class ShrinkingTest {
    @Test
    void sparesAllThatIsNotNeeded() {
        assertEquals(Set.of(0, 1, 3, 4, 6), Shrinking.spared(7, spared -> !spared.contains(2) && !spared.contains(5)));
    }

    @Test
    void sparesNothingThatIsNeeded() {
        assertEquals(Set.of(), Shrinking.spared(3, Set::isEmpty));
    }

    /** One fault can be spared only once another is. */
    @Test
    void triesAgain() {
        assertEquals(Set.of(0, 1), Shrinking.spared(2, spared -> !spared.contains(0) || spared.contains(1)));
    }
}

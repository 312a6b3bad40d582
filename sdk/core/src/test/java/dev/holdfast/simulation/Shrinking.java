package dev.holdfast.simulation;

import java.util.HashSet;
import java.util.Set;
import java.util.function.Predicate;

/** Finds out which faults a violation does not need. */
final class Shrinking {
    private Shrinking() {}

    /**
     * Spares one fault after another for as long as it fails without them, until none more can be spared.
     *
     * @param faults how many there are, numbered from 0
     * @param failsWithout whether it still fails where those of the given numbers are spared
     * @return the numbers of those that can be spared together
     */
    static Set<Integer> spared(int faults, Predicate<Set<Integer>> failsWithout) {
        Set<Integer> spared = new HashSet<>();
        boolean more = true;
        while (more) {
            more = false;
            for (int i = 0; i < faults; i++) {
                if (!spared.add(i)) continue;
                if (failsWithout.test(spared)) {
                    more = true;
                } else {
                    spared.remove(i);
                }
            }
        }
        return spared;
    }
}

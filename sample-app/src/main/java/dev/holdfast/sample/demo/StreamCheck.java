package dev.holdfast.sample.demo;

import java.util.BitSet;

/** Looks at the numbers that arrive, 1, 2, 3 …, and counts what is wrong with them. Thread-safe. */
final class StreamCheck {
    private final BitSet seen = new BitSet();
    private int highest;
    private int received;
    private int duplicated;
    private int reordered;

    synchronized void arrived(int number) {
        received++;
        if (seen.get(number)) {
            duplicated++;
        } else if (number < highest) {
            reordered++;
        }
        seen.set(number);
        highest = Math.max(highest, number);
    }

    synchronized boolean has(int number) {
        return seen.get(number);
    }

    /** The number that arrived last of all in order, 0 before the first. */
    synchronized int highest() {
        return highest;
    }

    synchronized int received() {
        return received;
    }

    synchronized int duplicated() {
        return duplicated;
    }

    synchronized int reordered() {
        return reordered;
    }
}

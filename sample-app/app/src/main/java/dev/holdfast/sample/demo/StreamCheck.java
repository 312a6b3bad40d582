package dev.holdfast.sample.demo;

import java.util.BitSet;

/** A check of the numbers that arrive, 1, 2, 3 …, which counts what is wrong with them. Thread-safe. */
public final class StreamCheck {
    private final BitSet seen = new BitSet();
    private int highest;
    private int received;
    private int duplicated;
    private int reordered;

    public synchronized void arrived(int number) {
        received++;
        if (seen.get(number)) {
            duplicated++;
        } else if (number < highest) {
            reordered++;
        }
        seen.set(number);
        highest = Math.max(highest, number);
    }

    public synchronized boolean has(int number) {
        return seen.get(number);
    }

    /** Returns the highest number that has arrived; 0 before the first. */
    public synchronized int highest() {
        return highest;
    }

    public synchronized int received() {
        return received;
    }

    /** Returns how many different numbers have arrived. */
    public synchronized int distinct() {
        return seen.cardinality();
    }

    public synchronized int duplicated() {
        return duplicated;
    }

    public synchronized int reordered() {
        return reordered;
    }
}

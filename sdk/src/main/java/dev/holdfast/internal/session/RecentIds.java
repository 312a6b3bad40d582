package dev.holdfast.internal.session;

import org.jspecify.annotations.Nullable;

/**
 * The newest ids of a stream, up to a number of them: the order in which they came in a ring, and a hash table with open
 * addressing over the same. Nothing is allocated for an id, and the arrays grow with what they hold.
 *
 * <p>Not thread-safe.
 */
final class RecentIds {
    private static final int LEAST = 16;

    private final int most;
    /** A power of two long. */
    private @Nullable String[] ring = new String[0];

    private int oldest;
    private int size;
    /** Twice as long as the ring, so that a search ends soon. */
    private @Nullable String[] table = new String[0];

    RecentIds(int most) {
        this.most = most;
    }

    /** Returns false where it is among them; otherwise the oldest may have to go. */
    boolean add(String id) {
        if (size > 0 && table[find(id)] != null) return false;
        if (most == 0) return true;
        if (size == most) removeOldest();
        if (size == ring.length) grow();
        ring[(oldest + size) & (ring.length - 1)] = id;
        size++;
        table[find(id)] = id;
        return true;
    }

    void clear() {
        ring = new String[0];
        table = new String[0];
        oldest = 0;
        size = 0;
    }

    private void grow() {
        String[] longer = new String[Math.max(LEAST, 2 * ring.length)];
        table = new String[2 * longer.length];
        for (int i = 0; i < size; i++) {
            String id = at(oldest + i);
            longer[i] = id;
            table[find(id)] = id;
        }
        ring = longer;
        oldest = 0;
    }

    private void removeOldest() {
        String id = at(oldest);
        ring[oldest] = null;
        oldest = (oldest + 1) & (ring.length - 1);
        size--;
        close(find(id));
    }

    private String at(int index) {
        String id = ring[index & (ring.length - 1)];
        if (id == null) throw new AssertionError("hole in the ring");
        return id;
    }

    /** Empties a place. What was put behind it only because it was taken moves up, so that it is found. */
    private void close(int place) {
        int mask = table.length - 1;
        int hole = place;
        table[hole] = null;
        for (int next = (hole + 1) & mask; ; next = (next + 1) & mask) {
            String id = table[next];
            if (id == null) return;
            int fromHome = (next - home(id)) & mask;
            if (fromHome < ((next - hole) & mask)) continue;
            table[hole] = id;
            table[next] = null;
            hole = next;
        }
    }

    /** Where it is, or else where it belongs. */
    private int find(String id) {
        int mask = table.length - 1;
        int place = home(id);
        for (String there; (there = table[place]) != null && !there.equals(id); ) place = (place + 1) & mask;
        return place;
    }

    private int home(String id) {
        int hash = id.hashCode();
        return (hash ^ (hash >>> 16)) & (table.length - 1);
    }
}

package dev.holdfast.internal.session;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The newest ids of a stream, up to a maximum number: a ring in the order of arrival, and a hash table with open
 * addressing that holds indexes into it. No id costs an allocation, and the arrays grow with their content. An id
 * itself is compared only if its hash matches, because most ids have left the processor's cache.
 *
 * <p>Not thread-safe.
 */
final class RecentIds {
    private static final @Nullable String[] NO_IDS = {};
    private static final int[] NO_NUMBERS = {};
    private static final int LEAST = 16;
    private static final int EMPTY = -1;

    /** Spreads hashes that are close together, such as those of counted ids: 2 to the 32nd by the golden ratio. */
    private static final int SPREAD = 0x9e37_79b9;

    private final int max;
    /** Its length is a power of two, or 0. */
    private @Nullable String[] ring = NO_IDS;
    /** The hashes of the ids in the ring. */
    private int[] hashes = NO_NUMBERS;

    private int oldest;
    private int size;
    /** Indexes into the ring, or {@link #EMPTY}. Twice as long as the ring, so that a search ends soon. */
    private int[] table = NO_NUMBERS;

    RecentIds(int max) {
        this.max = max;
    }

    /** Adds an id. Returns false if it is already here; otherwise the oldest id may be evicted. */
    boolean add(String id) {
        int hash = id.hashCode() * SPREAD;
        if (size > 0 && isThere(id, hash)) return false;
        if (max == 0) return true;
        if (size == max) removeOldest();
        if (size == ring.length) grow();
        int place = (oldest + size) & (ring.length - 1);
        ring[place] = id;
        hashes[place] = hash;
        size++;
        enter(place);
        return true;
    }

    /** Returns whether {@code id} is among them. */
    boolean contains(String id) {
        return size > 0 && isThere(id, id.hashCode() * SPREAD);
    }

    private boolean isThere(String id, int hash) {
        int mask = table.length - 1;
        for (int at = home(hash); table[at] != EMPTY; at = (at + 1) & mask) {
            int place = table[at];
            if (hashes[place] == hash && id.equals(ring[place])) return true;
        }
        return false;
    }

    void clear() {
        ring = NO_IDS;
        hashes = NO_NUMBERS;
        table = NO_NUMBERS;
        oldest = 0;
        size = 0;
    }

    private void grow() {
        String[] longer = new String[Math.max(LEAST, 2 * ring.length)];
        int[] longerHashes = new int[longer.length];
        for (int i = 0; i < size; i++) {
            int place = (oldest + i) & (ring.length - 1);
            longer[i] = ring[place];
            longerHashes[i] = hashes[place];
        }
        ring = longer;
        hashes = longerHashes;
        oldest = 0;
        table = new int[2 * longer.length];
        Arrays.fill(table, EMPTY);
        for (int i = 0; i < size; i++) enter(i);
    }

    private void enter(int place) {
        int mask = table.length - 1;
        int at = home(hashes[place]);
        while (table[at] != EMPTY) at = (at + 1) & mask;
        table[at] = place;
    }

    private void removeOldest() {
        int mask = table.length - 1;
        int at = home(hashes[oldest]);
        while (table[at] != oldest) at = (at + 1) & mask;
        close(at);
        ring[oldest] = null;
        oldest = (oldest + 1) & (ring.length - 1);
        size--;
    }

    /** Empties an entry. An id that follows only because the entry was taken moves up, so that a search finds it. */
    private void close(int entry) {
        int mask = table.length - 1;
        int hole = entry;
        for (int next = (hole + 1) & mask; table[next] != EMPTY; next = (next + 1) & mask) {
            int fromHome = (next - home(hashes[table[next]])) & mask;
            if (fromHome < ((next - hole) & mask)) continue;
            table[hole] = table[next];
            hole = next;
        }
        table[hole] = EMPTY;
    }

    /** Returns the entry at which the search for a hash begins: its highest bits, which depend on all the others. */
    private int home(int hash) {
        return hash >>> (Integer.numberOfLeadingZeros(table.length) + 1);
    }
}

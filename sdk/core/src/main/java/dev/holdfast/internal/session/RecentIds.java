package dev.holdfast.internal.session;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The newest ids of a stream, up to a number of them: a ring in the order in which they came, and a hash table with open
 * addressing of the places in it. Nothing is allocated for an id, and the arrays grow with what they hold. An id itself is
 * looked at only where its hash is that of another: most have left the processor's cache.
 *
 * <p>Not thread-safe.
 */
final class RecentIds {
    private static final int LEAST = 16;
    private static final int EMPTY = -1;

    /** Spreads hashes that lie close together, as those of counted ids do: 2 to the 32nd by the golden ratio. */
    private static final int SPREAD = 0x9e37_79b9;

    private final int most;
    /** A power of two long. */
    private @Nullable String[] ring = new String[0];
    /** Of the ids in the ring. */
    private int[] hashes = new int[0];

    private int oldest;
    private int size;
    /** Places in the ring, or {@link #EMPTY}. Twice as long as the ring, so that a search ends soon. */
    private int[] table = new int[0];

    RecentIds(int most) {
        this.most = most;
    }

    /** Returns false where it is among them; otherwise the oldest may have to go. */
    boolean add(String id) {
        int hash = id.hashCode() * SPREAD;
        if (size > 0 && isThere(id, hash)) return false;
        if (most == 0) return true;
        if (size == most) removeOldest();
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
        ring = new String[0];
        hashes = new int[0];
        table = new int[0];
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

    /** Empties an entry. What was put behind it only because it was taken moves up, so that it is found. */
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

    /** Where the search for a hash begins: its highest bits, which all of the others have stirred. */
    private int home(int hash) {
        return hash >>> (Integer.numberOfLeadingZeros(table.length) + 1);
    }
}

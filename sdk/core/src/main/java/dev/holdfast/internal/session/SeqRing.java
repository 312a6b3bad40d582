package dev.holdfast.internal.session;

import java.util.NoSuchElementException;
import org.jspecify.annotations.Nullable;

/**
 * A queue of messages with ascending seqs that finds a message by its seq. Without gaps in the seqs, that takes one
 * step. Gaps exist only in a restored session and require a binary search. No message costs an allocation.
 *
 * <p>Not thread-safe.
 */
final class SeqRing {
    private static final @Nullable Outbound[] NONE = {};
    private static final int LEAST = 2;

    /** Its length is a power of two, or 0. */
    private @Nullable Outbound[] ring = NONE;

    private int head;
    private int size;

    boolean isEmpty() {
        return size == 0;
    }

    int size() {
        return size;
    }

    /** Returns the message at {@code index}, counted from the oldest. */
    Outbound get(int index) {
        Outbound message = index < size ? ring[place(index)] : null;
        if (message == null) throw new NoSuchElementException();
        return message;
    }

    /** Returns the oldest message, null if there is none. */
    @Nullable
    Outbound peek() {
        return size == 0 ? null : ring[head];
    }

    void add(Outbound message) {
        if (size == ring.length) grow();
        ring[place(size)] = message;
        size++;
    }

    void addFirst(Outbound message) {
        if (size == ring.length) grow();
        head = place(-1);
        ring[head] = message;
        size++;
    }

    Outbound removeFirst() {
        Outbound message = get(0);
        ring[head] = null;
        head = place(1);
        size--;
        return message;
    }

    Outbound removeLast() {
        Outbound message = get(size - 1);
        size--;
        ring[place(size)] = null;
        return message;
    }

    /** Returns the message with that seq, null if there is none. */
    @Nullable
    Outbound find(long seq) {
        if (size == 0) return null;
        long oldest = get(0).seq();
        if (seq < oldest || seq > get(size - 1).seq()) return null;
        // Every gap moves a message towards the front, from its index without gaps.
        int low = 0;
        int high = (int) Math.min(seq - oldest, size - 1);
        int index = high;
        while (low <= high) {
            Outbound message = get(index);
            if (message.seq() == seq) return message;
            if (message.seq() < seq) {
                low = index + 1;
            } else {
                high = index - 1;
            }
            index = (low + high) >>> 1;
        }
        return null;
    }

    private int place(int index) {
        return (head + index) & (ring.length - 1);
    }

    private void grow() {
        Outbound[] longer = new Outbound[Math.max(LEAST, 2 * ring.length)];
        for (int i = 0; i < size; i++) longer[i] = ring[place(i)];
        ring = longer;
        head = 0;
    }
}

package dev.holdfast.internal.session;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Messages by their expiry: a binary heap in which each message knows its index, so that a message leaves the heap
 * when it leaves the queue. It takes no memory while no message expires.
 */
final class ExpiryHeap {
    private static final int LEAST = 16;

    private @Nullable Outbound[] heap = new Outbound[0];
    private int size;

    @Nullable
    Outbound first() {
        return size == 0 ? null : heap[0];
    }

    void add(Outbound message) {
        if (size == heap.length) heap = Arrays.copyOf(heap, Math.max(LEAST, 2 * size));
        size++;
        up(message, size - 1);
    }

    void remove(Outbound message) {
        int hole = message.heapIndex;
        size--;
        Outbound moved = at(size);
        heap[size] = null;
        if (moved != message) {
            down(moved, hole);
            if (moved.heapIndex == hole) up(moved, hole);
        }
        if (size == 0) {
            heap = new Outbound[0];
        } else if (heap.length > LEAST && size < heap.length / 4) {
            heap = Arrays.copyOf(heap, heap.length / 2);
        }
    }

    private void up(Outbound message, int from) {
        int index = from;
        while (index > 0) {
            Outbound parent = at((index - 1) / 2);
            if (parent.expiresAt <= message.expiresAt) break;
            put(parent, index);
            index = (index - 1) / 2;
        }
        put(message, index);
    }

    private void down(Outbound message, int from) {
        int index = from;
        while (true) {
            int child = 2 * index + 1;
            if (child >= size) break;
            if (child + 1 < size && at(child + 1).expiresAt < at(child).expiresAt) child++;
            if (at(child).expiresAt >= message.expiresAt) break;
            put(at(child), index);
            index = child;
        }
        put(message, index);
    }

    private Outbound at(int index) {
        Outbound message = heap[index];
        if (message == null) throw new AssertionError("hole in the heap");
        return message;
    }

    private void put(Outbound message, int index) {
        heap[index] = message;
        message.heapIndex = index;
    }
}

package dev.holdfast.server;

import java.util.Collection;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;

/** The openings over HTTP that clients have given up, each for a minute after it was named last. */
final class GivenUpNames {
    /** So that clients can't fill the memory. The oldest name is dropped for a newer one. */
    static final int MAX_NAMES = 10_000;

    static final int REMEMBERED_SECONDS = 60;

    private final LongSupplier nanoTime;
    private final ReentrantLock lock = new ReentrantLock();

    /** When each name is forgotten, the next one first. Guarded by lock. */
    private final Map<String, Long> deadlines = new LinkedHashMap<>();

    GivenUpNames(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
    }

    void add(Collection<String> names) {
        lock.lock();
        try {
            forget();
            long deadline = nanoTime.getAsLong() + TimeUnit.SECONDS.toNanos(REMEMBERED_SECONDS);
            for (String name : names) {
                // Removed first: a name that is put again would stay in its old place.
                deadlines.remove(name);
                deadlines.put(name, deadline);
            }
            Iterator<String> oldest = deadlines.keySet().iterator();
            for (int excess = deadlines.size() - MAX_NAMES; excess > 0; excess--) {
                oldest.next();
                oldest.remove();
            }
        } finally {
            lock.unlock();
        }
    }

    boolean contains(String name) {
        lock.lock();
        try {
            forget();
            return deadlines.containsKey(name);
        } finally {
            lock.unlock();
        }
    }

    int size() {
        lock.lock();
        try {
            forget();
            return deadlines.size();
        } finally {
            lock.unlock();
        }
    }

    private void forget() {
        long now = nanoTime.getAsLong();
        Iterator<Long> next = deadlines.values().iterator();
        while (next.hasNext() && next.next() - now <= 0) next.remove();
    }
}

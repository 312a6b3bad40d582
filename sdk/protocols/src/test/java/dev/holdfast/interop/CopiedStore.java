package dev.holdfast.interop;

import dev.holdfast.SessionStore;
import dev.holdfast.StoreChange;
import dev.holdfast.StoreException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/**
 * A store in memory. {@link #copy} is what the next process finds if this one dies now: what it writes later does not reach the copy.
 */
public final class CopiedStore implements SessionStore {
    private final TreeMap<Long, byte[]> records;
    private boolean owned;

    public CopiedStore() {
        this(Map.of());
    }

    private CopiedStore(Map<Long, byte[]> records) {
        this.records = new TreeMap<>(records);
    }

    public synchronized CopiedStore copy() {
        return new CopiedStore(records);
    }

    /** Returns the records whose bytes contain a text. */
    public synchronized long count(String text) {
        return records.values().stream()
                .filter(bytes -> new String(bytes, StandardCharsets.ISO_8859_1).contains(text))
                .count();
    }

    /** Waits until that many records contain a text. */
    public synchronized void await(String text, long count) throws InterruptedException {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (count(text) != count) {
            long left = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
            if (left <= 0) throw new AssertionError(count(text) + " records have " + text);
            wait(left);
        }
    }

    @Override
    public synchronized Map<Long, byte[]> open() throws StoreException {
        if (owned) throw new StoreException(StoreException.Kind.IN_USE, "the store has an owner", null);
        owned = true;
        return new HashMap<>(records);
    }

    @Override
    public synchronized void commit(List<StoreChange> changes) {
        for (StoreChange change : changes) {
            byte[] bytes = change.bytes();
            if (bytes == null) records.remove(change.key());
            else records.put(change.key(), bytes);
        }
        notifyAll();
    }

    @Override
    public synchronized void close() {
        owned = false;
    }

    /** It is never replaced by an older one. */
    @Override
    public boolean mayBeOldCopy() {
        return false;
    }
}

package dev.holdfast;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A store on a disk in memory, which outlives the processes that use it. Its owner can be killed at each write. {@code
 * StoreContract} holds it to the same as a real one.
 */
public final class MemoryStore implements SessionStore {
    /** Called around each commit; may throw, as the death of the process does. */
    public interface Watch {
        /** Called with the number of the commit. Nothing is written if it throws. */
        default void before(long commit) throws StoreException {}

        /** Called when the changes are written, before the caller knows. */
        default void after(long commit) {}
    }

    /** What several stores may share. */
    private static final class Disk {
        final TreeMap<Long, byte[]> records = new TreeMap<>();

        @Nullable
        MemoryStore owner;

        long commits;
    }

    private final Disk disk;

    /** Thrown by the next call, and by those after it; null for none. */
    @Nullable
    public StoreException failure;

    public Watch watch = new Watch() {};
    public boolean mayBeOldCopy;
    /** How many bytes all records together may have. */
    public long capacity = Long.MAX_VALUE;

    /** Creates a store on a disk of its own. */
    public MemoryStore() {
        this(new Disk());
    }

    private MemoryStore(Disk disk) {
        this.disk = disk;
    }

    /** Returns another store on the same disk. */
    public MemoryStore another() {
        return new MemoryStore(disk);
    }

    @Override
    public Map<Long, byte[]> open() throws StoreException {
        synchronized (disk) {
            if (failure != null) throw failure;
            if (disk.owner != null) {
                throw new StoreException(StoreException.Kind.IN_USE, "the store in memory has an owner", null);
            }
            disk.owner = this;
            return new HashMap<>(disk.records);
        }
    }

    @Override
    public void commit(List<StoreChange> changes) throws StoreException {
        synchronized (disk) {
            if (disk.owner != this) {
                throw new StoreException(StoreException.Kind.FAILED, "the store in memory is closed", null);
            }
            if (changes.isEmpty()) throw new IllegalArgumentException("a commit without a change");
            if (failure != null) throw failure;
            watch.before(++disk.commits);
            TreeMap<Long, byte[]> next = new TreeMap<>(disk.records);
            for (StoreChange change : changes) {
                byte[] bytes = change.bytes();
                if (bytes == null) {
                    next.remove(change.key());
                } else {
                    next.put(change.key(), bytes);
                }
            }
            if (next.values().stream().mapToLong(bytes -> bytes.length).sum() > capacity) {
                throw new StoreException(StoreException.Kind.FULL, "the store in memory is full", null);
            }
            replace(next);
            watch.after(disk.commits);
        }
    }

    @Override
    public void close() {
        synchronized (disk) {
            if (disk.owner == this) disk.owner = null;
        }
    }

    @Override
    public boolean mayBeOldCopy() {
        return mayBeOldCopy;
    }

    /** The process that has it open is dead. */
    public void ownerDied() {
        synchronized (disk) {
            disk.owner = null;
        }
    }

    public boolean isOpen() {
        synchronized (disk) {
            return disk.owner != null;
        }
    }

    public long commits() {
        synchronized (disk) {
            return disk.commits;
        }
    }

    /** Returns a copy of what is on the disk. */
    public Map<Long, byte[]> content() {
        synchronized (disk) {
            return new TreeMap<>(disk.records);
        }
    }

    /** Puts this, an older copy for example, in the place of what is on the disk. */
    public void replace(Map<Long, byte[]> copy) {
        synchronized (disk) {
            disk.records.clear();
            disk.records.putAll(copy);
        }
    }
}

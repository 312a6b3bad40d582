package dev.holdfast.internal.runtime;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A token bucket for each host, with debt: a caller that finds it empty gets a turn in the future, and the next one a later
 * turn. All callers must count time from the same moment. Thread-safe.
 */
public final class AttemptBudget {
    private static final int MAX_HOSTS = 1024;
    /** The latest turn: clients that keep asking for turns a year apart must not make time overflow. */
    private static final long MAX_DEBT_NANOS = TimeUnit.DAYS.toNanos(10 * 365);

    private final long intervalNanos;
    private final long burstNanos;

    private final ReentrantLock lock = new ReentrantLock();

    /** When each host's bucket is full again; the least recently used first. */
    @GuardedBy("lock")
    private final Map<String, Long> fullAt = new LinkedHashMap<String, Long>(16, 0.75f, true) {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Long> eldest) {
            return size() > MAX_HOSTS;
        }
    };

    /** Creates a bucket of {@code attempts} turns for each host, which fills up within {@code windowNanos}. */
    public AttemptBudget(int attempts, long windowNanos) {
        intervalNanos = Math.max(1, windowNanos / attempts);
        burstNanos = intervalNanos * (attempts - 1);
    }

    /**
     * Takes a turn.
     *
     * @return the nanoseconds until the turn; 0 for now. A caller that does not use it {@linkplain #giveBack gives it back}
     */
    public long reserve(String host, long nowNanos) {
        lock.lock();
        try {
            Long known = fullAt.get(host);
            long full = known == null ? nowNanos : Math.max(nowNanos, known);
            fullAt.put(host, Math.min(full, nowNanos + MAX_DEBT_NANOS) + intervalNanos);
            return Math.max(0, full - burstNanos - nowNanos);
        } finally {
            lock.unlock();
        }
    }

    /** Undoes a {@link #reserve} that led to no attempt. The turns that were given since do not move. */
    public void giveBack(String host) {
        lock.lock();
        try {
            Long known = fullAt.get(host);
            if (known != null) fullAt.put(host, known - intervalNanos);
        } finally {
            lock.unlock();
        }
    }
}

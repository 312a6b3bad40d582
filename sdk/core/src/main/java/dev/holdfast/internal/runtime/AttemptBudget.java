package dev.holdfast.internal.runtime;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A token bucket for each host, with debt: who finds it empty is given a turn in the future, and the next a later one.
 * All who share it must count time from the same moment. Thread-safe.
 */
public final class AttemptBudget {
    private static final int MAX_HOSTS = 1024;
    /** No turn is further away: clients that keep asking for one a year apart must not make time overflow. */
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

    /** A bucket of {@code attempts} for each host, filled at so many in {@code windowNanos}. */
    public AttemptBudget(int attempts, long windowNanos) {
        intervalNanos = Math.max(1, windowNanos / attempts);
        burstNanos = intervalNanos * (attempts - 1);
    }

    /**
     * Takes a turn.
     *
     * @return how long from now it is; 0 for now. Who does not use it {@linkplain #giveBack gives it back}
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

    /** Undoes a {@link #reserve} that led to no attempt. The turns given since stay where they are. */
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

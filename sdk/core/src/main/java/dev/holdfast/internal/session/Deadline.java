package dev.holdfast.internal.session;

import java.util.concurrent.TimeUnit;

/**
 * A time by which input must have arrived. It counts as passed only if it was checked a little earlier: if the process
 * did not run when it passed, input may have arrived that has not been read yet, and the reader gets that little extra
 * time.
 */
final class Deadline {
    private static final long NEVER = SessionMachine.NEVER;
    private static final long MAX_LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(250);
    private static final int SHARE = 4;

    private long target = NEVER;
    private long look;
    private long due = NEVER;
    private boolean looked;

    /**
     * Sets the deadline.
     *
     * @param time starts now, and is the same again if {@code at} is
     */
    void set(long at, long time) {
        if (at == target) return;
        target = at;
        look = Math.min(MAX_LOOK_NANOS, time / SHARE);
        due = at - look;
        looked = false;
    }

    void clear() {
        target = NEVER;
        due = NEVER;
    }

    boolean isSet() {
        return target != NEVER;
    }

    /** Returns when the deadline passes, {@link SessionMachine#NEVER} if it is not set. */
    long target() {
        return target;
    }

    /** Returns when to call {@link #isOver}. */
    long due() {
        return due;
    }

    /** Moves the deadline to {@code time} at least. */
    void postpone(long time) {
        due = Math.max(due, time);
    }

    boolean isOver(long now) {
        if (now < due) return false;
        if (looked) return true;
        looked = true;
        due = Math.max(target, now + look);
        return false;
    }
}

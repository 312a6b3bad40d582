package dev.holdfast.internal.session;

import java.util.concurrent.TimeUnit;

/**
 * A time by which something must have come in. It is over only if it was looked at a little earlier: where the process did
 * not run when it ran out, what came in meanwhile has not been read yet, and whoever reads it is given that little.
 */
final class Deadline {
    private static final long NEVER = SessionMachine.NEVER;
    private static final long MAX_LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(250);
    private static final int SHARE = 4;

    private long target = NEVER;
    private long look;
    private long due = NEVER;
    private boolean looked;

    /** @param time which begins now, and is the same again where {@code at} is */
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

    /** When it runs out; {@link SessionMachine#NEVER} where it is not set. */
    long target() {
        return target;
    }

    /** When {@link #isOver} is to be asked. */
    long due() {
        return due;
    }

    /** Not before {@code time}. */
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

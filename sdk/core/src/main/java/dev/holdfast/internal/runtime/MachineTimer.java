package dev.holdfast.internal.runtime;

import dev.holdfast.internal.session.SessionMachine;
import dev.holdfast.internal.time.Scheduler.Scheduled;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** The one timer of a session machine. Confined to the serial context, except {@link #isOutdated}. */
final class MachineTimer {
    /**
     * The longest wait for an attempt without a look at the clock. A timer may stand still while the device sleeps, so a
     * longer one would notice a wake-up late.
     */
    private static final long MAX_BLIND_WAIT_NANOS = TimeUnit.SECONDS.toNanos(15);

    /** A timer that is due within this time is not moved to a later time. */
    private static final long SOON_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final Environment environment;
    private final SerialContext serial;
    private final Runnable onDue;

    private @Nullable Scheduled scheduled;
    /** The time that the machine asked for. The timer may be set for {@link #wakeAt}, which is earlier. */
    private long dueAt = SessionMachine.NEVER;

    private long wakeAt = SessionMachine.NEVER;
    private long generation;

    /** How far elapsed time was ahead of the ticker when the timer was set, to a second. Read by other threads. */
    private volatile long armedAhead;

    /** @param onDue runs on the serial context when the timer is due */
    MachineTimer(Environment environment, SerialContext serial, long ahead, Runnable onDue) {
        this.environment = environment;
        this.serial = serial;
        this.armedAhead = ahead;
        this.onDue = onDue;
    }

    /**
     * Sets the timer for {@code next}, or for none if that is {@link SessionMachine#NEVER}.
     *
     * @param waitsForAttempt whether the machine waits for its next attempt to connect
     * @throws RuntimeException if the scheduler refuses the task; the client then has no other way to be woken
     */
    void arm(long next, boolean waitsForAttempt, long now) {
        if (next == dueAt) return;
        // A timer that is due soon stays: if it fires too early it is set again, which is rarer than moving it each
        // time.
        if (next > dueAt && next != SessionMachine.NEVER && dueAt - now < SOON_NANOS) return;
        disarm();
        long armed = ++generation;
        if (next == SessionMachine.NEVER) return;
        long at = environment.elapsed.nanos();
        long delay = Math.max(0, next - at);
        if (waitsForAttempt) delay = Math.min(delay, MAX_BLIND_WAIT_NANOS);
        scheduled = environment.scheduler.schedule(() -> serial.post(() -> fire(armed)), delay);
        dueAt = next;
        wakeAt = at + delay;
    }

    private void fire(long armed) {
        // An earlier one may have been cancelled too late.
        if (armed == generation) onDue.run();
    }

    /** Cancels the timer. The next {@link #arm} sets it again. */
    void disarm() {
        serial.checkConfined();
        Scheduled old = scheduled;
        scheduled = null;
        dueAt = SessionMachine.NEVER;
        wakeAt = SessionMachine.NEVER;
        if (old != null) old.cancel();
    }

    /** Returns by how much the timer is late; negative if it is not due. */
    long overdue(long now) {
        return now - wakeAt;
    }

    /** Cancels the timer if elapsed time has moved against the ticker, which the scheduler counts by, since it was set. */
    void disarmIfShifted(long ahead) {
        if (Math.abs(ahead - armedAhead) <= SOON_NANOS) return;
        armedAhead = ahead;
        disarm();
    }

    /** Returns whether the device has slept since the timer was set, so that it will fire late. Safe from any thread. */
    boolean isOutdated() {
        return environment.elapsed.nanos() - environment.ticker.nanos() - armedAhead > SOON_NANOS;
    }
}

package dev.holdfast.internal.time;

/** Runs short tasks later. Safe from any thread. */
public interface Scheduler {
    /** A task that waits to run. */
    interface Scheduled {
        /** Cancels the task. One that is running already is not stopped. */
        void cancel();
    }

    /** Runs {@code task} on the scheduler's own thread, not before {@code delayNanos} from now. It must not block. */
    Scheduled schedule(Runnable task, long delayNanos);
}

package dev.holdfast.internal.concurrent;

/** Reports what nobody catches to the thread's uncaught exception handler. Never throws. */
public final class Uncaught {
    private Uncaught() {}

    /** Reports {@code thrown} as the JVM reports what ends a thread: whatever the handler throws is ignored. */
    public static void report(Throwable thrown) {
        try {
            Thread thread = Thread.currentThread();
            thread.getUncaughtExceptionHandler().uncaughtException(thread, thrown);
        } catch (Throwable ignored) {
            // The tasks behind must still run, and nobody else is left to report to.
        }
    }

    /** Runs {@code task} and reports what it throws. */
    public static void run(Runnable task) {
        try {
            task.run();
        } catch (Throwable t) {
            report(t);
        }
    }
}

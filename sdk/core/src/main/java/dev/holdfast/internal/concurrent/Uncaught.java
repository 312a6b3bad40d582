package dev.holdfast.internal.concurrent;

/** Reports exceptions that nothing catches to the thread's uncaught exception handler. Never throws. */
public final class Uncaught {
    private Uncaught() {}

    /** Reports {@code thrown} as the JVM reports an exception that ends a thread: what the handler throws is ignored. */
    public static void report(Throwable thrown) {
        try {
            Thread thread = Thread.currentThread();
            thread.getUncaughtExceptionHandler().uncaughtException(thread, thrown);
        } catch (Throwable ignored) {
            // The next tasks must still run, and there is no other place to report to.
        }
    }

    /** Runs {@code task}, and reports what it throws. */
    public static void run(Runnable task) {
        try {
            task.run();
        } catch (Throwable t) {
            report(t);
        }
    }
}

package dev.holdfast.internal.protocols;

import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Calls of an application's listeners. */
public final class Listeners {
    private Listeners() {}

    /** Calls all. The first exception goes on to the caller, which reports it; it has the others as suppressed ones. */
    public static <T> void each(List<T> all, Consumer<? super T> call) {
        Throwable thrown = null;
        for (T each : all) {
            try {
                call.accept(each);
            } catch (RuntimeException | Error e) {
                if (thrown == null) thrown = e;
                else if (thrown != e) thrown.addSuppressed(e);
            }
        }
        rethrow(thrown);
    }

    private static void rethrow(@Nullable Throwable thrown) {
        if (thrown instanceof Error) throw (Error) thrown;
        if (thrown != null) throw (RuntimeException) thrown;
    }

    /** Makes one call. What it throws is reported, and the caller goes on. */
    public static void run(Runnable call) {
        try {
            call.run();
        } catch (RuntimeException | Error e) {
            report(e);
        }
    }

    /** Reports an exception of the application's where nothing else does. */
    public static void report(Throwable thrown) {
        Thread thread = Thread.currentThread();
        thread.getUncaughtExceptionHandler().uncaughtException(thread, thrown);
    }
}

package dev.holdfast.android;

import android.content.Context;
import android.os.Handler;
import android.os.Looper;
import android.os.SystemClock;
import android.util.Log;
import dev.holdfast.HoldfastClient;
import dev.holdfast.HoldfastClientBuilder;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;

/**
 * The entry point on Android: sets up a client's builder for the device in one line. See {@link AndroidLifecycle} for the
 * background.
 *
 * <pre>{@code
 * HoldfastClient client = HoldfastAndroid.builder(this, "wss://example.com/live")
 *         .onMessage((c, message) -> chat.add(message.text()))
 *         .build();
 * }</pre>
 */
public final class HoldfastAndroid {
    /** The tag of every line that the SDK writes to Logcat. */
    static final String TAG = "Holdfast";

    private HoldfastAndroid() {}

    /**
     * Starts to build a client for a server, with everything that {@link #configure} sets.
     *
     * @param context any context; the client keeps the application's
     * @param url as for {@link HoldfastClient#builder(String)}
     * @return the builder
     * @throws IllegalArgumentException if {@code url} is not such a URL
     * @throws SecurityException as {@link AndroidNetworkMonitor#AndroidNetworkMonitor}
     */
    public static HoldfastClientBuilder builder(Context context, String url) {
        return configure(HoldfastClient.builder(url), context);
    }

    /**
     * Sets what a client needs to know about Android, and returns the builder. A later call on the builder replaces each of
     * these:
     *
     * <ul>
     *   <li>the callback executor: {@link #mainThread};
     *   <li>the elapsed clock: {@link SystemClock#elapsedRealtimeNanos}, which counts the time for which the device sleeps;
     *   <li>the network monitor: an {@link AndroidNetworkMonitor};
     *   <li>the logger: Logcat, with the tag {@code Holdfast} and the level WARN.
     * </ul>
     *
     * @param builder the builder to change
     * @param context any context; the client keeps the application's
     * @return {@code builder}
     * @throws SecurityException as {@link AndroidNetworkMonitor#AndroidNetworkMonitor}
     */
    public static HoldfastClientBuilder configure(HoldfastClientBuilder builder, Context context) {
        return builder.callbackExecutor(mainThread())
                .elapsedClock(SystemClock::elapsedRealtimeNanos)
                .networkMonitor(new AndroidNetworkMonitor(context))
                .logger((message, thrown) -> Log.w(TAG, message, thrown));
    }

    /**
     * Returns an executor that posts each task to the main thread, in order. A task that is submitted on the main thread does
     * not run at once but after those that were posted before.
     *
     * @return an executor for {@link HoldfastClientBuilder#callbackExecutor}
     */
    public static Executor mainThread() {
        Handler main = new Handler(Looper.getMainLooper());
        return task -> {
            if (!main.post(task)) throw new RejectedExecutionException("the main thread's looper has quit");
        };
    }

    /** Returns the application's context; {@code context} itself while the application is being created. */
    static Context applicationOf(Context context) {
        Context application = context.getApplicationContext();
        return application == null ? context : application;
    }
}

package dev.holdfast.android;

import android.app.Activity;
import android.app.Application;
import android.os.Bundle;
import android.os.Handler;
import android.os.Looper;
import dev.holdfast.ClientState;
import dev.holdfast.HoldfastClient;
import java.time.Duration;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The link between a client and the application's activities. When the last activity has stopped, the client can release its
 * connection after a while; when one starts again, the client connects at once instead of waiting for its backoff.
 *
 * <p>An activity that is created anew for another configuration, such as another orientation, does not count as the
 * background, and neither does the step from one activity to another. The application is taken to be in the foreground until
 * its last activity stops, so that a process which a push message or a job has started stays connected.
 *
 * <p>It ends by itself when the client is closed. Safe from any thread.
 */
public final class AndroidLifecycle implements AutoCloseable {
    /** For how long another activity has time to start after one was stopped for a new configuration. */
    private static final long RESTART_MILLIS = 5_000;

    private final Application application;
    private final HoldfastClient client;
    /** The time in the background before the client disconnects; null if it does not. */
    private final @Nullable Duration afterwards;

    private final Handler main = new Handler(Looper.getMainLooper());
    private final Runnable disconnect = this::disconnect;
    private final Callbacks callbacks = new Callbacks();

    private volatile boolean closed;

    /** The activities between start and stop. Confined to the main thread. */
    private final Set<Activity> started = Collections.newSetFromMap(new IdentityHashMap<>());

    /** Whether this object has disconnected the client. Confined to the main thread. */
    private boolean disconnected;

    private AndroidLifecycle(Application application, HoldfastClient client, @Nullable Duration afterwards) {
        this.application = Objects.requireNonNull(application, "application");
        this.client = Objects.requireNonNull(client, "client");
        this.afterwards = afterwards;
    }

    /**
     * Keeps the client connected in the background, for as long as the system allows: for an application with a foreground
     * service. In the foreground the client connects at once if it waits for an attempt.
     *
     * @param application the application whose activities count
     * @param client the client to link; it need not be connected yet
     * @return a link that lasts until the client or this is closed
     */
    public static AndroidLifecycle keepInBackground(Application application, HoldfastClient client) {
        return new AndroidLifecycle(application, client, null).start();
    }

    /**
     * Disconnects the client when the application has been in the background for a while, and connects it again when the
     * application comes to the foreground. The session is kept: with {@link dev.holdfast.Session#resumable} the server keeps
     * for the client what it misses, as long as its time limit says. Messages that are sent meanwhile wait in the queue.
     *
     * <p>A client that is not connected or connecting when that time is over is left alone: the application has disconnected it,
     * or it has stopped after a failure. Close this link as well if the client is to stay disconnected, for example after the
     * user has signed out.
     *
     * @param application the application whose activities count
     * @param client the client to link; it need not be connected yet
     * @param after the time from the stop of the last activity to the disconnect. From Android 14 (API 34) on the system
     *     freezes a process about ten seconds after it has nothing to show or to do, and from Android 15 on takes its network
     *     away, so more than that needs a foreground service
     * @return a link that lasts until the client or this is closed
     * @throws IllegalArgumentException if {@code after} is negative
     */
    public static AndroidLifecycle disconnectInBackground(
            Application application, HoldfastClient client, Duration after) {
        if (after.isNegative()) throw new IllegalArgumentException("after must not be negative, but was " + after);
        return new AndroidLifecycle(application, client, after).start();
    }

    @SuppressWarnings("FutureReturnValueIgnored") // close() does not throw.
    private AndroidLifecycle start() {
        application.registerActivityLifecycleCallbacks(callbacks);
        client.closed().thenRun(this::close);
        return this;
    }

    /** Ends the link. The client stays as it is. A second call has no effect. */
    @Override
    public void close() {
        closed = true;
        main.removeCallbacks(disconnect);
        application.unregisterActivityLifecycleCallbacks(callbacks);
        // Their stops are not reported any more.
        main.post(started::clear);
    }

    // ---- on the main thread ----

    private void onStarted(Activity activity) {
        boolean foreground = started.isEmpty();
        started.add(activity);
        if (!foreground || closed) return;
        main.removeCallbacks(disconnect);
        // A client that the application has stopped is not started here.
        if (disconnected || client.state() == ClientState.WAITING) client.connect();
        disconnected = false;
    }

    private void onStopped(Activity activity) {
        started.remove(activity);
        if (!started.isEmpty() || afterwards == null || closed) return;
        long delay = afterwards.toMillis();
        main.removeCallbacks(disconnect);
        main.postDelayed(disconnect, activity.isChangingConfigurations() ? Math.max(delay, RESTART_MILLIS) : delay);
    }

    private void disconnect() {
        if (closed || !isStarted(client.state())) return;
        disconnected = true;
        client.disconnect();
    }

    private static boolean isStarted(ClientState state) {
        return state != ClientState.IDLE && state != ClientState.CLOSING && state != ClientState.CLOSED;
    }

    private final class Callbacks implements Application.ActivityLifecycleCallbacks {
        @Override
        public void onActivityStarted(Activity activity) {
            onStarted(activity);
        }

        @Override
        public void onActivityStopped(Activity activity) {
            onStopped(activity);
        }

        @Override
        public void onActivityCreated(Activity activity, @Nullable Bundle state) {}

        @Override
        public void onActivityResumed(Activity activity) {}

        @Override
        public void onActivityPaused(Activity activity) {}

        @Override
        public void onActivitySaveInstanceState(Activity activity, Bundle state) {}

        @Override
        public void onActivityDestroyed(Activity activity) {}
    }
}

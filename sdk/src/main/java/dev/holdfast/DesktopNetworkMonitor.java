package dev.holdfast;

import dev.holdfast.internal.time.Scheduler;
import java.net.SocketException;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Looks at the machine's addresses every so often, for as long as somebody watches. All monitors of the process share a
 * thread, which is not the timer's because listing the interfaces may take a while; it goes when it has nothing to do.
 */
final class DesktopNetworkMonitor implements NetworkMonitor {
    static final String THREAD_NAME = "Holdfast network";

    private static final long INTERVAL_NANOS = TimeUnit.SECONDS.toNanos(2);
    private static final long IDLE_SECONDS = 1;

    private static final ScheduledThreadPoolExecutor THREAD = thread();

    /** For all users of the default interval, so that the interfaces are listed once for all of them. */
    static final DesktopNetworkMonitor SHARED = every(INTERVAL_NANOS);

    /** Lists the addresses. */
    interface Source {
        /** What could carry a connection. */
        Set<String> routes() throws SocketException;
    }

    private final Source source;
    private final Scheduler scheduler;
    private final long intervalNanos;

    /** Its lock guards the rest as well. */
    private final Watchers watchers = new Watchers();

    /** Null while nobody watches. */
    private @Nullable Polling polling;

    DesktopNetworkMonitor(Source source, Scheduler scheduler, long intervalNanos) {
        this.source = source;
        this.scheduler = scheduler;
        this.intervalNanos = intervalNanos;
    }

    static DesktopNetworkMonitor every(long intervalNanos) {
        Scheduler scheduler = (task, delayNanos) -> {
            ScheduledFuture<?> future = THREAD.schedule(task, delayNanos, TimeUnit.NANOSECONDS);
            return () -> future.cancel(false);
        };
        return new DesktopNetworkMonitor(NetworkRoutes::ofThisMachine, scheduler, intervalNanos);
    }

    @Override
    public Registration watch(Listener listener) {
        Objects.requireNonNull(listener, "listener");
        synchronized (watchers) {
            if (polling == null) {
                polling = new Polling();
                polling.next = scheduler.schedule(polling, 0);
            }
            return watchers.add(listener, this::stopUnlessWatched);
        }
    }

    private void stopUnlessWatched() {
        synchronized (watchers) {
            if (polling == null || !watchers.isEmpty()) return;
            if (polling.next != null) polling.next.cancel();
            polling = null;
            watchers.forget();
        }
    }

    /** One look after another, from the first watcher to the last. */
    private final class Polling implements Runnable {
        private Scheduler.@Nullable Scheduled next;
        private @Nullable Set<String> seen;

        @Override
        public void run() {
            Set<String> routes;
            try {
                routes = source.routes();
            } catch (SocketException | RuntimeException e) {
                // An interface that goes while it is looked at, or a bug of the platform's: nothing is known anew.
                routes = null;
            }
            synchronized (watchers) {
                if (polling != this) return;
                next = scheduler.schedule(this, intervalNanos);
                if (routes == null || routes.equals(seen)) return;
                seen = routes;
                if (routes.isEmpty()) {
                    watchers.lost();
                } else {
                    // An address that is new may mean a better network, one that is gone a dead connection.
                    watchers.changed();
                }
            }
        }
    }

    private static ScheduledThreadPoolExecutor thread() {
        ScheduledThreadPoolExecutor executor = new ScheduledThreadPoolExecutor(1, task -> {
            Thread thread = new Thread(task, THREAD_NAME);
            thread.setDaemon(true);
            return thread;
        });
        executor.setRemoveOnCancelPolicy(true);
        executor.setKeepAliveTime(IDLE_SECONDS, TimeUnit.SECONDS);
        executor.allowCoreThreadTimeOut(true);
        return executor;
    }
}

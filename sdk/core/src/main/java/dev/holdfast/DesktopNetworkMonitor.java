package dev.holdfast;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.holdfast.internal.concurrent.Uncaught;
import dev.holdfast.internal.time.Scheduler;
import java.net.SocketException;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A monitor that lists the machine's addresses at an interval, while it has watchers. All monitors of the process
 * share one thread, which ends when it is idle. The timer's thread would not do, because listing the interfaces may
 * take a while.
 */
final class DesktopNetworkMonitor implements NetworkMonitor {
    static final String THREAD_NAME = "Holdfast network";

    private static final long INTERVAL_NANOS = TimeUnit.SECONDS.toNanos(2);
    private static final long IDLE_SECONDS = 1;

    private static final ScheduledThreadPoolExecutor THREAD = thread();

    /** The monitor with the default interval, shared so that the interfaces are listed once for all its users. */
    static final DesktopNetworkMonitor SHARED = every(INTERVAL_NANOS);

    /** A source of addresses. */
    interface Source {
        /** Returns the addresses that could carry a connection. */
        Set<String> routes() throws SocketException;
    }

    private final Source source;
    private final Scheduler scheduler;
    private final long intervalNanos;

    /** The watchers; their lock guards the other fields as well. */
    private final Watchers watchers = new Watchers();

    /** Null while there is no watcher. */
    @GuardedBy("watchers.lock")
    private @Nullable Polling polling;

    /** The next listing, if one is scheduled. */
    @GuardedBy("watchers.lock")
    private Scheduler.@Nullable Scheduled next;

    DesktopNetworkMonitor(Source source, Scheduler scheduler, long intervalNanos) {
        this.source = source;
        this.scheduler = scheduler;
        this.intervalNanos = intervalNanos;
    }

    static DesktopNetworkMonitor every(long intervalNanos) {
        Scheduler scheduler = (task, delayNanos) -> {
            // The executor would swallow an exception of the task.
            ScheduledFuture<?> future = THREAD.schedule(() -> Uncaught.run(task), delayNanos, TimeUnit.NANOSECONDS);
            return () -> future.cancel(false);
        };
        return new DesktopNetworkMonitor(NetworkRoutes::ofThisMachine, scheduler, intervalNanos);
    }

    @Override
    public Registration watch(Listener listener) {
        Registration registration = watchers.add(Objects.requireNonNull(listener, "listener"), this::stopUnlessWatched);
        Polling first = new Polling();
        watchers.lock.lock();
        try {
            if (polling != null) return registration;
            polling = first;
        } finally {
            watchers.lock.unlock();
        }
        try {
            first.lookIn(0);
        } catch (Throwable t) {
            registration.close();
            first.over();
            throw t;
        }
        return registration;
    }

    private void stopUnlessWatched() {
        Scheduler.Scheduled pending;
        watchers.lock.lock();
        try {
            if (polling == null || !watchers.isEmpty()) return;
            pending = next;
            next = null;
            polling = null;
            watchers.forget();
        } finally {
            watchers.lock.unlock();
        }
        if (pending != null) pending.cancel();
    }

    /** The repeated listing, from the first watcher to the last. */
    private final class Polling implements Runnable {
        @GuardedBy("watchers.lock")
        private @Nullable Set<String> seen;

        @Override
        public void run() {
            Set<String> routes = look();
            try {
                lookIn(intervalNanos);
            } catch (Throwable t) {
                over();
                throw t;
            }
            watchers.lock.lock();
            try {
                if (polling != this || routes == null || routes.equals(seen)) return;
                seen = routes;
                // A new address may mean a better network, a removed one a dead connection.
                watchers.note(!routes.isEmpty());
            } finally {
                watchers.lock.unlock();
            }
            watchers.report();
        }

        private @Nullable Set<String> look() {
            try {
                return source.routes();
            } catch (SocketException | RuntimeException e) {
                // An interface that disappears during the listing, or a platform bug: the last state stays.
            } catch (Throwable t) {
                Uncaught.report(t);
            }
            return null;
        }

        void lookIn(long nanos) {
            Scheduler.Scheduled scheduled = scheduler.schedule(this, nanos);
            watchers.lock.lock();
            try {
                if (polling == this) {
                    next = scheduled;
                    return;
                }
            } finally {
                watchers.lock.unlock();
            }
            scheduled.cancel();
        }

        /**
         * Ends the polling. Reports a network, so that no client waits for one that this monitor cannot see. The next
         * watcher starts a new polling.
         */
        void over() {
            watchers.lock.lock();
            try {
                if (polling != this) return;
                polling = null;
                next = null;
                watchers.note(true);
            } finally {
                watchers.lock.unlock();
            }
            watchers.report();
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

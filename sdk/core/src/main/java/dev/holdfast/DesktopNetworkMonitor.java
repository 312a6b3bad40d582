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
    @GuardedBy("watchers.lock")
    private @Nullable Polling polling;

    /** The next look, once it is scheduled. */
    @GuardedBy("watchers.lock")
    private Scheduler.@Nullable Scheduled next;

    DesktopNetworkMonitor(Source source, Scheduler scheduler, long intervalNanos) {
        this.source = source;
        this.scheduler = scheduler;
        this.intervalNanos = intervalNanos;
    }

    static DesktopNetworkMonitor every(long intervalNanos) {
        Scheduler scheduler = (task, delayNanos) -> {
            // The executor would keep what a task throws to itself.
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

    /** One look after another, from the first watcher to the last. */
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
                // An address that is new may mean a better network, one that is gone a dead connection.
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
                // An interface that goes while it is looked at, or a bug of the platform's: nothing is known anew.
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

        /** No look follows. Nobody may go on waiting for a network then, and the next watcher begins anew. */
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

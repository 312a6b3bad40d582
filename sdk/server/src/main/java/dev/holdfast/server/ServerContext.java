package dev.holdfast.server;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.LongAdder;

/** The state and services that all connections of one server share. */
final class ServerContext {
    final ServerOptions options;
    final SessionStore store;

    /** Where everything runs that may block. */
    final Workers workers;

    /** The timer. Its tasks must not block. */
    final ScheduledThreadPoolExecutor timer;

    final Set<ServerConnection> connections = ConcurrentHashMap.newKeySet();

    private final AtomicBoolean sweeping = new AtomicBoolean();

    final LongAdder resumed = new LongAdder();
    final LongAdder created = new LongAdder();
    final LongAdder handled = new LongAdder();
    final LongAdder duplicates = new LongAdder();
    final LongAdder protocolErrors = new LongAdder();

    /** Set when the server takes no more connections. */
    volatile boolean leaving;

    ServerContext(ServerOptions options, SessionStore store) {
        this.options = options;
        this.store = store;
        this.workers = new Workers(options.executor(), this::failed);
        this.timer = new ScheduledThreadPoolExecutor(
                1, task -> DaemonThreads.named("holdfast-server-timer", task), new ThreadPoolExecutor.DiscardPolicy());
        timer.setRemoveOnCancelPolicy(true);
    }

    /** Reports what the application or the store has thrown. Logs it if {@code onError} throws anything. */
    void failed(Throwable failure) {
        try {
            options.onError().accept(failure);
        } catch (Throwable e) {
            if (e != failure) failure.addSuppressed(e);
            log(failure);
        }
    }

    static void log(Throwable failure) {
        System.getLogger("dev.holdfast.server").log(System.Logger.Level.ERROR, "the server failed", failure);
    }

    /** Sweeps the store, unless the previous sweep is still running. */
    void sweep() {
        if (sweeping.compareAndSet(false, true)) {
            try {
                workers.execute(() -> {
                    try {
                        store.sweep();
                    } finally {
                        sweeping.set(false);
                    }
                });
            } catch (Throwable e) {
                // There is no thread for it now. Thrown, it would end the sweeps without a report.
                sweeping.set(false);
                failed(e);
            }
        }
    }
}

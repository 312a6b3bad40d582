package dev.holdfast.sample.server;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;

/** The state and services that all connections of one server share. */
final class ServerContext {
    final ReferenceServer.Options options;
    final SessionStore store;

    /** The timer. Its tasks must not block. */
    final ScheduledThreadPoolExecutor timer;

    final Set<ServerConnection> connections = ConcurrentHashMap.newKeySet();

    /** Numbers the connections in the order of their upgrades. */
    final AtomicLong upgrades = new AtomicLong();

    private final AtomicBoolean sweeping = new AtomicBoolean();

    final LongAdder resumed = new LongAdder();
    final LongAdder created = new LongAdder();
    final LongAdder handled = new LongAdder();
    final LongAdder duplicates = new LongAdder();
    final LongAdder protocolErrors = new LongAdder();

    volatile MessageHandler handler = (session, seq, payload) -> HandlerResult.accepted();
    volatile Consumer<ServerSession> onSession = session -> {};

    ServerContext(ReferenceServer.Options options, SessionStore store) {
        this.options = options;
        this.store = store;
        this.timer = new ScheduledThreadPoolExecutor(
                1, task -> DaemonThreads.named("holdfast-server-timer", task), new ThreadPoolExecutor.DiscardPolicy());
        timer.setRemoveOnCancelPolicy(true);
    }

    /** Sweeps the store, unless the previous sweep is still running. */
    void sweep() {
        if (sweeping.compareAndSet(false, true)) {
            Workers.SHARED.execute(() -> {
                try {
                    store.sweep();
                } finally {
                    sweeping.set(false);
                }
            });
        }
    }
}

package dev.holdfast.internal.runtime;

import dev.holdfast.NetworkMonitor;
import dev.holdfast.internal.concurrent.Uncaught;
import dev.holdfast.internal.session.SessionMachine;
import java.util.Collections;
import org.jspecify.annotations.Nullable;

/**
 * Watches the network while it matters, and reports its changes to the machine. The monitor may be the application's: what
 * it throws ends nothing. Confined to the serial context.
 */
final class NetworkWatch {
    private final NetworkMonitor monitor;
    private final SessionMachine machine;
    private final EventLoop loop;
    private final Runnable onOther;

    private NetworkMonitor.@Nullable Registration registration;
    private @Nullable Changes changes;

    /** @param onOther called on the serial context when there is another network, before the machine knows it */
    NetworkWatch(NetworkMonitor monitor, SessionMachine machine, EventLoop loop, Runnable onOther) {
        this.onOther = onOther;
        this.monitor = monitor;
        this.machine = machine;
        this.loop = loop;
    }

    /** Begins or ends the watch. Has no effect if that is done already. */
    void setActive(boolean active) {
        Uncaught.run(active ? this::begin : this::end);
    }

    private void begin() {
        if (registration != null) return;
        changes = new Changes();
        registration = monitor.watch(changes);
    }

    private void end() {
        NetworkMonitor.Registration old = registration;
        registration = null;
        if (changes != null) changes.over = true;
        changes = null;
        if (old != null) old.close();
    }

    /**
     * Reports changes, but not that the network is available when a watch begins: the machine assumes so. What is on its way
     * when a watch ends is dropped.
     */
    private final class Changes implements NetworkMonitor.Listener {
        private volatile boolean begun;
        /** Confined to the serial context. */
        private boolean over;

        @Override
        public void onAvailable() {
            if (begun) reportOther(machine::onNetworkAvailable);
            begun = true;
        }

        @Override
        public void onLost() {
            begun = true;
            report(machine::onNetworkLost);
        }

        @Override
        public void onChanged() {
            begun = true;
            reportOther(machine::onNetworkChanged);
        }

        private void reportOther(TimedEvent change) {
            report(now -> {
                onOther.run();
                return change.apply(now);
            });
        }

        private void report(TimedEvent change) {
            loop.post(now -> over ? Collections.emptyList() : change.apply(now));
        }
    }
}

package dev.holdfast;

import dev.holdfast.internal.time.Durations;
import java.time.Duration;

/**
 * Reports whether the device has a network. A client with a monitor connects as soon as the network returns, and checks its
 * connection at once when the network changes.
 *
 * <p>A report is a hint: a server on the same machine needs no network, and a network may lead nowhere.
 */
public interface NetworkMonitor {
    /**
     * Starts to report to a listener. Calls come on any thread, one at a time for each listener. The first call, during
     * {@code watch} or soon after, reports the current state.
     */
    Registration watch(Listener listener);

    /** Receives the reports of a monitor. No SDK lock is held during a call. Implementations return soon and do not throw. */
    interface Listener {
        /** A network is available. */
        void onAvailable();

        /** No network is available. */
        void onLost();

        /** The network or its addresses changed: existing connections may be dead. */
        void onChanged();
    }

    /** A registration of a listener. */
    interface Registration extends AutoCloseable {
        /**
         * Ends the registration; a second call has no effect. No call to the listener starts after this returns, so this
         * waits for a call in progress on another thread: hold no lock that the listener takes.
         */
        @Override
        void close();
    }

    /** Returns a monitor that reports nothing. */
    static NetworkMonitor none() {
        return listener -> () -> {};
    }

    /** Returns a monitor as {@link #desktop(Duration)} does, with an interval of 2 s. */
    static NetworkMonitor desktop() {
        return DesktopNetworkMonitor.SHARED;
    }

    /**
     * Returns a monitor for desktop Java that compares the addresses of the machine's network interfaces every {@code
     * interval} while there is a listener. It ignores interfaces of containers and virtual machines, which it recognises by
     * their names, and additional IPv6 addresses of the same network. Android has better means, see {@code
     * docs/android.md}.
     *
     * @throws IllegalArgumentException if {@code interval} is not positive
     */
    static NetworkMonitor desktop(Duration interval) {
        return DesktopNetworkMonitor.every(Durations.positiveNanos("interval", interval));
    }
}

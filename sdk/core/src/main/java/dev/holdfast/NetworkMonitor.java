package dev.holdfast;

import dev.holdfast.internal.time.Durations;
import java.time.Duration;

/**
 * A source of reports on whether the device has a network. A client with a monitor connects as soon as the network returns, and
 * when the network changes it moves to another connection or checks the one that it has. {@link
 * HoldfastClientBuilder#networkMonitor} sets it.
 *
 * <p>A report is a hint: a server on the same machine needs no network, and a network may lead nowhere.
 */
public interface NetworkMonitor {
    /**
     * Starts to report to a listener. Calls come on any thread, one at a time for each listener. The first call, during
     * {@code watch} or soon after, reports the current state.
     *
     * @param listener called on any thread; must not block
     * @return the registration, which ends the reports
     */
    Registration watch(Listener listener);

    /**
     * A receiver of a monitor's reports; each client registers one. A monitor of the application's own calls its methods. They
     * return soon and do not throw. A monitor of the SDK holds no lock during a call.
     */
    interface Listener {
        /** Called when a network is available. */
        void onAvailable();

        /** Called when no network is available. */
        void onLost();

        /** Called when the network or its addresses have changed, so that existing connections may be dead. */
        void onChanged();
    }

    /** The link between a monitor and one listener, from {@link #watch} to {@link #close}. */
    interface Registration extends AutoCloseable {
        /**
         * Stops the reports to the listener. After this returns, the listener is not called any more. If another thread is
         * calling it, this waits until that call has returned, so the caller must hold no lock that the listener takes. A
         * second call has no effect.
         */
        @Override
        void close();
    }

    /** {@return a monitor that reports nothing} */
    static NetworkMonitor none() {
        return listener -> () -> {};
    }

    /** {@return a monitor as {@link #desktop(Duration)} does, with an interval of 2 s} */
    static NetworkMonitor desktop() {
        return DesktopNetworkMonitor.SHARED;
    }

    /**
     * {@return a monitor for desktop Java} While there is a listener, it looks at the addresses of the machine's
     * network interfaces every {@code interval}, and reports a change. It ignores the interfaces of containers and
     * virtual machines, which it recognizes by their names. It also ignores another IPv6 address in the same network.
     * For Android see {@code docs/android.md}.
     *
     * @param interval the time between two looks, positive
     * @throws IllegalArgumentException if {@code interval} is not positive
     */
    static NetworkMonitor desktop(Duration interval) {
        return DesktopNetworkMonitor.every(Durations.positiveNanos("interval", interval));
    }
}

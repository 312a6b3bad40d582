package dev.holdfast;

import dev.holdfast.internal.time.Durations;
import java.time.Duration;

/**
 * Tells whether the device has a network. A client that is given one need not wait out its delay when the network comes
 * back, nor its heartbeat when the network changes under it.
 *
 * <p>What it tells is a hint: a server on the same machine needs no network at all, and a network need not lead anywhere.
 */
public interface NetworkMonitor {
    /**
     * Begins to tell. Calls come from any thread, one at a time for each listener; the first call, during watch or soon
     * after, tells how things stand.
     */
    Registration watch(Listener listener);

    /** Takes what a monitor reports. No lock of the SDK is held during a call. Its methods return soon and throw nothing. */
    interface Listener {
        /** There is a network. */
        void onAvailable();

        /** There is none. */
        void onLost();

        /** There is a network, but another one or with other addresses: connections of before may be dead. */
        void onChanged();
    }

    /** The right to be told. */
    interface Registration extends AutoCloseable {
        /**
         * Ends it; again, it has no effect. No call begins after it returns, so it waits for a call under way on another
         * thread: hold no lock that the listener takes.
         */
        @Override
        void close();
    }

    /** Tells nothing and costs nothing. */
    static NetworkMonitor none() {
        return listener -> () -> {};
    }

    /** As {@link #desktop(Duration)}, every 2 s. */
    static NetworkMonitor desktop() {
        return DesktopNetworkMonitor.SHARED;
    }

    /**
     * Compares the addresses of the machine's network interfaces with those of an {@code interval} ago, while somebody
     * watches and not else. Interfaces of containers and virtual machines do not count, as far as they can be told by
     * their names, nor does an IPv6 address of a network where there was one. For desktop Java; Android tells better
     * itself.
     *
     * @throws IllegalArgumentException if {@code interval} is not positive
     */
    static NetworkMonitor desktop(Duration interval) {
        return DesktopNetworkMonitor.every(Durations.positiveNanos("interval", interval));
    }
}

package dev.holdfast;

import java.util.Objects;

/**
 * A network monitor whose state the application sets by method calls, for example from a source that the application has, or in
 * a test. It starts with an available network. Its methods call the listeners before they return. If another thread is
 * calling the listeners at that moment, that thread makes the call. Safe from any thread.
 */
public final class ManualNetworkMonitor implements NetworkMonitor {
    private final Watchers watchers = new Watchers();

    /** Creates a monitor of a network that is available. */
    public ManualNetworkMonitor() {
        watchers.available();
    }

    @Override
    public Registration watch(Listener listener) {
        return watchers.add(Objects.requireNonNull(listener, "listener"), () -> {});
    }

    /** Reports that a network is available. Has no effect if one was available already. */
    public void available() {
        watchers.available();
    }

    /** Reports that no network is available. Has no effect if none was available. */
    public void lost() {
        watchers.lost();
    }

    /** Reports another network, or other addresses of the same one. If no network was available, one is available now. */
    public void changed() {
        watchers.changed();
    }
}

package dev.holdfast;

import java.util.Objects;

/**
 * A monitor that is told by the application, which has a source of its own, or by a test. Until it is told otherwise it
 * takes the network for available. Safe from any thread. Its methods call the listeners before they return, unless another
 * thread is calling them: that thread then does it.
 */
public final class ManualNetworkMonitor implements NetworkMonitor {
    private final Watchers watchers = new Watchers();

    /** A monitor of a network that is available. */
    public ManualNetworkMonitor() {
        watchers.available();
    }

    @Override
    public Registration watch(Listener listener) {
        return watchers.add(Objects.requireNonNull(listener, "listener"), () -> {});
    }

    /** There is a network. Has no effect where there was one. */
    public void available() {
        watchers.available();
    }

    /** There is none. Has no effect where there was none. */
    public void lost() {
        watchers.lost();
    }

    /** There is another network, or the same with other addresses. Where there was none, it is available. */
    public void changed() {
        watchers.changed();
    }
}

package dev.holdfast;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Notes what a monitor tells. */
final class NetworkRecorder implements NetworkMonitor.Listener {
    private final List<String> calls = new CopyOnWriteArrayList<>();

    @Override
    public void onAvailable() {
        calls.add("available");
    }

    @Override
    public void onLost() {
        calls.add("lost");
    }

    @Override
    public void onChanged() {
        calls.add("changed");
    }

    List<String> calls() {
        return List.copyOf(calls);
    }
}

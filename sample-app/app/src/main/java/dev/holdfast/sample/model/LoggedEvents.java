package dev.holdfast.sample.model;

import dev.holdfast.HoldfastEventListener;
import java.time.Duration;
import java.util.concurrent.Executor;

/**
 * An event listener that logs what a {@code HoldfastListener} does not receive: resumed sessions, handovers, and pauses
 * of the process.
 */
final class LoggedEvents implements HoldfastEventListener {
    private final EventLog log;
    private final Executor window;

    LoggedEvents(EventLog log, Executor window) {
        this.log = log;
        this.window = window;
    }

    private void add(String kind, String text) {
        window.execute(() -> log.add(kind, text));
    }

    @Override
    public void onSessionOpened(boolean resumed, long replayed) {
        add("session", resumed ? "resumed, " + replayed + " messages replayed" : "new");
    }

    @Override
    public void onHandoverBegun(long connection) {
        add("handover", "connection " + connection + " is opened beside the present one");
    }

    @Override
    public void onHandoverDone(long connection) {
        add("handover", "connection " + connection + " has taken over");
    }

    @Override
    public void onHandoverFailed(long connection, String reason) {
        add("handover", "connection " + connection + " does not take over: " + reason);
    }

    @Override
    public void onSuspended(Duration duration) {
        add("suspended", "the process did not run for about " + duration.toMillis() + " ms");
    }
}

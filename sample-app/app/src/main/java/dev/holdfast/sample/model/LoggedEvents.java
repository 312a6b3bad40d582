package dev.holdfast.sample.model;

import dev.holdfast.HoldfastEventListener;
import java.time.Duration;

/**
 * An event listener that logs what a {@code HoldfastListener} does not receive: carriers, resumed sessions, handovers, and pauses
 * of the process.
 */
class LoggedEvents implements HoldfastEventListener {
    private final EventLog log;

    LoggedEvents(EventLog log) {
        this.log = log;
    }

    @Override
    public void onConnectionOverHttp(long connection) {
        log.add("carrier", "connection " + connection + " is over plain HTTP");
    }

    @Override
    public void onSessionOpened(boolean resumed, long replayed) {
        log.add("session", resumed ? "resumed, " + replayed + " messages replayed" : "new");
    }

    @Override
    public void onHandoverBegun(long connection) {
        log.add("handover", "connection " + connection + " is opened beside the present one");
    }

    @Override
    public void onHandoverDone(long connection) {
        log.add("handover", "connection " + connection + " has taken over");
    }

    @Override
    public void onHandoverFailed(long connection, String reason) {
        log.add("handover", "connection " + connection + " does not take over: " + reason);
    }

    @Override
    public void onSuspended(Duration duration) {
        log.add("suspended", "the process did not run for about " + duration.toMillis() + " ms");
    }
}

package dev.holdfast;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Takes down what a client's events tell, in words. Frames are not asked for. */
public final class EventsRecorder implements HoldfastEventListener {
    private final List<String> told = new ArrayList<>();

    /** Everything since the last call. */
    public synchronized List<String> take() {
        List<String> all = new ArrayList<>(told);
        told.clear();
        return all;
    }

    private synchronized void tell(String what) {
        told.add(what);
    }

    @Override
    public void onAttempt(long connection, String host) {
        tell("attempt " + connection + " " + host);
    }

    @Override
    public void onConnectionOpened(long connection) {
        tell("opened " + connection);
    }

    @Override
    public void onConnectionFailure(ConnectionFailure failure) {
        tell("failure " + failure.phase() + ", " + failure.message() + ": "
                + (failure.willRetry() ? "again, " : "stop, ") + failure.reason());
    }

    @Override
    public void onState(ClientState state) {
        tell(state.toString());
    }

    @Override
    public void onRoundTripTime(Duration roundTripTime) {
        tell("round trip");
    }

    @Override
    public void onSessionOpened(boolean resumed, long replayed) {
        tell(resumed ? "session resumed, " + replayed + " replayed" : "session new, " + replayed + " replayed");
    }

    @Override
    public void onSessionLost(String reason, int unknown) {
        tell("session lost, " + reason + ", " + unknown + " unknown");
    }

    @Override
    public void onHandoverBegun(long connection) {
        tell("handover to " + connection);
    }

    @Override
    public void onHandoverDone(long connection) {
        tell("handed over to " + connection);
    }

    @Override
    public void onHandoverFailed(long connection, String reason) {
        tell("no handover to " + connection + ": " + reason);
    }

    @Override
    public void onQueueLevel(boolean pressed, int messages, long bytes) {
        tell((pressed ? "high" : "low") + ", " + messages + " messages, " + bytes + " bytes");
    }

    @Override
    public void onSuspended(Duration duration) {
        tell("suspended for " + duration.toSeconds() + " s");
    }

    @Override
    public void onFrame(Frame frame) {
        tell("a frame that was not asked for");
    }
}

package dev.holdfast.internal.session;

import org.jspecify.annotations.Nullable;

/**
 * The schedule of the next attempt to connect: after its delay, not before the server allows it, in its turn at the
 * shared gate, and only while there is a network.
 *
 * <p>Not pure: other clients share the gate.
 */
final class AttemptSchedule {
    private static final long NEVER = SessionMachine.NEVER;

    private final SessionSettings.@Nullable Gate gate;
    private final ConnectRequests requests = new ConnectRequests();

    private long due = NEVER;
    /** The earliest time at which the server accepts an attempt. */
    private long notBefore = Long.MIN_VALUE;
    /** Whether the next attempt holds a turn at the gate. */
    private boolean gated;

    private boolean offline;
    private boolean waitsForNetwork;

    AttemptSchedule(SessionSettings.@Nullable Gate gate) {
        this.gate = gate;
    }

    /** Returns when the next attempt is due, {@link SessionMachine#NEVER} if none is scheduled. */
    long due() {
        return due;
    }

    /** Returns whether an attempt will follow without a request of the application. */
    boolean isWaiting() {
        return due != NEVER || waitsForNetwork;
    }

    boolean isWaitingForNetwork() {
        return waitsForNetwork;
    }

    boolean isOffline() {
        return offline;
    }

    void setOffline(boolean offline) {
        this.offline = offline;
    }

    // ---- requests of the application ----

    /** Returns the earliest time for an attempt that the application asks for now. */
    long earliest(long now) {
        return Math.max(notBefore, requests.earliest(now));
    }

    /** Schedules the attempt that the application asked for. */
    void request(long at, int endpoint) {
        requests.accept();
        giveTurnBack(endpoint);
        due = at;
        waitsForNetwork = false;
    }

    /** Takes a turn at the gate for an attempt that is made even if the gate would make it wait. */
    void takeTurnRegardless(int endpoint, long now) {
        if (gate != null) gate.reserve(endpoint, now);
    }

    /** Cancels the next attempt. */
    void cancel(int endpoint) {
        due = NEVER;
        requests.cancel();
        giveTurnBack(endpoint);
        waitsForNetwork = false;
    }

    // ---- events of connections and the network ----

    void welcomed() {
        requests.welcomed();
    }

    /** Records that a connection was lost or an attempt failed. */
    void failed() {
        requests.failed();
    }

    /**
     * Sets the time before which the server accepts no attempt.
     *
     * @param time {@link Long#MIN_VALUE} if the server did not say
     */
    void setNotBefore(long time) {
        notBefore = time;
    }

    void schedule(long at) {
        due = at;
    }

    /** Schedules the next attempt for when there is a network again. */
    void waitForNetwork(int endpoint) {
        due = NEVER;
        giveTurnBack(endpoint);
        waitsForNetwork = true;
    }

    void networkChanged() {
        requests.networkChanged();
    }

    /**
     * Schedules the attempt as soon as the server allows it.
     *
     * @return false if the attempt has its turn already, which it keeps
     */
    boolean hurry(long now) {
        if (gated) return false;
        due = Math.max(now, notBefore);
        waitsForNetwork = false;
        return true;
    }

    // ---- the attempt ----

    /** Returns whether to make the attempt now. If it has to wait for its turn, this schedules it for that time. */
    boolean takeTurn(int endpoint, long now) {
        if (now < due) return false;
        long wait = gated || requests.isPending() || gate == null ? 0 : gate.reserve(endpoint, now);
        if (wait <= 0) return true;
        gated = true;
        due = now + wait;
        return false;
    }

    /** Records that the attempt is made, with its turn if it held one. */
    void started(long now) {
        due = NEVER;
        notBefore = Long.MIN_VALUE;
        requests.attemptStarts(now);
        waitsForNetwork = false;
        gated = false;
    }

    /** Gives back a turn that will not be used. */
    void giveTurnBack(int endpoint) {
        if (gated && gate != null) gate.giveBack(endpoint);
        gated = false;
    }
}

package dev.holdfast.internal.session;

import dev.holdfast.Heartbeat;

/**
 * Judges whether the connection is alive, RFC 6455 section 5.5.2: a ping after an interval of silence, death after a
 * deadline of silence that runs from when the ping was written. A ping that still waits behind our own bytes proves
 * nothing; that a write gets stuck is for the transport's write timeout to notice.
 */
final class Liveness {
    enum Verdict {
        ALIVE,
        PING,
        DEAD
    }

    /**
     * Pings go out at multiples of this part of the interval, the last before it is over: clients that share a ticker wake
     * the process together, at this many moments of an interval at most.
     */
    private static final int PHASES = 4;

    private final Heartbeat heartbeat;

    /** When a ping is due, or while one is out, another look at what has come in. */
    private long due = SessionMachine.NEVER;

    private long nonce;
    private boolean outstanding;
    private long deadline;
    private long pingQueuedAt;
    private long pingWrittenAt = SessionMachine.NEVER;
    /** Of the ping that is out; without any, of the server's own. */
    private final Deadline death = new Deadline();

    /** The smoothed round-trip time and its variation, RFC 6298 section 2; -1 before the first of a connection. */
    private long smoothed = -1;

    private long variation;

    Liveness(Heartbeat heartbeat) {
        this.heartbeat = heartbeat;
    }

    void start(long now) {
        stop();
        smoothed = -1;
        listen(now);
    }

    void stop() {
        forget();
        due = SessionMachine.NEVER;
    }

    /** When {@link #check} is due. */
    long due() {
        return Math.min(due, death.due());
    }

    /** No ping of ours is out, and something came in then. */
    private void listen(long heardAt) {
        outstanding = false;
        long interval = heartbeat.intervalNanos();
        if (heartbeat.serverPings()) {
            death.set(heardAt + interval, interval);
        } else {
            death.clear();
            long after = heardAt + interval;
            due = interval == SessionMachine.NEVER ? interval : after - after % Math.max(1, interval / PHASES);
        }
    }

    /** Says what the silence since {@code lastInboundAt} means now, and when to ask again. */
    Verdict check(long now, long lastInboundAt) {
        if (!outstanding || lastInboundAt > pingQueuedAt) listen(lastInboundAt);
        if (death.isSet()) {
            if (death.isOver(now)) return Verdict.DEAD;
            if (outstanding && now >= due) due = now + heartbeat.intervalNanos();
            return Verdict.ALIVE;
        }
        if (now < due) return Verdict.ALIVE;
        ping(now, deadline());
        return Verdict.PING;
    }

    /**
     * Something happened that may have killed the connection: a ping at once, whose deadline is at most {@code limit}.
     * Returns false where one is out already that has no more time than that.
     */
    boolean probe(long now, long limit) {
        if (outstanding && death.target() - limit <= now) return false;
        ping(now, Math.min(limit, deadline()));
        return true;
    }

    /** Time passed that proves nothing: what was out does not count. */
    void forget() {
        outstanding = false;
        death.clear();
    }

    private void ping(long now, long deadline) {
        outstanding = true;
        nonce++;
        this.deadline = deadline;
        pingQueuedAt = now;
        pingWrittenAt = SessionMachine.NEVER;
        due = SessionMachine.NEVER;
        death.clear();
    }

    /** What is usual on this connection and a margin, if the heartbeat says so. */
    private long deadline() {
        long most = heartbeat.deadlineNanos();
        long floor = heartbeat.floorNanos();
        if (floor == 0 || smoothed < 0) return most;
        return Math.min(most, Math.max(floor, smoothed + (4 * variation)));
    }

    /** The number that the newest ping carries. */
    long nonce() {
        return nonce;
    }

    void onPingWritten(long now) {
        if (!outstanding) return;
        pingWrittenAt = now;
        death.set(now + deadline, deadline);
        // What comes in answers it, and from then on another interval counts, however long the deadline is.
        long interval = heartbeat.serverPings() ? SessionMachine.NEVER : heartbeat.intervalNanos();
        due = interval == SessionMachine.NEVER ? interval : now + interval;
    }

    /** The round-trip time in nanoseconds, or -1 where the pong answers no ping of ours (section 5.5.3). */
    long onPong(long answered, long now) {
        if (!outstanding || answered != nonce) return -1;
        listen(now);
        // The pong may overtake the writer's own word that the ping is out.
        long roundTrip = now - (pingWrittenAt == SessionMachine.NEVER ? pingQueuedAt : pingWrittenAt);
        if (smoothed < 0) {
            smoothed = roundTrip;
            variation = roundTrip / 2;
        } else {
            variation += (Math.abs(roundTrip - smoothed) - variation) / 4;
            smoothed += (roundTrip - smoothed) / 8;
        }
        return roundTrip;
    }
}

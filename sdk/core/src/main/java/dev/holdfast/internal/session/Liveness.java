package dev.holdfast.internal.session;

import dev.holdfast.internal.settings.HeartbeatTimes;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Judges whether the connection is alive, RFC 6455 section 5.5.2: a ping after an interval of silence, death after a
 * deadline of silence that runs from when the ping was written. A ping that still waits behind our own bytes proves
 * nothing; that a write gets stuck is for the transport's write timeout to notice.
 *
 * <p>What comes in says nothing of whether the server still gets what is sent. So while a message waits for its acknowledgement
 * for longer than the interval, a ping goes out whatever else comes in, and nothing answers it but its own pong or the
 * acknowledgement of all that was written before it: a <em>proof</em>. A server that is to ping by itself is asked for none.
 */
final class Liveness {
    enum Verdict {
        ALIVE,
        /** The connection is dead, for {@link #reason}. */
        DEAD
    }

    /**
     * Pings go out at multiples of this part of the interval, the last before it is over: clients that share a ticker wake
     * the process together, at this many moments of an interval at most.
     */
    private static final int PHASES = 4;

    /** How long a connection may take to prove itself after something that may have killed it. */
    private static final long PROBE_NANOS = TimeUnit.SECONDS.toNanos(3);

    private static final String SILENT = "no sign of life since a ping";
    private static final String DEAF = "no answer to a ping while a message waits for its acknowledgement";

    private final HeartbeatTimes heartbeat;

    /** When a ping is due, or while one is out, another look at what has come in. */
    private long due = SessionMachine.NEVER;

    private long nonce;
    private String reason = "";
    private boolean outstanding;
    /** Whether nothing but a pong answers the ping that is out. */
    private boolean proof;
    /** Up to when the server is known to have got what was sent. */
    private long provenAt;
    /** When the server's last whole message, ping or pong came in. */
    private long heardAt;
    /** Whether a proof has waited for the end of a long message. */
    private boolean extended;

    private long deadline;
    private long pingQueuedAt;
    /** When the ping was queued, or its deadline started again: silence since then means that the connection is dead. */
    private long deadlineStartedAt;

    private long pingWrittenAt = SessionMachine.NEVER;
    /** Of the ping that is out; without any, of the server's own. */
    private final Deadline death = new Deadline();

    /** The smoothed round-trip time and its variation, RFC 6298 section 2; -1 before the first of a connection. */
    private long smoothed = -1;

    private long variation;

    Liveness(HeartbeatTimes heartbeat) {
        this.heartbeat = heartbeat;
    }

    void start(long now) {
        stop();
        smoothed = -1;
        provenAt = now;
        heardAt = now;
        listen(now);
    }

    void stop() {
        forget();
        due = SessionMachine.NEVER;
    }

    /**
     * When {@link #check} is due.
     *
     * @param unansweredSince since when the oldest message waits for its acknowledgement, or {@link SessionMachine#NEVER}
     */
    long due(long unansweredSince) {
        long next = Math.min(due, death.due());
        return proof ? next : Math.min(next, proofDue(unansweredSince));
    }

    private long proofDue(long unansweredSince) {
        long interval = heartbeat.intervalNanos();
        if (unansweredSince == SessionMachine.NEVER || interval == SessionMachine.NEVER || heartbeat.serverPings()) {
            return SessionMachine.NEVER;
        }
        return Math.max(unansweredSince, provenAt) + interval;
    }

    /** A whole message, ping or pong came in: the server could have sent a pong as well. */
    void heard(long time) {
        if (time <= heardAt) return;
        // A pong need not interrupt a message; it has its time from the message's end on.
        if (extended) death.set(time + deadline, deadline);
        extended = false;
        heardAt = time;
    }

    /** No ping of ours is out, and something came in then. */
    private void listen(long heardAt) {
        outstanding = false;
        proof = false;
        extended = false;
        long interval = heartbeat.intervalNanos();
        if (heartbeat.serverPings()) {
            death.set(heardAt + interval, interval);
        } else {
            death.clear();
            long after = heardAt + interval;
            due = interval == SessionMachine.NEVER ? interval : after - after % Math.max(1, interval / PHASES);
        }
    }

    /** Judges the silence since {@code lastInboundAt}, and sends a ping if one is due. */
    Verdict check(long now, long lastInboundAt, long unansweredSince, List<Effect> out) {
        // Acknowledged up to the ping: the server got what it was asked about, whatever becomes of its pong.
        if (proof && unansweredSince > pingQueuedAt) proof = false;
        if (!outstanding || (!proof && lastInboundAt > pingQueuedAt)) listen(lastInboundAt);
        if (!proof && now >= proofDue(unansweredSince)) {
            boolean ask = !outstanding;
            proof = true;
            if (ask) {
                ping(now, deadline(), out);
                return Verdict.ALIVE;
            }
        }
        if (death.isSet()) {
            if (death.isOver(now)) return overdue(now, lastInboundAt);
            if (outstanding && now >= due) due = now + heartbeat.intervalNanos();
            return Verdict.ALIVE;
        }
        if (now < due) return Verdict.ALIVE;
        ping(now, deadline(), out);
        return Verdict.ALIVE;
    }

    private Verdict overdue(long now, long lastInboundAt) {
        if (!proof || lastInboundAt <= deadlineStartedAt) return dead(SILENT);
        boolean readingStopped = lastInboundAt >= now;
        boolean inMessage = heardAt <= pingWrittenAt;
        if (!readingStopped && !inMessage) return dead(DEAF);
        // The pong cannot be read, or cannot be sent yet.
        death.set(now + deadline, deadline);
        deadlineStartedAt = now;
        extended = inMessage;
        return Verdict.ALIVE;
    }

    private Verdict dead(String why) {
        reason = why;
        return Verdict.DEAD;
    }

    /** Returns why the connection is dead. */
    String reason() {
        return reason;
    }

    /**
     * Something happened that may have killed the connection: sends a ping with a short deadline, unless a ping is out that
     * has no more time left than that.
     */
    void probe(long now, List<Effect> out) {
        if (outstanding && death.target() - PROBE_NANOS <= now) return;
        ping(now, Math.min(PROBE_NANOS, deadline()), out);
    }

    /** The process did not run until now: a proof is asked for after another interval. */
    void suspended(long now) {
        forget();
        provenAt = now;
    }

    /** Time passed that proves nothing: what was out does not count. */
    void forget() {
        outstanding = false;
        proof = false;
        extended = false;
        death.clear();
    }

    private void ping(long now, long deadline, List<Effect> out) {
        outstanding = true;
        long number = ++nonce;
        out.add(driver -> driver.sendPing(number));
        this.deadline = deadline;
        pingQueuedAt = now;
        deadlineStartedAt = now;
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

    void onPingWritten(long now) {
        if (!outstanding) return;
        pingWrittenAt = now;
        death.set(now + deadline, deadline);
        // What comes in answers it, and from then on another interval counts, however long the deadline is.
        long interval = heartbeat.serverPings() ? SessionMachine.NEVER : heartbeat.intervalNanos();
        due = interval == SessionMachine.NEVER ? interval : now + interval;
    }

    /** Returns the round-trip time in nanoseconds, or -1 if the pong answers no ping that is out (section 5.5.3). */
    long onPong(long answered, long now) {
        if (answered == nonce) provenAt = pingQueuedAt;
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

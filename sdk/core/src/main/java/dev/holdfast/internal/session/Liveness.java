package dev.holdfast.internal.session;

import dev.holdfast.internal.settings.HeartbeatTimes;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * The judge of whether the connection is alive, RFC 6455 section 5.5.2. It sends a ping after an interval of silence.
 * If the silence lasts for a deadline after the ping was written, the connection is dead. A ping that still waits
 * behind our own bytes proves nothing; the transport's write timeout detects a write that is stuck.
 *
 * <p>Input does not show whether the server still receives what the client sends. So when a message has waited for its
 * acknowledgement longer than the interval, a ping goes out regardless of other input. Only its own pong, or the
 * acknowledgement of everything written before it, answers that ping: a <em>proof</em>. A server that pings by itself
 * gets no such ping.
 */
final class Liveness {
    enum Verdict {
        ALIVE,
        /** The connection is dead, for {@link #reason}. */
        DEAD
    }

    /**
     * Pings go out at multiples of this part of the interval, the last one before the interval ends: clients that
     * share a ticker wake the process together, at this many moments of an interval at most.
     */
    private static final int PHASES = 4;

    /** The time for a connection to prove itself after something that may have killed it. */
    private static final long PROBE_NANOS = TimeUnit.SECONDS.toNanos(3);

    private static final String SILENT = "no sign of life since a ping";
    private static final String DEAF = "no answer to a ping while a message waits for its acknowledgement";

    private final HeartbeatTimes heartbeat;

    /**
     * The silence after which the server's own heartbeat is overdue, as the server of this connection announced it; 0 if it
     * did not. It replaces the interval of the settings.
     */
    private long announced;

    /** The time at which a ping is due, or if a ping is out, the next check of the input. */
    private long due = SessionMachine.NEVER;

    private long nonce;
    private String reason = "";
    private boolean outstanding;
    /** Whether only a pong answers the ping that is out. */
    private boolean proof;
    /** The time until which the server is known to have received what was sent. */
    private long provenAt;
    /** The time at which the server's last whole message, ping or pong arrived. */
    private long heardAt;
    /** The time of the input from which the next check was computed. */
    private long listenedAt;
    /** Whether a proof has already been extended to the end of a long message. */
    private boolean extended;

    private long deadline;
    private long pingQueuedAt;
    /**
     * When the ping was queued, or its deadline started again: silence since then means that the connection is dead.
     */
    private long deadlineStartedAt;

    private long pingWrittenAt = SessionMachine.NEVER;
    /**
     * The ping whose round trip is being measured; 0 if none is. It need not be the one that is out: where a round trip
     * takes about as long as the interval, each pong may meet the next ping.
     */
    private long timed;
    /** When that ping was written, or queued while the writer has not reported it. */
    private long timedSince;

    private boolean timedWritten;
    /** The deadline of the ping that is out; if none is out, the deadline of the server's own pings. */
    private final Deadline death = new Deadline();

    /** The smoothed round-trip time and its variation, RFC 6298 section 2; -1 before the first of a connection. */
    private long smoothed = -1;

    private long variation;

    Liveness(HeartbeatTimes heartbeat) {
        this.heartbeat = heartbeat;
    }

    void start(long now) {
        start(now, 0);
    }

    /** @param serverHeartbeat the silence after which the server's own heartbeat is overdue; 0 if it announced none */
    void start(long now, long serverHeartbeat) {
        stop();
        announced = serverHeartbeat;
        smoothed = -1;
        provenAt = now;
        heardAt = now;
        listen(now);
    }

    void stop() {
        forget();
        due = SessionMachine.NEVER;
    }

    private boolean serverPings() {
        return announced > 0 || heartbeat.serverPings();
    }

    private long interval() {
        return announced > 0 ? announced : heartbeat.intervalNanos();
    }

    /**
     * Returns when {@link #check} is due.
     *
     * @param unansweredSince the time since which the oldest message has waited for its acknowledgement, or {@link
     *     SessionMachine#NEVER}
     */
    long due(long unansweredSince) {
        long next = Math.min(due, death.due());
        return proof ? next : Math.min(next, proofDue(unansweredSince));
    }

    private long proofDue(long unansweredSince) {
        long interval = interval();
        if (unansweredSince == SessionMachine.NEVER || interval == SessionMachine.NEVER || serverPings()) {
            return SessionMachine.NEVER;
        }
        return Math.max(unansweredSince, provenAt) + interval;
    }

    /**
     * Records that a whole message, ping or pong arrived: the server could have sent a pong as well. The next check
     * moves on, so that no timer wakes the device between two signs of life. It does so a few times in an interval at
     * most: setting a timer for each message would cost more.
     */
    void heard(long time) {
        if (time <= heardAt) return;
        // A pong need not interrupt a message, so its time starts at the message's end.
        if (extended) death.set(time + deadline, deadline);
        extended = false;
        heardAt = time;
        boolean waits = !outstanding && (due != SessionMachine.NEVER || death.isSet());
        if (waits && time - listenedAt >= interval() / PHASES) listen(time);
    }

    /** Records input while no ping of ours is out. */
    private void listen(long heardAt) {
        listenedAt = heardAt;
        outstanding = false;
        proof = false;
        extended = false;
        long interval = interval();
        if (serverPings()) {
            death.set(heardAt + interval, interval);
        } else {
            death.clear();
            long after = heardAt + interval;
            due = interval == SessionMachine.NEVER ? interval : after - after % Math.max(1, interval / PHASES);
        }
    }

    /** Judges the silence since {@code lastInboundAt}, and sends a ping if one is due. */
    Verdict check(long now, long lastInboundAt, long unansweredSince, List<Effect> out) {
        // Everything up to the ping is acknowledged: the server received what the ping asks about, even if no pong
        // arrives.
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
            if (outstanding && now >= due) due = now + interval();
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
     * Probes the connection after something that may have killed it: sends a ping with a short deadline, unless a
     * ping is out whose deadline is as short.
     */
    void probe(long now, List<Effect> out) {
        if (outstanding && death.target() - PROBE_NANOS <= now) return;
        ping(now, Math.min(PROBE_NANOS, deadline()), out);
    }

    /** Handles a suspension of the process: the next proof is due after another interval. */
    void suspended(long now) {
        forget();
        provenAt = now;
    }

    /** Forgets the ping that is out, because the time that passed proves nothing. */
    void forget() {
        outstanding = false;
        proof = false;
        extended = false;
        timed = 0;
        death.clear();
    }

    private void ping(long now, long deadline, List<Effect> out) {
        outstanding = true;
        long number = ++nonce;
        out.add(driver -> driver.sendPing(number));
        if (timed == 0) {
            timed = number;
            timedSince = now;
            timedWritten = false;
        }
        this.deadline = deadline;
        pingQueuedAt = now;
        deadlineStartedAt = now;
        pingWrittenAt = SessionMachine.NEVER;
        due = SessionMachine.NEVER;
        death.clear();
    }

    /**
     * Returns the usual round-trip time of this connection plus a margin, if the heartbeat is adaptive; otherwise the
     * fixed deadline.
     */
    private long deadline() {
        long max = heartbeat.deadlineNanos();
        long floor = heartbeat.floorNanos();
        if (floor == 0 || smoothed < 0) return max;
        return Math.min(max, Math.max(floor, smoothed + (4 * variation)));
    }

    void onPingWritten(long now) {
        if (timed != 0 && !timedWritten) {
            timedSince = now;
            timedWritten = true;
        }
        if (!outstanding) return;
        pingWrittenAt = now;
        death.set(now + deadline, deadline);
        // Any input answers the ping, and from then on another interval counts, however long the deadline is.
        long interval = serverPings() ? SessionMachine.NEVER : interval();
        due = interval == SessionMachine.NEVER ? interval : now + interval;
    }

    /**
     * Returns the round-trip time in nanoseconds, or -1 if no ping is measured whose pong this is. A pong may answer
     * the newest of several pings alone (section 5.5.3): then the round trip of the earlier one is unknown.
     */
    long onPong(long answered, long now) {
        if (answered == nonce) {
            provenAt = pingQueuedAt;
            if (outstanding) listen(now);
        }
        if (timed == 0 || answered < timed || answered > nonce) return -1;
        boolean measured = answered == timed;
        timed = 0;
        if (!measured) return -1;
        // The pong may arrive before the writer reports that the ping is out.
        long roundTrip = now - timedSince;
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

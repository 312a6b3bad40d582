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

    private final Heartbeat heartbeat;

    private long due = SessionMachine.NEVER;
    private long nonce;
    private boolean outstanding;
    private long pingQueuedAt;
    private long pingWrittenAt = SessionMachine.NEVER;

    Liveness(Heartbeat heartbeat) {
        this.heartbeat = heartbeat;
    }

    void start(long now) {
        outstanding = false;
        due = now + heartbeat.intervalNanos();
    }

    void stop() {
        outstanding = false;
        due = SessionMachine.NEVER;
    }

    /** When {@link #check} is due. */
    long due() {
        return due;
    }

    /** Says what the silence since {@code lastInboundAt} means now, and when to ask again. */
    Verdict check(long now, long lastInboundAt) {
        if (outstanding && lastInboundAt <= pingQueuedAt) {
            if (pingWrittenAt == SessionMachine.NEVER) {
                due = SessionMachine.NEVER;
                return Verdict.ALIVE;
            }
            due = pingWrittenAt + heartbeat.deadlineNanos();
            return now >= due ? Verdict.DEAD : Verdict.ALIVE;
        }
        outstanding = false;
        due = lastInboundAt + heartbeat.intervalNanos();
        if (now < due) return Verdict.ALIVE;
        outstanding = true;
        nonce++;
        pingQueuedAt = now;
        pingWrittenAt = SessionMachine.NEVER;
        due = SessionMachine.NEVER;
        return Verdict.PING;
    }

    /** The number that the newest ping carries. */
    long nonce() {
        return nonce;
    }

    void onPingWritten(long now) {
        if (!outstanding) return;
        pingWrittenAt = now;
        due = now + heartbeat.deadlineNanos();
    }

    /** The round-trip time in nanoseconds, or -1 where the pong answers no ping of ours (section 5.5.3). */
    long onPong(long answered, long now) {
        if (!outstanding || answered != nonce) return -1;
        outstanding = false;
        due = now + heartbeat.intervalNanos();
        // The pong may overtake the writer's own word that the ping is out.
        return now - (pingWrittenAt == SessionMachine.NEVER ? pingQueuedAt : pingWrittenAt);
    }
}

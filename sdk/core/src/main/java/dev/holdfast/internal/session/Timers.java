package dev.holdfast.internal.session;

/**
 * The table of a {@link SessionMachine}'s timers, which {@link #next} and {@link #fire} share. Each time is computed
 * when it is needed, since some depend on what other threads change.
 *
 * <p>Not thread-safe.
 */
final class Timers {
    private static final long NEVER = SessionMachine.NEVER;
    private static final Timer[] ALL = Timer.values();

    private final Flow flow;
    private final ConnectionLifecycle lifecycle;
    private final SessionStream stream;
    private final Liveness liveness;
    private final Closing closing;

    Timers(Flow flow) {
        this.flow = flow;
        this.lifecycle = flow.lifecycle;
        this.stream = flow.stream;
        this.liveness = flow.liveness;
        this.closing = flow.closing;
    }

    /** Returns when the next timer is due, {@link SessionMachine#NEVER} if none is set. */
    long next() {
        long next = NEVER;
        for (Timer timer : ALL) next = Math.min(next, due(timer));
        return next;
    }

    /** Fires the timers that are due. */
    void fire(long now, long lastInboundAt, long lastOutboundAt) {
        for (Timer timer : ALL) {
            if (now >= due(timer)) fire(timer, now, lastInboundAt, lastOutboundAt);
        }
    }

    private long due(Timer timer) {
        switch (timer) {
            case CLOSE:
                return closing.due();
            case CREDENTIAL:
                return lifecycle.connector().credentialDue();
            case ENDPOINT:
                return lifecycle.connector().endpointDue();
            case WELCOME:
                return stream.deadlines.welcomeDue();
            case REPLAY:
                return stream.deadlines.replayDue();
            case LIVENESS:
                return lifecycle.isUp() ? liveness.due(stream.unansweredSince()) : NEVER;
            case HANDOVER:
                return lifecycle.handoverDue();
            case RENEWAL:
                return lifecycle.renewalDue();
            case ACKNOWLEDGEMENT:
                return stream.ackDue();
            case ATTEMPT:
                return lifecycle.attemptDue();
            case EXPIRY:
                return stream.expiryDue();
            case AWAITED:
                return stream.outbox.awaitedDue();
            case CLIENT_HEARTBEAT:
                return stream.heartbeat.due();
            case RATE_LIMIT:
                return stream.paceDue();
            case BATCH:
                return stream.batchDue();
            default:
                throw new AssertionError(timer);
        }
    }

    private void fire(Timer timer, long now, long lastInboundAt, long lastOutboundAt) {
        switch (timer) {
            case CLOSE:
                flow.follow(closing.onTimeout(stream.isEmpty()));
                break;
            case CREDENTIAL:
                flow.follow(lifecycle.connector().onCredentialOverdue(now, flow.effects), now);
                break;
            case ENDPOINT:
                flow.follow(lifecycle.connector().onEndpointOverdue(now, flow.effects), now);
                break;
            case WELCOME:
                if (stream.deadlines.isWelcomeOverdue(now))
                    flow.dead("no welcome in time", now, lastInboundAt, lastOutboundAt);
                break;
            case REPLAY:
                if (stream.deadlines.isReplayOverdue(now, lastInboundAt)) {
                    flow.dead("the replay does not end", now, lastInboundAt, lastOutboundAt);
                }
                break;
            case LIVENESS:
                if (liveness.check(now, lastInboundAt, stream.unansweredSince(), flow.effects)
                        == Liveness.Verdict.DEAD) {
                    flow.dead(liveness.reason(), now, lastInboundAt, lastOutboundAt);
                }
                break;
            case HANDOVER:
                lifecycle.connector().beginHandover(stream.lastReceived(), now, flow.effects);
                break;
            case RENEWAL:
                lifecycle.connector().onRenewalDue(now, flow.effects);
                break;
            case ACKNOWLEDGEMENT:
                stream.acknowledgeIfDue(now, flow.effects);
                break;
            case ATTEMPT:
                flow.follow(lifecycle.onAttemptDue(now), now);
                break;
            case EXPIRY:
                stream.expire(now, flow.effects);
                break;
            case AWAITED:
                stream.outbox.expireAwaited(now, flow.effects);
                break;
            case CLIENT_HEARTBEAT:
                Packet beat = stream.heartbeat.take(now);
                if (beat != null) stream.sendControl(beat, flow.effects);
                break;
            default:
            // Messages may be due: they are handed over when all timers have fired.
        }
    }
}

package dev.holdfast.internal.session;

import dev.holdfast.ClientState;
import dev.holdfast.CloseReason;
import dev.holdfast.ConnectionFailure.Phase;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/**
 * The connection between the sub-machines of a {@link SessionMachine}. They never call each other: each answers an
 * event with one verdict, and this class passes the verdict to the next one.
 *
 * <pre>
 * event -> ConnectionLifecycle -> SessionStream -> Closing -> ClientState
 *                  ^                    |
 *                  +---- violated ------+
 *                  +---- dead ---------- Liveness
 * </pre>
 *
 * Only {@link #violated} and {@link #dead} lead back, and both end the connection.
 *
 * <p>Not thread-safe.
 */
final class Flow {
    static final int GOING_AWAY = 1001;
    private static final int PROTOCOL_ERROR = 4400;

    /** The maximum size of an effect list that is kept between events. */
    private static final int MAX_KEPT = 8 * 1024;
    /** A larger list is released when no event has needed one for a while. */
    private static final int SMALL = 1024;
    /** The number of events in a row with small lists after which the larger lists are released. */
    private static final int QUIET_EVENTS = 16;

    private static final int LISTS = 2;
    /** Most events have fewer effects. */
    private static final int FEW = 4;

    private final SessionSettings settings;
    final ConnectionLifecycle lifecycle;
    final SessionStream stream;
    final Liveness liveness;
    final Closing closing;

    /** The effects of this event. */
    List<Effect> effects = new ArrayList<>(FEW);
    /** The list that was returned last. It is used again for the next event but one. */
    private List<Effect> performed = new ArrayList<>(FEW);
    /** The number of events since the last large list, until both lists are small again. */
    private int quietEvents = QUIET_EVENTS + LISTS;

    /** The state that was reported last. */
    private ClientState state = ClientState.IDLE;

    Flow(SessionSettings settings, Random jitter, MessageSource queue) {
        this.settings = settings;
        this.lifecycle = new ConnectionLifecycle(settings, jitter);
        this.stream = new SessionStream(settings, queue);
        this.liveness = new Liveness(settings.heartbeat);
        this.closing = new Closing(settings.closeTimeoutNanos);
    }

    // ---- upwards: verdicts ----

    void follow(ConnectionLifecycle.Verdict verdict, long now) {
        switch (verdict) {
            case NONE:
                break;
            case ATTEMPT:
                connectionDown();
                report();
                lifecycle.open(stream.lastReceived(), now, effects);
                break;
            case DROPPED:
                connectionDown();
                break;
            case DOWN:
                lost(lifecycle.connector().takeLoss(), now);
                break;
            case PROBE:
                if (lifecycle.isUp()) liveness.probe(now, effects);
                break;
            case ENVELOPE_SENT:
                stream.envelopeSent();
                break;
            default:
                throw new AssertionError(verdict);
        }
    }

    void follow(SessionStream.Verdict verdict, long now) {
        switch (verdict) {
            case NONE:
                break;
            case WELCOMED:
                welcomed(now);
                break;
            case LIVE:
                if (!lifecycle.isUp()) welcomed(now);
                report();
                stream.pump(now, effects);
                goOnClosing();
                break;
            case PROGRESS:
                lifecycle.progress();
                break;
            case VIOLATION:
                violated(stream.fault(), now);
                break;
            case ROLLED_BACK:
                effects.add(driver -> driver.closeConnection(PROTOCOL_ERROR, LostSession.ROLLED_BACK));
                lost(Loss.of(Phase.SESSION, stream.fault(), null), now);
                break;
            default:
                throw new AssertionError(verdict);
        }
    }

    private void welcomed(long now) {
        lifecycle.welcomed(now);
        liveness.start(now, stream.serverHeartbeatNanos());
    }

    void follow(Closing.Verdict verdict) {
        switch (verdict) {
            case NONE:
                break;
            case LEAVE:
                stream.bye(effects);
                beginClosing(closing.farewell().code(), closing.farewell().reason());
                break;
            case END:
                end(closing.reason());
                break;
            default:
                throw new AssertionError(verdict);
        }
    }

    void goOnClosing() {
        if (!closing.isUnderWay()) return;
        boolean live = stream.phase() == SessionStream.Phase.LIVE;
        follow(closing.next(lifecycle.link(), live, lifecycle.isWaiting(), stream.isEmpty()));
    }

    void beginClosing(int code, String reason) {
        lifecycle.beginClosing(code, reason, effects);
        stream.closing();
        liveness.stop();
    }

    private void end(CloseReason reason) {
        lifecycle.end(effects);
        stream.end(effects);
        liveness.stop();
        closing.ended();
        report();
        effects.add(driver -> driver.closed(reason));
    }

    void reconnect(long now) {
        if (lifecycle.handOver(stream.lastReceived(), now, effects)) return;
        beginClosing(GOING_AWAY, "");
        lifecycle.reopenWhenClosed();
    }

    /** Returns whether the connection beside the current one ended. */
    boolean isOfCandidate(long from, Loss loss, long now) {
        if (!lifecycle.connector().isCandidate(from)) return false;
        follow(lifecycle.connector().onCandidateFailed(loss, now, effects), now);
        return true;
    }

    // ---- back to the connection ----

    void violated(String error, long now) {
        if (lifecycle.link() == Link.CLOSING) {
            effects.add(Effects::cancelConnection);
        } else {
            effects.add(driver -> driver.closeConnection(PROTOCOL_ERROR, error));
        }
        Loss loss = Loss.violation(lifecycle.phase(), "server broke the session protocol: " + error, null);
        ended(new CloseReason(Closing.ABNORMAL, error), loss, now);
    }

    void dead(String why, long now, long lastInboundAt, long lastOutboundAt) {
        effects.add(Effects::cancelConnection);
        Loss loss = Loss.of(lifecycle.phase(), why, null);
        lost(loss.withSilence(now - lastInboundAt, now - lastOutboundAt), now);
    }

    /** Handles the end of the current connection: wanted by the client, with {@code reason}, or a loss. */
    void ended(CloseReason reason, Loss loss, long now) {
        if (lifecycle.link() != Link.CLOSING) {
            lost(loss, now);
            return;
        }
        lifecycle.onHandshakeOver(now);
        connectionDown();
        if (lifecycle.isReopening()) {
            follow(lifecycle.reopen(now), now);
            goOnClosing();
        } else {
            follow(closing.onHandshakeOver(reason, stream.isEmpty()));
        }
    }

    private void lost(Loss bare, long now) {
        Loss loss = stream.suspected(lifecycle.explained(bare));
        if (settings.isStale(loss) && stream.identity().dropPosition(loss.httpStatus() != 0, effects))
            loss = loss.asStale();
        connectionDown();
        lifecycle.lost(loss, now, effects);
        report();
        goOnClosing();
    }

    /** Handles the state without a connection on which messages flow. */
    void connectionDown() {
        stream.connectionLost(effects);
        liveness.stop();
    }

    // ---- the client's state, a projection ----

    private ClientState project() {
        if (closing.isOver()) return ClientState.CLOSED;
        if (closing.isUnderWay()) return ClientState.CLOSING;
        switch (lifecycle.link()) {
            case CONNECTING:
                return ClientState.CONNECTING;
            case OPENING:
                // Without an opening exchange messages flow as soon as the connection is open.
                return settings.opens ? ClientState.RESUMING : ClientState.CONNECTING;
            case UP:
                return stream.phase() == SessionStream.Phase.LIVE ? ClientState.OPEN : ClientState.RESUMING;
            case DOWN:
                if (lifecycle.isWaitingForNetwork()) return ClientState.OFFLINE;
                return lifecycle.isWaiting() ? ClientState.WAITING : ClientState.IDLE;
            default:
                return lifecycle.isReopening() ? ClientState.CONNECTING : ClientState.IDLE;
        }
    }

    void report() {
        ClientState next = project();
        if (next == state) return;
        state = next;
        effects.add(driver -> driver.stateChanged(next));
    }

    /** Ends the event: checks the invariants between events and returns the effects. */
    List<Effect> done() {
        report();
        checkThatLinkAndPhaseAgree();
        assert stream.isConsistent() : "the messages under way do not add up";
        if (effects.isEmpty()) return Collections.emptyList();
        List<Effect> all = effects;
        boolean keepsOther = keepsOther(all.size());
        effects = keepsOther ? performed : new ArrayList<>();
        effects.clear();
        performed = all.size() > MAX_KEPT ? new ArrayList<>() : all;
        return all;
    }

    /** Returns whether the other list is used again, after an event with so many effects. */
    private boolean keepsOther(int size) {
        if (size > SMALL) {
            // While messages flow, each event needs a large list. Growing a new one costs three times its memory.
            quietEvents = 0;
            return true;
        }
        if (quietEvents == QUIET_EVENTS + LISTS) return true;
        quietEvents++;
        return quietEvents <= QUIET_EVENTS;
    }

    private void checkThatLinkAndPhaseAgree() {
        Link link = lifecycle.link();
        SessionStream.Phase phase = stream.phase();
        boolean opening = phase == SessionStream.Phase.OPENING;
        if ((link == Link.UP) == stream.isUp() && (link == Link.OPENING) == opening) return;
        throw new IllegalStateException("connection " + link + " and session " + phase + " do not agree");
    }
}

package dev.holdfast.internal.session;

import dev.holdfast.CloseReason;
import dev.holdfast.ConnectionFailure.Phase;
import dev.holdfast.Credential;
import java.util.List;
import java.util.Random;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The state machine of a client: it turns events into effects. It does no I/O, starts no thread and reads no clock.
 * <h2>Contract</h2>
 * <ul>
 *   <li>Input: requests of the application ({@link #connect}, {@link #disconnect}, {@link #close}, …), events around the
 *       client ({@link #onNetworkLost}, {@link #onSuspended}, {@link #onCredential}, …), reports of connections ({@link
 *       #onOpen} to {@link #onFailed}), and time ({@link #onTimer}). Time is in nanoseconds, never goes backwards, and
 *       advances while the device sleeps.
 *   <li>Output: each input method returns effects. The caller performs them in order, all of them, before it calls the next
 *       input method; the list is used again after that. Then it asks for {@link #nextTimer} and makes sure that {@link
 *       #onTimer} is called at that time.
 *   <li>Order: {@link DurableState#restore} comes first, if at all. An event of a connection carries the number that the connection was
 *       opened with; events of any other connection are dropped. {@link #onOpen} comes at most once for a connection and
 *       before its other events, except {@link #onFailed}. {@link #onWritten} counts what was sent on that connection.
 *       {@link #controlFrameHeard} comes before {@link #onTimer}. After {@link Effects#closed} no input has any effect.
 *   <li>Not pure: the {@link MessageSource}, which other threads fill and which is polled; the {@link SessionSettings.Gate},
 *       which is shared with other clients; marks on messages ({@link Inbound#markHandled}, {@link Outbound#giveUp}), which
 *       other threads set; the {@link Random}.
 *   <li>An exception means that the machine can no longer be trusted: no method may be called after it but {@link #abandon}.
 * </ul>
 *
 * <p>This class drops stale events and passes the others to a sub-machine. {@link Flow} passes their verdicts from one to the
 * next, and {@link Timers} knows when each one needs a call. Not thread-safe: confined to the client's serial context.
 */
public final class SessionMachine {
    /** A time that never comes. */
    public static final long NEVER = Long.MAX_VALUE;

    /** The events that only some protocols have. */
    public final ProtocolInput protocolInput;

    /** The state that outlives the process. */
    public final DurableState durable;

    private final Flow flow;
    private final Timers timers;
    private final ConnectionLifecycle lifecycle;
    private final SessionStream stream;
    private final Liveness liveness;
    private final Closing closing;

    /**
     * Creates the machine of a client.
     *
     * @param jitter for the delays between attempts; need not be cryptographic
     * @param queue the messages that the application sends
     */
    public SessionMachine(SessionSettings settings, Random jitter, MessageSource queue) {
        this.flow = new Flow(settings, jitter, queue);
        this.timers = new Timers(flow);
        this.protocolInput = new ProtocolInput(flow);
        this.lifecycle = flow.lifecycle;
        this.stream = flow.stream;
        this.durable = new DurableState(stream);
        this.liveness = flow.liveness;
        this.closing = flow.closing;
    }

    // ---- input: requests of the application ----

    /** Connects without the backoff, unless a request skipped it a moment ago; not before the server allows it. */
    public List<Effect> connect(long now) {
        if (mayConnect(now)) flow.follow(lifecycle.connect(now), now);
        return flow.done();
    }

    /** Connects now, regardless of the backoff and the server's delay. */
    public List<Effect> connectNow(long now) {
        if (mayConnect(now)) flow.follow(lifecycle.connectNow(now), now);
        return flow.done();
    }

    /** Returns whether the application may connect. A connection that is being closed does not delay it. */
    private boolean mayConnect(long now) {
        if (!closing.isOpen()) return false;
        if (lifecycle.link() == Link.CLOSING) flow.follow(lifecycle.drop(now, flow.effects), now);
        return true;
    }

    /**
     * Opens another connection: beside the current one if the session can be resumed, which loses nothing, and
     * otherwise after closing the current one. Connects if there is none. It is open when the state is OPEN again, or
     * {@link Effects#sessionOpened} is performed.
     */
    public List<Effect> reconnect(long now) {
        if (!lifecycle.isUp() && !lifecycle.isReopening()) return connect(now);
        if (closing.isOpen() && lifecycle.isUp()) flow.reconnect(now);
        return flow.done();
    }

    /** Closes the connection and keeps the session. */
    public List<Effect> disconnect(long now) {
        if (closing.isOpen()) {
            flow.follow(lifecycle.disconnect(now, flow.effects), now);
            if (lifecycle.isUp()) {
                stream.acknowledge(flow.effects);
                flow.beginClosing(Flow.GOING_AWAY, "");
            }
        }
        return flow.done();
    }

    /** Sets the time limit of {@link #close}, which is that of the settings otherwise. Has no effect during a close. */
    public void setCloseTimeout(long nanos) {
        closing.setTimeout(nanos);
    }

    /** Ends the session when every message has its outcome, or when the time for that has passed. */
    public List<Effect> close(long now) {
        return close(new CloseReason(Closing.NORMAL, ""), now);
    }

    /** Like {@link #close(long)}, with this code and reason in the close frame. */
    public List<Effect> close(CloseReason farewell, long now) {
        if (closing.isOpen()) {
            closing.begin(farewell, now);
            flow.report();
            stream.stopWaiting();
            stream.pump(now, flow.effects);
            flow.goOnClosing();
        }
        return flow.done();
    }

    /** Ends the client now. */
    public List<Effect> cancel() {
        if (!closing.isOver()) {
            // A connection that is down may still wait for the server to end the stream.
            if (lifecycle.link() == Link.DOWN) flow.effects.add(Effects::cancelConnection);
            flow.follow(closing.onCancel());
        }
        return flow.done();
    }

    /** Handles a change of the queue's head, its next expiry, or its contents. */
    public List<Effect> onQueueChanged(long now) {
        stream.pump(now, flow.effects);
        flow.goOnClosing();
        return flow.done();
    }

    /** Sends a message at the start of every new session from now on, and at once if there is a session. */
    public List<Effect> putStartMessage(String name, Supplier<Outbound> message, long now) {
        if (closing.isOpen()) {
            stream.putStartMessage(name, message);
            stream.pump(now, flow.effects);
        }
        return flow.done();
    }

    public List<Effect> withdraw(String name) {
        stream.withdraw(name);
        return flow.done();
    }

    /** Handles the marks of messages that the application has handled. */
    public List<Effect> onHandled(long now) {
        stream.onHandled(now, flow.effects);
        return flow.done();
    }

    // ---- input: events around the client ----

    /** Handles the loss of the network. */
    public List<Effect> onNetworkLost(long now) {
        flow.follow(lifecycle.onNetworkLost(now, flow.effects), now);
        return flow.done();
    }

    /** Handles the return of the network. */
    public List<Effect> onNetworkAvailable(long now) {
        flow.follow(lifecycle.onNetworkAvailable(now), now);
        return flow.done();
    }

    /** Handles a change of the network. */
    public List<Effect> onNetworkChanged(long now) {
        flow.follow(lifecycle.onNetworkChanged(stream.lastReceived(), now, flow.effects), now);
        return flow.done();
    }

    /**
     * Handles a suspension: the process did not run for a while, for example behind a closed lid. Silence in that time
     * proves nothing. Timers that count elapsed time have come due by themselves.
     */
    public List<Effect> onSuspended(long now) {
        stream.deadlines.suspended(now);
        liveness.suspended(now);
        flow.follow(lifecycle.onSuspended(now, flow.effects), now);
        return flow.done();
    }

    /** Takes the credential provider's answer to question {@code asked}. */
    public List<Effect> onCredential(long asked, Credential answer, long now) {
        flow.follow(lifecycle.onCredential(asked, answer, stream.lastReceived(), now, flow.effects), now);
        return flow.done();
    }

    /** Handles the credential provider's failure to give a credential. */
    public List<Effect> onCredentialFailed(long asked, String message, @Nullable Throwable cause, long now) {
        flow.follow(lifecycle.connector().onCredentialFailed(asked, message, cause, now, flow.effects), now);
        return flow.done();
    }

    /**
     * Takes the endpoint provider's answer to question {@code asked}.
     *
     * @param endpoint opaque, for {@link Attempt#supplied}
     */
    public List<Effect> onEndpoint(long asked, Object endpoint, long now) {
        flow.follow(lifecycle.connector().onEndpoint(asked, endpoint, stream.lastReceived(), now, flow.effects), now);
        return flow.done();
    }

    /** Handles the endpoint provider's failure to give an endpoint. */
    public List<Effect> onEndpointFailed(long asked, String message, @Nullable Throwable cause, long now) {
        flow.follow(lifecycle.connector().onEndpointFailed(asked, message, cause, now, flow.effects), now);
        return flow.done();
    }

    // ---- input: reports of connections ----

    /** Handles the end of the upgrade. */
    public List<Effect> onOpen(long from, long now) {
        return onOpen(from, false, false, now);
    }

    /**
     * Handles the end of the upgrade.
     *
     * @param secretsWithheld whether the server must get neither the credential nor the session's id and key
     * @param overHttp whether the connection is one over plain HTTP, where messages share requests and need not share frames
     */
    public List<Effect> onOpen(long from, boolean secretsWithheld, boolean overHttp, long now) {
        if (lifecycle.connector().isCandidate(from)) {
            stream.acknowledge(flow.effects);
            flow.connectionDown();
            lifecycle.switchOver(now, flow.effects);
        }
        if (lifecycle.isStale(from)) return flow.done();
        lifecycle.opened(secretsWithheld);
        flow.report();
        stream.setOverHttp(overHttp);
        flow.follow(stream.open(secretsWithheld, lifecycle.connector().auth(), now, flow.effects), now);
        return flow.done();
    }

    public List<Effect> onWelcome(long from, Welcome welcome, long now) {
        if (!lifecycle.isStale(from)) flow.follow(stream.onWelcome(welcome, now, flow.effects), now);
        return flow.done();
    }

    /** Handles the end of the replay. */
    public List<Effect> onLive(long from, long now) {
        if (!lifecycle.isStale(from) && lifecycle.link() != Link.CLOSING) flow.follow(stream.onLive(flow.effects), now);
        return flow.done();
    }

    /**
     * Handles an application message.
     *
     * @param id the message's id, null if the session has none
     * @param cost the bytes that it takes while it waits for the application
     */
    public List<Effect> onMessage(long from, @Nullable String id, Payload payload, long cost, long now) {
        return onMessage(from, new Inbound(id, payload, cost), now);
    }

    /** Handles a message of the session's stream, as {@link #onMessage(long, String, Payload, long, long)} does. */
    List<Effect> onMessage(long from, Inbound message, long now) {
        if (isHeard(from, now)) flow.follow(stream.onMessage(message, now, flow.effects), now);
        return flow.done();
    }

    /** Handles an acknowledgement: the server has handled every seq up to {@code seq}. */
    public List<Effect> onAck(long from, long seq, long now) {
        if (!isHeard(from, now)) return flow.done();
        flow.follow(stream.onAck(seq, now, flow.effects), now);
        flow.goOnClosing();
        return flow.done();
    }

    /** Handles a final rejection of {@code seq}; {@code id} is the rejection's place in the server's stream. */
    public List<Effect> onReject(long from, String id, long seq, String code, @Nullable String detail, long now) {
        if (isHeard(from, now)) flow.follow(stream.onReject(id, seq, code, detail, now, flow.effects), now);
        return flow.done();
    }

    /**
     * Handles a draining server, which wants the client elsewhere within the time.
     *
     * @param url the URL to move to, null for the client's own endpoint
     */
    public List<Effect> onReconnect(long from, long withinNanos, @Nullable String url, long now) {
        if (lifecycle.isUp() && isHeard(from, now)) lifecycle.connector().onReconnect(withinNanos, url, now);
        return flow.done();
    }

    /** Handles the server's notice that the credential expires within the time, or has become useless. */
    public List<Effect> onCredentialExpiring(long from, long withinNanos, long now) {
        if (lifecycle.isUp() && isHeard(from, now))
            lifecycle.connector().onCredentialExpiring(withinNanos, now, flow.effects);
        return flow.done();
    }

    /** Remembers what the server says about the close that follows. */
    public List<Effect> onServerError(long from, String error, long retryAfterNanos) {
        if (!lifecycle.isStale(from)) lifecycle.onServerError(error, retryAfterNanos);
        return flow.done();
    }

    /** Handles input that the session protocol does not know. */
    public List<Effect> onProtocolError(long from, String error, long now) {
        if (!lifecycle.isStale(from)) flow.violated(error, now);
        return flow.done();
    }

    /** Records that the connection has written {@code count} more entries of what it was given. */
    public List<Effect> onWritten(long from, int count, long now) {
        if (lifecycle.isStale(from)) return flow.done();
        stream.onWritten(count, now, flow.effects);
        flow.goOnClosing();
        return flow.done();
    }

    public List<Effect> onPingWritten(long from, long now) {
        if (!lifecycle.isStale(from)) liveness.onPingWritten(now);
        return flow.done();
    }

    public List<Effect> onPong(long from, long nonce, long now) {
        if (lifecycle.isStale(from)) return flow.done();
        long roundTrip = liveness.onPong(nonce, now);
        if (roundTrip < 0) return flow.done();
        stream.reportOverdue(now, flow.effects);
        flow.effects.add(driver -> driver.roundTripTime(roundTrip));
        return flow.done();
    }

    /** Handles the end of a closing handshake. */
    public List<Effect> onClosed(long from, CloseReason reason, Loss loss, long now) {
        boolean dropped = flow.isOfCandidate(from, loss, now) || lifecycle.isStale(from);
        if (!dropped) flow.ended(reason, loss.withPhase(lifecycle.phase()), now);
        return flow.done();
    }

    /** Handles a connection that could not be made, or ended without a closing handshake. */
    public List<Effect> onFailed(long from, Loss loss, long now) {
        if (flow.isOfCandidate(from, loss, now) || lifecycle.isStale(from)) return flow.done();
        Loss known = loss.phase() == Phase.SESSION ? loss.withPhase(lifecycle.phase()) : loss;
        flow.ended(new CloseReason(Closing.ABNORMAL, loss.message()), known, now);
        return flow.done();
    }

    /** Handles an exception of the application's code, which left a message unwritten and nothing after it. */
    public List<Effect> onApplicationFault(Throwable thrown, long now) {
        if (lifecycle.link() == Link.DOWN) return flow.done();
        String error = "no message to write: " + thrown.getClass().getSimpleName();
        flow.effects.add(Effects::cancelConnection);
        flow.ended(new CloseReason(Closing.ABNORMAL, error), Loss.of(lifecycle.phase(), error, thrown), now);
        return flow.done();
    }

    /** Records that the server has sent a ping. */
    public List<Effect> onPing(long from, long now) {
        boolean unused = isHeard(from, now);
        return flow.done();
    }

    /** Returns whether the event is of the current connection. If so, records that the server was heard. */
    private boolean isHeard(long from, long now) {
        if (lifecycle.isStale(from)) return false;
        liveness.heard(now);
        return true;
    }

    // ---- input: time ----

    /** Records when the current connection last read a whole ping or pong. Too frequent for an event of its own. */
    public void controlFrameHeard(long time) {
        liveness.heard(time);
    }

    /**
     * Does everything that is due. Early calls do no harm.
     *
     * @param lastInboundAt when the current connection last read a byte; any time if there is none
     * @param lastOutboundAt when it last wrote one
     */
    public List<Effect> onTimer(long now, long lastInboundAt, long lastOutboundAt) {
        timers.fire(now, lastInboundAt, lastOutboundAt);
        stream.pump(now, flow.effects);
        flow.goOnClosing();
        return flow.done();
    }

    // ---- output ----

    /** Gives back what this client shares with others. For use after an exception. */
    public void abandon() {
        lifecycle.giveTurnBack();
    }

    /** Returns when {@link #onTimer} is due next, or {@link #NEVER}. Changes with every event. */
    public long nextTimer() {
        return timers.next();
    }

    /** Returns whether the client has ended. */
    public boolean isOver() {
        return closing.isOver();
    }

    /** Returns whether every message has its outcome. */
    public boolean isDrained() {
        return stream.isEmpty();
    }

    /** Returns whether an acknowledgement will follow without another {@link #onHandled}. */
    public boolean isAckDue() {
        return stream.isAckPending();
    }

    /** Returns whether the next attempt is scheduled. */
    public boolean waitsForAttempt() {
        return lifecycle.attemptDue() != NEVER;
    }

    /** Returns what another process needs to continue the session, null if there is none. */
    public @Nullable Snapshot snapshot() {
        return closing.isOver() ? null : stream.identity().snapshot();
    }
}

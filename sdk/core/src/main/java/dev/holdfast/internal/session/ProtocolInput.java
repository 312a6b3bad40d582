package dev.holdfast.internal.session;

import dev.holdfast.CloseReason;
import dev.holdfast.Outcome;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The events of a {@link SessionMachine} that only some protocols have: an opening exchange that the server begins, control
 * messages, acknowledgements by an id, and subscriptions. As the machine's own methods, each returns effects and drops events of stale
 * connections.
 */
public final class ProtocolInput {
    private final Flow flow;

    ProtocolInput(Flow flow) {
        this.flow = flow;
    }

    /** Returns whether a connection is the current one. */
    public boolean isCurrent(long connection) {
        return !flow.lifecycle.isStale(connection);
    }

    /** Records that the server was heard. Returns whether it was on the current connection. */
    public boolean heard(long from, long now) {
        if (flow.lifecycle.isStale(from)) return false;
        flow.liveness.heard(now);
        return true;
    }

    /** Handles the server's first message: the client now sends its open. */
    public List<Effect> onHello(long from, long now) {
        if (!flow.lifecycle.isStale(from)) flow.follow(flow.stream.onHello(flow.effects), now);
        return flow.done();
    }

    /** Handles a control message of the protocol. It has no part in the session, so {@code reply} goes out at once. */
    public List<Effect> onControl(long from, Packet reply, long now) {
        if (flow.lifecycle.isStale(from)) return flow.done();
        flow.liveness.heard(now);
        flow.stream.reply(reply, flow.effects);
        return flow.done();
    }

    /**
     * Sends a control message at once, which is one WebSocket message. Unlike {@link #onControl} it sends each of them. The driver
     * stops reading long before too many wait to be written. What has been read already may still ask for more than the bound.
     */
    public List<Effect> send(long from, Packet packet, long now) {
        if (flow.lifecycle.isStale(from)) return flow.done();
        if (!flow.stream.sendBounded(packet, flow.effects)) {
            flow.violated("it asks for more answers than can wait to be written", now);
        }
        return flow.done();
    }

    /** Returns how many messages of {@link #send} wait to be written. */
    public int unwrittenControls() {
        return flow.stream.outbox.unwritten().controls();
    }

    /** Returns the bytes of the messages of {@link #send} that wait to be written. */
    public long unwrittenControlBytes() {
        return flow.stream.outbox.unwritten().controlBytes();
    }

    /**
     * Handles the acknowledgement of a packet.
     *
     * @param ackId the packet's id; an acknowledgement that nothing waits for is dropped
     * @param answer what the server said with it, which the application receives as a message; null for nothing
     * @param cost the bytes that the answer takes while it waits for the application
     */
    public List<Effect> onAcknowledged(long from, long ackId, @Nullable Payload answer, long cost, long now) {
        if (flow.lifecycle.isStale(from)) return flow.done();
        flow.liveness.heard(now);
        flow.follow(flow.stream.onAcknowledged(ackId, answer, cost, now, flow.effects), now);
        flow.goOnClosing();
        return flow.done();
    }

    /** Ends a packet that waits for its acknowledgement, because the application no longer wants it. Its outcome is unknown. */
    public List<Effect> onAbandoned(long ackId, long now) {
        flow.stream.outbox.awaited().abandon(ackId, flow.effects);
        flow.stream.pump(now, flow.effects);
        flow.goOnClosing();
        return flow.done();
    }

    /**
     * Handles the server's rejection of a packet.
     *
     * @param ackId the packet's id; a rejection that nothing waits for is dropped
     */
    public List<Effect> onRejected(long from, long ackId, Outcome outcome, long now) {
        if (flow.lifecycle.isStale(from)) return flow.done();
        flow.liveness.heard(now);
        if (flow.stream.isUp()) flow.stream.outbox.awaited().end(ackId, outcome, flow.effects);
        flow.stream.pump(now, flow.effects);
        flow.goOnClosing();
        return flow.done();
    }

    /**
     * Handles the position from which the next connection is to go on, which the server names without a message.
     *
     * @param id the id of the last message; null for none
     */
    public List<Effect> onPosition(long from, @Nullable String id, long now) {
        if (flow.lifecycle.isStale(from)) return flow.done();
        flow.liveness.heard(now);
        flow.stream.onPosition(id, now, flow.effects);
        return flow.done();
    }

    // ---- subscriptions ----

    /**
     * Adds a subscription. It replaces one of the same name. If there is a session, its packet goes out at once. On a client
     * that is closing this has no effect.
     *
     * @param cursor the position of a message after which it begins; null for the present. One in the store goes first
     */
    public List<Effect> subscribe(Subscription subscription, @Nullable String cursor, long now) {
        // It may be over before its turn, if two threads use its name.
        if (!flow.closing.isOpen() || subscription.isOver()) return flow.done();
        remove(subscription.name());
        flow.stream.outbox.subscriptions().add(subscription, cursor);
        flow.stream.pump(now, flow.effects);
        return flow.done();
    }

    /** Removes a subscription, and ends it on the server. Messages of it that still arrive are dropped. */
    public List<Effect> unsubscribe(String name, long now) {
        remove(name);
        flow.stream.pump(now, flow.effects);
        return flow.done();
    }

    private void remove(String name) {
        Subscription removed = flow.stream.outbox.subscriptions().remove(name);
        Packet end = removed == null ? null : removed.end();
        if (end != null && flow.stream.isUp()) flow.stream.sendControl(end, flow.effects);
    }

    /**
     * Handles a message of a subscription. It is dropped if there is no such subscription, or if its cursor is among the newest
     * of the subscription.
     *
     * @param cursor the message's position; null if it has none
     * @param cost the bytes that it takes while it waits for the application
     */
    public List<Effect> onSubscriptionMessage(
            long from, String name, @Nullable String cursor, Payload payload, long cost, long now) {
        return onSubscriptionMessage(from, name, cursor, payload, cost, false, now);
    }

    /**
     * Handles a message of a subscription, as {@link #onSubscriptionMessage(long, String, String, Payload, long, long)} does.
     *
     * @param manual whether the application says when it has handled the message, if the cursor is stored
     */
    public List<Effect> onSubscriptionMessage(
            long from, String name, @Nullable String cursor, Payload payload, long cost, boolean manual, long now) {
        if (flow.lifecycle.isStale(from)) return flow.done();
        flow.liveness.heard(now);
        if (flow.stream.phase() == SessionStream.Phase.OPENING) {
            flow.violated("message before welcome", now);
            return flow.done();
        }
        Subscriptions subscriptions = flow.stream.outbox.subscriptions();
        Subscriptions.Entry entry = subscriptions.withMessages(name);
        if (entry == null) return flow.done();
        if (subscriptions.receive(entry, cursor)) {
            CursorMark mark = subscriptions.mark(entry, cursor, manual, cost);
            flow.follow(flow.stream.deliver(payload, cost, mark, flow.effects), now);
            return flow.done();
        }
        flow.follow(SessionStream.duplicate(flow.effects), now);
        Payload instead = Subscriptions.duplicate(entry, payload);
        if (instead != null) flow.stream.deliver(null, instead, cost, flow.effects);
        return flow.done();
    }

    /**
     * Records that the protocol's own code gives a message to the application, in a callback, and stores its cursor once that has
     * handled it. For a protocol that finds its subscriptions' messages in its callbacks, which does this in their order:
     *
     * <ol>
     *   <li>this event;
     *   <li>{@link CursorMark#begin}, and nothing more if that returns false;
     *   <li>the application's listener, {@link CursorMark#handled}, and the event {@link SessionMachine#onHandled}.
     * </ol>
     *
     * It has no effect if the subscription is removed, or no store keeps its cursor.
     */
    public List<Effect> give(CursorMark mark) {
        flow.stream.outbox.subscriptions().give(mark);
        return flow.done();
    }

    /**
     * Handles the server's notice that messages of a subscription are missing, such as its refusal of a cursor. The cursor is
     * dropped. If the subscription was begun with one on this connection, it is begun again without.
     *
     * @param report what the application receives
     */
    public List<Effect> onGap(long from, String name, Payload report, long now) {
        if (flow.lifecycle.isStale(from)) return flow.done();
        flow.liveness.heard(now);
        if (flow.stream.outbox.subscriptions().dropCursor(name)) {
            CursorMark mark = flow.stream.outbox.subscriptions().markGap(name);
            flow.stream.deliver(report, 0, mark, flow.effects);
            flow.stream.pump(now, flow.effects);
        }
        return flow.done();
    }

    /**
     * Handles the end of a subscription on the server, which rejected or completed it. It is removed.
     *
     * @param report what the application receives
     */
    public List<Effect> onSubscriptionEnded(long from, String name, Payload report, long now) {
        if (flow.lifecycle.isStale(from)) return flow.done();
        flow.liveness.heard(now);
        boolean known = flow.stream.outbox.subscriptions().has(name);
        flow.stream.outbox.subscriptions().removeEnded(name);
        if (known) flow.stream.deliver(null, report, 0, flow.effects);
        return flow.done();
    }

    // ---- the end ----

    /** Handles an exception of the protocol's own code, which did not read a message. It costs the connection. */
    public List<Effect> onFault(long from, Throwable thrown, long now) {
        if (flow.lifecycle.isStale(from)) return flow.done();
        flow.effects.add(Effects::cancelConnection);
        String message =
                "the protocol failed to read a message: " + thrown.getClass().getSimpleName();
        flow.ended(new CloseReason(Closing.ABNORMAL, message), Loss.of(flow.lifecycle.phase(), message, thrown), now);
        return flow.done();
    }

    /**
     * Handles the server's message that the session ends here: it refused to open it, or closes it. The reaction to {@code
     * cause} decides what follows.
     */
    public List<Effect> onEnded(long from, String message, @Nullable Throwable cause, long now) {
        if (flow.lifecycle.isStale(from)) return flow.done();
        boolean closing = flow.lifecycle.link() == Link.CLOSING;
        flow.effects.add(closing ? Effects::cancelConnection : driver -> driver.closeConnection(Closing.NORMAL, ""));
        Loss loss = Loss.of(flow.lifecycle.phase(), message, cause);
        flow.ended(new CloseReason(Closing.ABNORMAL, message), loss, now);
        return flow.done();
    }
}

package dev.holdfast.internal.protocol;

import dev.holdfast.EncodedPayload;
import dev.holdfast.internal.session.Inbound;
import dev.holdfast.internal.session.Packet;
import dev.holdfast.internal.session.Payload;
import dev.holdfast.internal.session.SessionEvent;
import dev.holdfast.internal.session.Welcome;
import dev.holdfast.internal.text.Printable;
import dev.holdfast.protocol.Opened;
import dev.holdfast.protocol.Outgoing;
import dev.holdfast.protocol.ProtocolEvents;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A protocol's calls for one message, as events of the machine. Confined to the serial context. */
final class RecordedEvents implements ProtocolEvents {
    private final List<SessionEvent> events = new ArrayList<>(1);
    private final boolean opens;
    /** The bytes of the message that no callback counts yet. */
    private int bytes;

    private boolean ended;

    RecordedEvents(int bytes, boolean opens) {
        this.bytes = bytes;
        this.opens = opens;
    }

    /** Returns the events. No more are taken. */
    List<SessionEvent> end() {
        ended = true;
        return events;
    }

    private void add(SessionEvent event) {
        if (ended)
            throw new IllegalStateException("events are taken within the call that gave this object, and not later");
        events.add(event);
    }

    /** Returns what a callback counts: the first one counts the whole message. */
    private int cost() {
        int cost = bytes;
        bytes = 0;
        return cost;
    }

    private static Payload callback(Runnable callback) {
        return Payload.callback(Objects.requireNonNull(callback, "callback"));
    }

    private void requireOpening() {
        if (!opens) throw new IllegalStateException("the protocol has no opening exchange: openedBy() is NOBODY");
    }

    @Override
    public void hello() {
        requireOpening();
        add((machine, from, now) -> machine.protocolInput.onHello(from, now));
    }

    @Override
    public void opened(Opened opened) {
        requireOpening();
        Welcome plain = Welcome.unnumbered(
                "", "", false, null, opened.maxMessageBytes(), Packets.nanos(opened.serverHeartbeat()));
        Outgoing beat = opened.clientHeartbeatMessage();
        Welcome welcome = beat == null
                ? plain
                : plain.withClientHeartbeat(
                        Packets.nanos(opened.clientHeartbeat()), Packets.control(beat, "a heartbeat"));
        add((machine, from, now) -> machine.onWelcome(from, welcome, now));
    }

    @Override
    public void send(Outgoing message) {
        Packet packet = Packets.control(message, "a control message");
        add((machine, from, now) -> machine.protocolInput.send(from, packet, now));
    }

    @Override
    public void deliver(EncodedPayload payload) {
        deliver(Packets.payload(payload));
    }

    @Override
    public void deliver(Runnable callback) {
        deliver(callback(callback));
    }

    private void deliver(Payload payload) {
        int cost = cost();
        add(new Inbound(null, payload, cost));
    }

    @Override
    public void acknowledged(long ackId, Runnable callback) {
        Payload answer = callback(callback);
        int cost = cost();
        add((machine, from, now) -> machine.protocolInput.onAcknowledged(from, ackId, answer, cost, now));
    }

    @Override
    public void message(String subscription, @Nullable String cursor, Runnable callback) {
        message(subscription, cursor, callback(callback), false);
    }

    @Override
    public void messageWithManualAck(String subscription, @Nullable String cursor, Consumer<Runnable> callback) {
        message(subscription, cursor, Payload.callback(Objects.requireNonNull(callback, "callback")), true);
    }

    private void message(String subscription, @Nullable String cursor, Payload payload, boolean manual) {
        Objects.requireNonNull(subscription, "subscription");
        int cost = cost();
        add((machine, from, now) ->
                machine.protocolInput.onSubscriptionMessage(from, subscription, cursor, payload, cost, manual, now));
    }

    @Override
    public void gap(String subscription, Runnable callback) {
        Objects.requireNonNull(subscription, "subscription");
        Payload report = callback(callback);
        add((machine, from, now) -> machine.protocolInput.onGap(from, subscription, report, now));
    }

    @Override
    public void ended(String subscription, Runnable callback) {
        Objects.requireNonNull(subscription, "subscription");
        Payload report = callback(callback);
        add((machine, from, now) -> machine.protocolInput.onSubscriptionEnded(from, subscription, report, now));
    }

    @Override
    public void end(String message, @Nullable Throwable cause) {
        String printable = Printable.message(message);
        add((machine, from, now) -> machine.protocolInput.onEnded(from, printable, cause, now));
    }

    @Override
    public void violation(String fault) {
        String printable = Printable.message(fault);
        add((machine, from, now) -> machine.onProtocolError(from, printable, now));
    }
}

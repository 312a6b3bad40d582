package dev.holdfast.graphql;

import dev.holdfast.internal.frame.ProtocolViolation;
import dev.holdfast.internal.frame.Utf8Text;
import dev.holdfast.internal.protocols.BadMessageException;
import dev.holdfast.internal.session.Effect;
import dev.holdfast.internal.session.Packet;
import dev.holdfast.internal.session.Payload;
import dev.holdfast.internal.session.ProtocolReader;
import dev.holdfast.internal.session.SessionEvent;
import dev.holdfast.internal.session.Welcome;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import okio.ByteString;

/** The reader of one connection: messages of the server to session events. */
final class MessageReader implements ProtocolReader {
    private static final SessionEvent NOTHING = (machine, connection, now) -> Collections.emptyList();

    private final GraphQlProtocol protocol;
    /** The number of the connection. */
    private final long number;

    private boolean acknowledged;

    MessageReader(GraphQlProtocol protocol, long number) {
        this.protocol = protocol;
        this.number = number;
    }

    @Override
    public SessionEvent readText(Utf8Text utf8) throws ProtocolViolation {
        String text = utf8.string();
        try {
            return read(IncomingMessage.parse(text, protocol.codec), utf8.size());
        } catch (BadMessageException e) {
            return bad(String.valueOf(e.getMessage()));
        }
    }

    @Override
    public SessionEvent readBinary(ByteString bytes) {
        return bad("binary message");
    }

    private static SessionEvent bad(String fault) {
        return (machine, from, now) -> machine.onProtocolError(from, fault, now);
    }

    private SessionEvent read(IncomingMessage message, int cost) throws BadMessageException {
        switch (message.type) {
            case CONNECTION_ACK:
                return welcome(message);
            case PING: {
                String payload = message.payload == null ? "" : ",\"payload\":" + message.payload;
                Packet pong = Packet.of("{\"type\":\"pong\"" + payload + '}', Collections.emptyList(), null);
                return (machine, from, now) -> machine.protocolInput.onControl(from, pong, now);
            }
            case PONG:
                return NOTHING;
            default:
                if (!acknowledged) throw new BadMessageException("message of an operation before connection_ack");
                return message.id.charAt(0) == GraphQlProtocol.CALL ? answer(message, cost) : event(message, cost);
        }
    }

    private SessionEvent welcome(IncomingMessage message) throws BadMessageException {
        if (acknowledged) throw new BadMessageException("a second connection_ack");
        acknowledged = true;
        ConnectionAck ack = new ConnectionAck(message.payload, number, protocol.codec);
        Welcome welcome = Welcome.unnumbered("", "", false, null, Long.MAX_VALUE, 0);
        Payload report = Received.payload(client -> client.acknowledged(ack));
        return (machine, from, now) -> {
            List<Effect> effects = new ArrayList<>(machine.onWelcome(from, welcome, now));
            effects.addAll(machine.onMessage(from, null, report, 0, now));
            return effects;
        };
    }

    /** Reads a message of a query or a mutation. The first one is its answer; later ones are of an id that nothing waits for. */
    private SessionEvent answer(IncomingMessage message, int cost) {
        long id;
        try {
            id = Long.parseLong(message.id.substring(1));
        } catch (NumberFormatException e) {
            return NOTHING;
        }
        Payload answer = Received.payload(client -> client.answered(id, message));
        return (machine, from, now) -> machine.protocolInput.onAcknowledged(from, id, answer, cost, now);
    }

    /** Reads a message of a subscription. One of an id that the client does not know is ignored, as the protocol says. */
    private SessionEvent event(IncomingMessage message, int cost) {
        String name = ActiveSubscription.nameIn(message.id);
        ActiveSubscription subscription = protocol.subscription(name);
        if (subscription == null) return NOTHING;
        SessionEvent event = event(message, name, subscription, cost);
        // A server may refuse an id with a result that has no data, too.
        Result result = message.result;
        List<GraphQlError> errors = result != null && result.data() == null ? result.errors() : message.errors;
        boolean stale = subscription.isStale(errors);
        Payload gap = subscription.gap("the server no longer has what came after the last id: " + errors);
        return (machine, from, now) -> {
            if (!subscription.isCurrent(message.id)) return Collections.emptyList();
            return stale && subscription.asksForHistory()
                    ? machine.protocolInput.onGap(from, name, gap, now)
                    : event.apply(machine, from, now);
        };
    }

    private static SessionEvent event(IncomingMessage message, String name, ActiveSubscription subscription, int cost) {
        if (message.result != null) {
            String cursor = subscription.cursor(message.result);
            Payload next = subscription.next(message.result, cursor != null);
            return (machine, from, now) ->
                    machine.protocolInput.onSubscriptionMessage(from, name, cursor, next, cost, now);
        }
        Payload end = message.errors.isEmpty()
                ? subscription.completion()
                : subscription.failure(new OperationException(message.errors));
        return (machine, from, now) -> machine.protocolInput.onSubscriptionEnded(from, name, end, now);
    }
}

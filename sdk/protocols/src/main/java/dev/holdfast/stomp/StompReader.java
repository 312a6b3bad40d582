package dev.holdfast.stomp;

import dev.holdfast.Outcome;
import dev.holdfast.internal.frame.ProtocolViolation;
import dev.holdfast.internal.frame.Utf8Text;
import dev.holdfast.internal.protocols.BadMessageException;
import dev.holdfast.internal.session.Effect;
import dev.holdfast.internal.session.Packet;
import dev.holdfast.internal.session.ProtocolReader;
import dev.holdfast.internal.session.SessionEvent;
import dev.holdfast.internal.session.Welcome;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;
import okio.ByteString;
import org.jspecify.annotations.Nullable;

/** The reader of one connection: WebSocket messages, the frames in them, and the session events of these. */
final class StompReader implements ProtocolReader {
    /** The id of the receipt of DISCONNECT. Those of other frames are numbers. */
    static final String BYE = "bye";

    private static final SessionEvent NOTHING = (machine, connection, now) -> Collections.emptyList();
    private static final Packet BEAT = Packet.of("\n", Collections.emptyList(), null);
    private static final long MAX_HEARTBEAT_MILLIS = TimeUnit.DAYS.toMillis(1);
    private static final int MAX_DIGITS = 18;
    /** The maximum frames of a message whose list is kept for the next one. */
    private static final int MAX_KEPT_FRAMES = 16;

    private final StompProtocol protocol;
    /** The number of the connection, for frames that belong to it. */
    private final long connection;

    private final FrameParser parser;
    /** The frames of the message that is read. */
    private List<Frame> frames = new ArrayList<>(1);

    private boolean connected;
    /** Whether nothing that follows counts: the frames are illegal, or the server has sent ERROR. */
    private boolean over;

    StompReader(StompProtocol protocol, long connection) {
        this.protocol = protocol;
        this.connection = connection;
        this.parser = new FrameParser(protocol.maxBodyBytes);
    }

    @Override
    public SessionEvent readText(Utf8Text text) throws ProtocolViolation {
        BadMessageException fault = null;
        try {
            if (!over) parser.parse(text, frames);
        } catch (BadMessageException e) {
            fault = e;
        }
        // The parser checks what it has read.
        if (over || fault != null) text.check();
        return event(fault);
    }

    @Override
    public SessionEvent readBinary(ByteString bytes) {
        BadMessageException fault = null;
        try {
            if (!over) parser.parse(bytes.toByteArray(), frames);
        } catch (BadMessageException e) {
            fault = e;
        }
        return event(fault);
    }

    /** @param fault what the parser has found behind the frames, null for nothing */
    private SessionEvent event(@Nullable BadMessageException fault) {
        if (over) return NOTHING;
        SessionEvent event = fault == null && frames.size() == 1 ? only(frames.get(0)) : events(fault);
        if (frames.size() > MAX_KEPT_FRAMES) frames = new ArrayList<>(1);
        else frames.clear();
        return event;
    }

    private SessionEvent only(Frame frame) {
        try {
            return event(frame);
        } catch (BadMessageException e) {
            over = true;
            return bad(e);
        }
    }

    /** @param found what the parser has found behind the frames, null for nothing */
    private SessionEvent events(@Nullable BadMessageException found) {
        List<SessionEvent> events = new ArrayList<>();
        BadMessageException fault = found;
        try {
            for (Frame frame : frames) {
                if (!over) events.add(event(frame));
            }
        } catch (BadMessageException e) {
            // It comes before what the parser has found.
            fault = e;
        }
        if (fault != null && !over) {
            events.add(bad(fault));
            over = true;
        }
        return all(events);
    }

    private static SessionEvent all(List<SessionEvent> events) {
        if (events.isEmpty()) return NOTHING;
        if (events.size() == 1) return events.get(0);
        return (machine, from, now) -> {
            // The machine uses its lists again.
            List<Effect> effects = new ArrayList<>();
            for (SessionEvent event : events) effects.addAll(event.apply(machine, from, now));
            return effects;
        };
    }

    private static SessionEvent bad(BadMessageException e) {
        String message = String.valueOf(e.getMessage());
        return (machine, from, now) -> machine.onProtocolError(from, message, now);
    }

    private SessionEvent event(Frame frame) throws BadMessageException {
        switch (frame.command) {
            case "CONNECTED":
                return connected(frame);
            case "MESSAGE": {
                required(frame, "destination");
                required(frame, "message-id");
                return protocol.received(required(frame, "subscription"), frame, connection);
            }
            case "RECEIPT": {
                long receipt = receipt(required(frame, "receipt-id"));
                return receipt == 0
                        ? NOTHING
                        : (machine, from, now) -> machine.protocolInput.onAcknowledged(from, receipt, null, 0, now);
            }
            default:
                return error(frame);
        }
    }

    private static String required(Frame frame, String header) throws BadMessageException {
        String value = frame.header(header);
        if (value == null) throw new BadMessageException(frame.command + " without the header " + header);
        return value;
    }

    /** Returns the number of the frame whose receipt this is, 0 if it is not one of the client's. */
    private static long receipt(@Nullable String id) {
        if (id == null || id.isEmpty() || id.length() > MAX_DIGITS) return 0;
        for (int i = 0; i < id.length(); i++) {
            if (id.charAt(i) < '0' || id.charAt(i) > '9') return 0;
        }
        return Long.parseLong(id);
    }

    private SessionEvent connected(Frame frame) throws BadMessageException {
        if (!"1.2".equals(frame.header("version")))
            throw new BadMessageException("the server does not speak STOMP 1.2");
        connected = true;
        String session = frame.headers.getOrDefault("session", "");
        long silence = 2 * interval(frame, 0, protocol.wantsMillis);
        Welcome silent =
                Welcome.unnumbered(session, "", false, null, Long.MAX_VALUE, TimeUnit.MILLISECONDS.toNanos(silence));
        long expected = TimeUnit.MILLISECONDS.toNanos(interval(frame, 1, protocol.sendsMillis));
        // A part of the time is left for the way to the server.
        Welcome welcome = expected == 0 ? silent : silent.withClientHeartbeat(expected - (expected / 4), BEAT);
        return (machine, from, now) -> {
            if (machine.protocolInput.isCurrent(from)) protocol.connected(frame.headers);
            return machine.onWelcome(from, welcome, now);
        };
    }

    /**
     * Returns how often a side sends something, in milliseconds; 0 if it does not.
     *
     * @param index the place of the server's number in its header {@code heart-beat}
     * @param ours the client's number
     */
    private static long interval(Frame connected, int index, long ours) throws BadMessageException {
        String[] numbers = connected.headers.getOrDefault("heart-beat", "0,0").split(",", -1);
        if (numbers.length != 2) throw new BadMessageException("illegal heart-beat");
        String number = numbers[index].trim();
        long theirs = receipt(number);
        if (theirs == 0 && !number.matches("0+")) throw new BadMessageException("illegal heart-beat");
        return theirs == 0 || ours == 0 ? 0 : Math.min(Math.max(theirs, ours), MAX_HEARTBEAT_MILLIS);
    }

    private SessionEvent error(Frame frame) {
        over = true;
        String body = frame.bodyText();
        StompErrorException error = connected
                ? new StompErrorException(frame.headers, body)
                : new ConnectRefusedException(frame.headers, body);
        String message = String.valueOf(error.getMessage());
        long receipt = receipt(frame.header("receipt-id"));
        SessionEvent ended = (machine, from, now) ->
                machine.protocolInput.onEnded(from, "the server sent ERROR: " + message, error, now);
        if (receipt == 0) return ended;
        List<SessionEvent> both = new ArrayList<>();
        both.add((machine, from, now) -> {
            // The receipts of all connections are different numbers.
            protocol.refused(receipt, message);
            return machine.protocolInput.onRejected(from, receipt, Outcome.rejected("ERROR", message), now);
        });
        both.add(ended);
        return all(both);
    }
}

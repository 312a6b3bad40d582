package dev.holdfast.socketio;

import dev.holdfast.internal.frame.ProtocolViolation;
import dev.holdfast.internal.frame.Utf8Text;
import dev.holdfast.internal.protocols.BadMessageException;
import dev.holdfast.internal.protocols.Json;
import dev.holdfast.internal.session.Inbound;
import dev.holdfast.internal.session.Packet;
import dev.holdfast.internal.session.Payload;
import dev.holdfast.internal.session.ProtocolReader;
import dev.holdfast.internal.session.SessionEvent;
import dev.holdfast.internal.session.Welcome;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import okio.ByteString;
import org.jspecify.annotations.Nullable;

/** The reader of one connection: Engine.IO v4 packets, and the Socket.IO packets in them, to session events. */
final class PacketReader implements ProtocolReader {
    private static final SessionEvent NOTHING = (machine, connection, now) -> Collections.emptyList();

    /** The maximum length of an offset. A longer one is not worth its memory. */
    private static final int MAX_OFFSET = 1024;

    /** The maximum length of a ping, which the client returns. A server sends "2", or "2probe". */
    private static final int MAX_PING = 125;

    private static final long MAX_HEARTBEAT_MILLIS = TimeUnit.DAYS.toMillis(1);

    private final SocketIoProtocol protocol;
    /** The number of the connection, for packets that belong to it. */
    private final long connection;

    /** The silence after which the server's heartbeat is overdue; 0 before the server has announced it. */
    private long heartbeatNanos;

    private long maxPayload = Long.MAX_VALUE;

    /**
     * Whether the server recovers sessions, and so adds offsets to events. The server sends missed events before it confirms the
     * session, so a reader starts with the value of the connection before.
     */
    private boolean recovers;

    /** The packet whose attachments are not all here, null for none. */
    private @Nullable IncomingPacket incomplete;

    /** The bytes of its text. */
    private int incompleteBytes;

    private long incompleteCharacters;
    private List<ByteString> attachments = new ArrayList<>();
    private long attachedBytes;

    private final StringEvents stringEvents;

    PacketReader(SocketIoProtocol protocol, long connection) {
        this.protocol = protocol;
        this.stringEvents = new StringEvents(protocol.namespace, protocol.eventHead(0));
        this.connection = connection;
        this.recovers = protocol.recovers();
    }

    @Override
    public SessionEvent readText(Utf8Text utf8) throws ProtocolViolation {
        IncomingPacket event = incomplete == null ? stringEvents.read(utf8) : null;
        if (event != null) return complete(event, utf8.size() - 1, Collections.emptyList(), utf8.size());
        String text = utf8.string();
        try {
            return read(text, utf8.size());
        } catch (BadMessageException e) {
            return bad(e);
        }
    }

    @Override
    public SessionEvent readBinary(ByteString bytes) {
        IncomingPacket packet = incomplete;
        if (packet == null) return bad(new BadMessageException("attachment without a packet"));
        attachedBytes += bytes.size();
        if (attachedBytes > protocol.maxEventBytes) {
            return bad(new BadMessageException("attachments of more than " + protocol.maxEventBytes + " bytes"));
        }
        attachments.add(bytes);
        if (attachments.size() < packet.attachments) return NOTHING;
        List<ByteString> all = attachments;
        incomplete = null;
        attachments = new ArrayList<>();
        return complete(packet, incompleteBytes + attachedBytes, all, incompleteCharacters + attachedBytes);
    }

    private static SessionEvent bad(BadMessageException e) {
        String message = String.valueOf(e.getMessage());
        return (machine, from, now) -> machine.onProtocolError(from, message, now);
    }

    private SessionEvent read(String text, int size) throws BadMessageException {
        if (text.isEmpty()) throw new BadMessageException("empty message");
        switch (text.charAt(0)) {
            case '0':
                hello(text.substring(1));
                return (machine, from, now) -> machine.protocolInput.onHello(from, now);
            case '1':
                return (machine, from, now) ->
                        machine.protocolInput.onEnded(from, "the server closed the Engine.IO session", null, now);
            case '2': {
                if (text.length() > MAX_PING)
                    throw new BadMessageException("ping of more than " + MAX_PING + " characters");
                Packet pong = Packet.of("3" + text.substring(1), Collections.emptyList(), null);
                return (machine, from, now) -> machine.protocolInput.onControl(from, pong, now);
            }
            case '3':
            case '6':
                return NOTHING;
            case '4':
                return packet(text, size);
            default:
                throw new BadMessageException("unknown Engine.IO packet");
        }
    }

    /** Reads what the server announces at the start of a connection. */
    private void hello(String json) throws BadMessageException {
        Map<String, String> members = Json.members(json);
        long interval = millis(members.get("pingInterval"));
        long timeout = millis(members.get("pingTimeout"));
        heartbeatNanos = TimeUnit.MILLISECONDS.toNanos(interval + timeout);
        String max = members.get("maxPayload");
        if (max != null) maxPayload = Math.max(1, number(max));
    }

    private static long millis(@Nullable String json) throws BadMessageException {
        if (json == null) throw new BadMessageException("no ping interval or timeout");
        long millis = number(json);
        if (millis < 1) throw new BadMessageException("a ping interval or timeout of " + millis + " ms");
        return Math.min(millis, MAX_HEARTBEAT_MILLIS);
    }

    private static long number(String json) throws BadMessageException {
        try {
            return Long.parseLong(json);
        } catch (NumberFormatException e) {
            throw new BadMessageException("not a whole number");
        }
    }

    private SessionEvent packet(String text, int size) throws BadMessageException {
        if (incomplete != null) throw new BadMessageException("packet before the attachments of another");
        String bare = text.substring(1);
        IncomingPacket packet = IncomingPacket.parse(bare, protocol.maxAttachments);
        // The type of the Engine.IO packet does not count.
        if (packet.attachments == 0) return complete(packet, size - 1, Collections.emptyList(), size);
        incomplete = packet;
        incompleteBytes = size - 1;
        incompleteCharacters = bare.length();
        attachedBytes = 0;
        return NOTHING;
    }

    /** @param bytes the bytes of the packet */
    private SessionEvent complete(IncomingPacket packet, long bytes, List<ByteString> attached, long cost) {
        if (!packet.namespace.equals(protocol.namespace)) return NOTHING;
        switch (packet.type) {
            case CONNECT:
                return connected(String.valueOf(packet.payload));
            case CONNECT_ERROR:
                return refused(String.valueOf(packet.payload));
            case DISCONNECT:
                return (machine, from, now) -> {
                    String message = "the server disconnected the socket";
                    return machine.protocolInput.onEnded(from, message, new ServerDisconnectException(message), now);
                };
            case ACK:
            case BINARY_ACK: {
                Payload answer = Payload.read(new Received(packet, attached, connection), bytes);
                return (machine, from, now) ->
                        machine.protocolInput.onAcknowledged(from, packet.ackId, answer, cost, now);
            }
            default: {
                Payload event = Payload.read(new Received(packet, attached, connection), bytes);
                boolean numbered = recovers && packet.ackId == IncomingPacket.NO_ACK;
                return new Inbound(numbered ? offset(packet) : null, event, cost);
            }
        }
    }

    /** Returns the last argument, if it is a string: where the session can be recovered, the server adds the offset. */
    private static @Nullable String offset(IncomingPacket packet) {
        int last = packet.arguments.size() - 1;
        if (last < 0 || !packet.arguments.isString(last)) return null;
        String offset = packet.arguments.text(last);
        return offset.length() > MAX_OFFSET ? null : offset;
    }

    private SessionEvent connected(String json) {
        try {
            Map<String, String> members = Json.members(json);
            String sid = string(members.get("sid"));
            String pid = string(members.get("pid"));
            if (sid == null || sid.isEmpty()) throw new BadMessageException("connected without a sid");
            recovers = pid != null;
            long largest = maxPayload;
            long heartbeat = heartbeatNanos;
            return (machine, from, now) -> {
                // Another connection may have been begun since this was read.
                if (!machine.protocolInput.isCurrent(from)) return Collections.emptyList();
                boolean resumed = pid != null && pid.equals(protocol.askedPid());
                protocol.connected(sid, pid != null);
                String reason = resumed ? null : "not recovered";
                Welcome welcome = Welcome.unnumbered(sid, pid == null ? "" : pid, resumed, reason, largest, heartbeat);
                return machine.onWelcome(from, welcome, now);
            };
        } catch (BadMessageException e) {
            return bad(e);
        }
    }

    private static SessionEvent refused(String json) {
        String message = Json.string(json);
        String data = null;
        if (message == null) {
            try {
                Map<String, String> members = Json.members(json);
                message = string(members.get("message"));
                data = members.get("data");
            } catch (BadMessageException e) {
                return bad(e);
            }
        }
        ConnectErrorException refusal = new ConnectErrorException(message == null ? "no reason" : message, data);
        return (machine, from, now) ->
                machine.protocolInput.onEnded(from, "connect_error: " + refusal.getMessage(), refusal, now);
    }

    private static @Nullable String string(@Nullable String json) {
        return json == null ? null : Json.string(json);
    }
}

package dev.holdfast.socketio;

import dev.holdfast.internal.protocols.BadMessageException;
import dev.holdfast.internal.protocols.Json;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The text of a received Socket.IO packet (protocol revision 5), parsed as far as the client needs. Immutable. */
final class IncomingPacket {
    enum Type {
        CONNECT,
        DISCONNECT,
        EVENT,
        ACK,
        CONNECT_ERROR,
        BINARY_EVENT,
        BINARY_ACK
    }

    static final long NO_ACK = -1;

    /** The digits of an id or a count. More would exceed what a server in JavaScript counts exactly. */
    static final int MAX_DIGITS = 15;

    private static final List<String> RESERVED = Collections.unmodifiableList(
            Arrays.asList("connect", "connect_error", "disconnect", "disconnecting", "newListener", "removeListener"));

    final Type type;
    final int attachments;
    final String namespace;
    /** The id that an acknowledgement names, {@link #NO_ACK} for none. */
    final long ackId;
    /** The payload of a packet that is not an event or an acknowledgement, null for none. */
    final @Nullable String payload;
    /** The arguments of an event or an acknowledgement; of an event without its name. */
    final JsonTexts arguments;
    /** The name of an event, empty for any other packet. */
    final String event;

    private IncomingPacket(
            Type type,
            int attachments,
            String namespace,
            long ackId,
            @Nullable String payload,
            JsonTexts arguments,
            String event) {
        this.type = type;
        this.attachments = attachments;
        this.namespace = namespace;
        this.ackId = ackId;
        this.payload = payload;
        this.arguments = arguments;
        this.event = event;
    }

    /**
     * Parses a packet.
     *
     * @param text the packet, without the type of the Engine.IO packet that holds it
     * @param maxAttachments a packet with more attachments is refused
     */
    static IncomingPacket parse(String text, int maxAttachments) throws BadMessageException {
        int number = text.isEmpty() ? -1 : text.charAt(0) - '0';
        if (number < 0 || number >= Type.values().length) throw new BadMessageException("unknown packet type");
        Type type = Type.values()[number];
        int at = 1;
        int attachments = 0;
        if (type == Type.BINARY_EVENT || type == Type.BINARY_ACK) {
            int end = digits(text, at);
            long count = number(text, at, end);
            if (end == at || end == text.length() || text.charAt(end) != '-' || count < 1) {
                throw new BadMessageException("illegal number of attachments");
            }
            if (count > maxAttachments) throw new BadMessageException("more than " + maxAttachments + " attachments");
            attachments = (int) count;
            at = end + 1;
        }
        String namespace = "/";
        if (at < text.length() && text.charAt(at) == '/') {
            int comma = text.indexOf(',', at);
            int end = comma < 0 ? text.length() : comma;
            namespace = text.substring(at, end);
            at = comma < 0 ? end : end + 1;
        }
        int end = digits(text, at);
        long ackId = end == at ? NO_ACK : number(text, at, end);
        return withPayload(type, attachments, namespace, ackId, end == text.length() ? null : text.substring(end));
    }

    /** Returns an event without attachments. */
    static IncomingPacket event(String namespace, long ackId, JsonTexts arguments, String event) {
        return new IncomingPacket(Type.EVENT, 0, namespace, ackId, null, arguments, event);
    }

    /** Returns whether the protocol keeps an event's name for itself. */
    static boolean isReserved(String event) {
        return RESERVED.contains(event);
    }

    boolean isAck() {
        return type == Type.ACK || type == Type.BINARY_ACK;
    }

    private static IncomingPacket withPayload(
            Type type, int attachments, String namespace, long ackId, @Nullable String payload)
            throws BadMessageException {
        switch (type) {
            case EVENT:
            case BINARY_EVENT: {
                List<String> all = elements(payload);
                String name = all.isEmpty() ? null : Json.string(all.get(0));
                // JavaScript allows a number as the name of an event.
                if (name == null
                        && !all.isEmpty()
                        && digits(all.get(0), 0) == all.get(0).length()) name = all.get(0);
                if (name == null || isReserved(name)) throw new BadMessageException("illegal name of an event");
                JsonTexts arguments = JsonTexts.of(all.subList(1, all.size()));
                return new IncomingPacket(type, attachments, namespace, ackId, null, arguments, name);
            }
            case ACK:
            case BINARY_ACK:
                if (ackId == NO_ACK) throw new BadMessageException("acknowledgement without an id");
                return new IncomingPacket(
                        type, attachments, namespace, ackId, null, JsonTexts.of(elements(payload)), "");
            case CONNECT:
                if (payload == null) throw new BadMessageException("connected without a sid: a server of Socket.IO 2?");
                break;
            case DISCONNECT:
                if (payload != null) throw new BadMessageException("disconnect with a payload");
                break;
            default:
                if (payload == null) throw new BadMessageException("refusal without a reason");
        }
        return new IncomingPacket(type, 0, namespace, ackId, payload, JsonTexts.NONE, "");
    }

    private static List<String> elements(@Nullable String payload) throws BadMessageException {
        if (payload == null) throw new BadMessageException("payload is missing");
        return Json.elements(payload);
    }

    private static int digits(String text, int from) {
        int at = from;
        while (at < text.length() && text.charAt(at) >= '0' && text.charAt(at) <= '9') at++;
        return at;
    }

    private static long number(String text, int from, int end) throws BadMessageException {
        if (end - from > MAX_DIGITS) throw new BadMessageException("number with more than " + MAX_DIGITS + " digits");
        return from == end ? 0 : Long.parseLong(text.substring(from, end));
    }
}

package dev.holdfast.socketio;

import dev.holdfast.internal.session.Packet;
import dev.holdfast.internal.session.Payload;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.Collectors;
import okio.Buffer;
import okio.ByteString;
import okio.Utf8;

/**
 * An event as a store keeps it: without the id of its acknowledgement, which is of one process. A line says how it is sent, of what
 * sizes its attachments are, and in which namespace; the JSON of the name and the arguments follows, and then the attachments. The
 * size of the JSON stands before those of the attachments. Without attachments it is a text, otherwise bytes.
 */
final class StoredEvent {
    private static final String TAG = "socket.io";
    private static final int PARTS = 6;

    private StoredEvent() {}

    static Payload original(SocketIoProtocol protocol, Packet packet) {
        List<ByteString> attachments = packet.attachments();
        long ackId = packet.ackId();
        String json = packet.text().substring(head(protocol, attachments, ackId).length());
        String sizes = attachments.stream()
                .map(attachment -> "," + attachment.size())
                .collect(Collectors.joining("", Integer.toString(json.length()), ""));
        String text = TAG
                + ' '
                + (ackId == 0 ? 0 : 1)
                + ' '
                + packet.tries()
                + ' '
                + packet.ackTimeoutNanos()
                + ' '
                + sizes
                + ' '
                + protocol.namespace
                + '\n'
                + json;
        if (attachments.isEmpty()) return Payload.text(text);
        Buffer bytes = new Buffer().writeUtf8(text);
        attachments.forEach(bytes::write);
        return Payload.binary(bytes.readByteString());
    }

    /** Returns the start of an event, before its JSON. */
    static String head(SocketIoProtocol protocol, List<ByteString> attachments, long ackId) {
        if (attachments.isEmpty()) return protocol.eventHead(ackId);
        String start = protocol.head("5" + attachments.size() + '-');
        return ackId == 0 ? start : start + ackId;
    }

    /** @throws RuntimeException if it is no event of the namespace, or a damaged one */
    static Packet restored(SocketIoProtocol protocol, Payload stored) {
        boolean binary = stored.kind() == Payload.Kind.BINARY;
        String text = binary ? stored.bytes().utf8() : stored.text();
        int end = text.indexOf('\n');
        String[] line = text.substring(0, Math.max(end, 0)).split(" ", PARTS);
        if (line.length != PARTS || !line[0].equals(TAG)) {
            throw new IllegalStateException("the store has a message of another protocol");
        }
        if (!line[PARTS - 1].equals(protocol.namespace)) {
            throw new IllegalStateException("the store has an event of the namespace " + line[PARTS - 1]);
        }
        String[] sizes = line[4].split(",", -1);
        int jsonEnd = end + 1 + Integer.parseInt(sizes[0]);
        List<ByteString> attachments = new ArrayList<>();
        if (binary) {
            int at = Math.toIntExact(Utf8.size(text, 0, jsonEnd));
            for (int i = 1; i < sizes.length; i++) {
                int next = at + Integer.parseInt(sizes[i]);
                attachments.add(stored.bytes().substring(at, next));
                at = next;
            }
        }
        long ackId = line[1].equals("1") ? protocol.nextAckId() : 0;
        String packet = head(protocol, attachments, ackId) + text.substring(end + 1, jsonEnd);
        List<ByteString> parts = Collections.unmodifiableList(attachments);
        if (ackId == 0) return Packet.of(packet, parts, protocol.storable);
        return Packet.acknowledged(packet, parts, ackId, Integer.parseInt(line[2]), Long.parseLong(line[3]))
                .withContent(protocol.storable);
    }
}

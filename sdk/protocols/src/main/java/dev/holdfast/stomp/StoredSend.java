package dev.holdfast.stomp;

import dev.holdfast.internal.session.Packet;
import dev.holdfast.internal.session.Payload;
import java.util.Collections;
import java.util.Map;
import okio.Buffer;
import okio.ByteString;
import org.jspecify.annotations.Nullable;

/**
 * A SEND frame as a store keeps it: without the header that asks for a receipt, whose id is of one process. In a frame that the client
 * makes, headers have no empty line and no other line of that name.
 */
final class StoredSend {
    /** The content of packets that are one SEND frame. */
    static final Packet.Original CONTENT = StoredSend::original;

    private static final String COMMAND = "SEND\n";
    private static final ByteString BINARY_COMMAND = ByteString.encodeUtf8(COMMAND);
    private static final ByteString END = ByteString.encodeUtf8("\n\n");

    private final Payload frame;

    private StoredSend(Payload frame) {
        this.frame = frame;
    }

    private static Payload original(Packet packet) {
        String receipt = "\nreceipt:" + packet.ackId() + "\n";
        if (packet.hasText()) {
            String text = packet.text();
            return Payload.text(packet.ackId() == 0 ? text : text.replaceFirst(receipt, "\n"));
        }
        ByteString bytes = packet.attachments().get(0);
        int at = packet.ackId() == 0 ? -1 : bytes.indexOf(ByteString.encodeUtf8(receipt));
        if (at < 0) return Payload.binary(bytes);
        Buffer without = new Buffer().write(bytes, 0, at);
        int end = at + receipt.length() - 1;
        return Payload.binary(without.write(bytes, end, bytes.size() - end).readByteString());
    }

    /** Returns a frame that a store has kept, null if it is none. */
    static @Nullable StoredSend of(Payload stored) {
        boolean known = stored.kind() == Payload.Kind.BINARY
                ? stored.bytes().startsWith(BINARY_COMMAND) && stored.bytes().indexOf(END) > 0
                : stored.kind() == Payload.Kind.TEXT
                        && stored.text().startsWith(COMMAND)
                        && stored.text().contains("\n\n");
        return known ? new StoredSend(stored) : null;
    }

    /** Returns the frame with more headers, which need no escapes. */
    Stomp.Parts parts(Map<String, String> headers) {
        StringBuilder lines = new StringBuilder();
        headers.forEach(
                (name, value) -> lines.append(name).append(':').append(value).append('\n'));
        if (frame.kind() == Payload.Kind.TEXT) {
            StringBuilder text = new StringBuilder(frame.text());
            text.insert(text.indexOf("\n\n") + 1, lines);
            return new Stomp.Parts(text.toString(), Collections.emptyList());
        }
        ByteString bytes = frame.bytes();
        int at = bytes.indexOf(END) + 1;
        ByteString with = new Buffer()
                .write(bytes, 0, at)
                .writeUtf8(lines.toString())
                .write(bytes, at, bytes.size() - at)
                .readByteString();
        return new Stomp.Parts("", Collections.singletonList(with));
    }
}

package dev.holdfast.internal.protocol;

import dev.holdfast.EncodedPayload;
import dev.holdfast.internal.session.Packet;
import dev.holdfast.internal.session.Payload;
import dev.holdfast.internal.session.SessionProtocol;
import dev.holdfast.protocol.Outgoing;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import okio.ByteString;
import org.jspecify.annotations.Nullable;

/** Public values as the machine's. */
final class Packets {
    private Packets() {}

    /**
     * Returns a message as a packet.
     *
     * @param content what the packet was made of; null for nothing
     */
    static Packet of(Outgoing message, @Nullable Payload content) {
        String text = message.text();
        if (text == null) text = "";
        if (message.isAnswered()) {
            return Packet.request(text, message.ackId(), message.maxTries() > 1, nanos(message.limit()))
                    .withContent(content);
        }
        if (message.ackId() == 0) return Packet.of(text, message.attachments(), content);
        return Packet.acknowledged(
                        text, message.attachments(), message.ackId(), message.maxTries(), nanos(message.limit()))
                .withContent(content);
    }

    /**
     * Returns a message that goes out ahead of the queue.
     *
     * @throws IllegalArgumentException if it is more than one WebSocket message, or expects an acknowledgement
     */
    static Packet control(@Nullable Outgoing message, String what) {
        Packet packet = single(message, what);
        if (packet.ackId() != 0) throw new IllegalArgumentException(what + " must not expect an acknowledgement");
        return packet;
    }

    /** @throws IllegalArgumentException if it is more than one WebSocket message */
    static Packet single(@Nullable Outgoing message, String what) {
        if (!Objects.requireNonNull(message, what).isSingle()) {
            throw new IllegalArgumentException(what + " must be a single WebSocket message");
        }
        return of(message, null);
    }

    /** Returns a time in nanoseconds, 0 for none. A year stands for a longer one. */
    static long nanos(@Nullable Duration time) {
        if (time == null) return 0;
        long year = TimeUnit.DAYS.toNanos(365);
        return time.compareTo(Duration.ofNanos(year)) < 0 ? time.toNanos() : year;
    }

    static Payload payload(EncodedPayload content) {
        switch (content.kind()) {
            case BINARY:
                return Payload.binary(content.bytes());
            case JSON:
                return Payload.json(content.text());
            default:
                return Payload.text(content.text());
        }
    }

    static void write(Packet packet, SessionProtocol.Wire wire) {
        if (packet.hasText()) wire.text(packet.text(), packet.textBytes());
        for (ByteString attachment : packet.attachments()) wire.binary(attachment);
    }
}

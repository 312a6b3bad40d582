package dev.holdfast.socketio;

import java.util.List;
import okio.ByteString;

/** A received packet with its attachments, and the number of its connection. Immutable. */
final class Received {
    final IncomingPacket packet;
    final List<ByteString> attachments;
    final long connection;

    /** @param attachments nobody changes it */
    Received(IncomingPacket packet, List<ByteString> attachments, long connection) {
        this.packet = packet;
        this.attachments = attachments;
        this.connection = connection;
    }
}

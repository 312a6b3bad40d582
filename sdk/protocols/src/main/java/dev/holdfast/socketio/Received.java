package dev.holdfast.socketio;

/** A received packet, with the number of its connection. Immutable. */
final class Received {
    final IncomingPacket packet;
    final long connection;

    Received(IncomingPacket packet, long connection) {
        this.packet = packet;
        this.connection = connection;
    }
}

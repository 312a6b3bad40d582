package dev.holdfast.stomp;

/** A received MESSAGE, with the number of its connection. Immutable. */
final class Received {
    final Frame frame;
    final long connection;

    Received(Frame frame, long connection) {
        this.frame = frame;
        this.connection = connection;
    }
}

package dev.holdfast.jsonrpc;

import java.util.List;

/** The messages that came as one, and the number of the connection that brought them. */
final class Received {
    final List<IncomingMessage> messages;
    final boolean batch;
    final long connection;

    Received(List<IncomingMessage> messages, boolean batch, long connection) {
        this.messages = messages;
        this.batch = batch;
        this.connection = connection;
    }
}

package dev.holdfast;

import dev.holdfast.internal.session.Payload;

/** Messages as a client receives them. In this package for the constructor alone. */
public final class ReceivedMessages {
    private ReceivedMessages() {}

    /** Returns a message that runs a task when it is acknowledged. */
    public static Message received(String session, String id, Runnable ack) {
        return new Message(session, id, Payload.text("text"), new Payloads(null), ack);
    }

    /** Returns a message that the client sent, which has no identity. */
    public static Message sent() {
        return new Message(null, Payload.text("text"), new Payloads(null));
    }
}

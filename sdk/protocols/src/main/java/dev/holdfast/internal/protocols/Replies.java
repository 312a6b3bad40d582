package dev.holdfast.internal.protocols;

import dev.holdfast.Delivery;
import dev.holdfast.HoldfastClient;
import dev.holdfast.Outcome;
import dev.holdfast.SendOptions;
import dev.holdfast.internal.session.Packet;
import dev.holdfast.internal.session.Payload;

/** What a client sends because of what the server has sent, often in a callback: it neither waits for room in the queue nor throws. */
public final class Replies {
    private Replies() {}

    /** Sends a reply whose receipt goes to the application. */
    public static Delivery send(HoldfastClient client, Packet reply) {
        Object payload = Payload.packet(reply.asReply());
        return client.send(payload, SendOptions.defaults());
    }

    /**
     * Sends a reply without a receipt. If there is no room for it, or it is too large, that is reported as an exception of a listener
     * is; if its connection is lost, nobody waits for it.
     *
     * @param what what it is, for the report
     */
    @SuppressWarnings("FutureReturnValueIgnored") // Nothing follows the report.
    public static void sendAndReport(HoldfastClient client, Packet reply, String what) {
        send(client, reply).outcome().thenAccept(outcome -> {
            if (outcome.kind() == Outcome.Kind.DROPPED || outcome.kind() == Outcome.Kind.REJECTED) {
                Listeners.report(new IllegalStateException(what + " was not sent: " + outcome));
            }
        });
    }
}

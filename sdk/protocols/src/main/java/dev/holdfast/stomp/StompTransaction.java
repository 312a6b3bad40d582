package dev.holdfast.stomp;

import dev.holdfast.Delivery;
import dev.holdfast.internal.session.Packet;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import okio.ByteString;
import org.jspecify.annotations.Nullable;

/**
 * Messages and acknowledgements that the broker handles together, or not at all. The client collects them, and sends the whole
 * transaction, from BEGIN to COMMIT, when it is committed. So a transaction never waits half-sent on a server, and one without
 * acknowledgements waits in the queue for the next connection like a message.
 *
 * <p>A transaction whose connection is lost before COMMIT arrives is aborted by the broker; its outcome is then {@link
 * dev.holdfast.Outcome.Kind#UNKNOWN}, since nothing tells whether COMMIT arrived. One that acknowledges a message of a connection
 * that is gone is not sent, and its outcome is {@link dev.holdfast.Outcome.Kind#CANCELLED}.
 *
 * <p>Not thread-safe.
 */
public final class StompTransaction {
    private static final int MAX_FRAMES = 10_000;

    private final Stomp stomp;
    private final Map<String, String> id;
    private final List<ByteString> frames = new ArrayList<>();
    private final List<Acknowledgements.Claim> claims = new ArrayList<>();
    private final List<BooleanSupplier> onTheirConnection = new ArrayList<>();
    private boolean over;

    StompTransaction(Stomp stomp, String id) {
        this.stomp = stomp;
        this.id = Collections.singletonMap("transaction", id);
    }

    /**
     * Adds a message.
     *
     * @param destination where the message goes
     * @param body as in {@link Stomp#send(String, Object)}
     * @return this transaction
     * @throws dev.holdfast.PayloadException if the body can't be written
     * @throws IllegalStateException if it is over, or has 10,000 frames
     */
    public StompTransaction send(String destination, @Nullable Object body) {
        return send(destination, body, Collections.emptyMap());
    }

    /**
     * Adds a message with headers. Otherwise as {@link #send(String, Object)}.
     *
     * @param destination where the message goes
     * @param body as in {@link Stomp#send(String, Object)}
     * @param headers as in {@link Stomp#send(String, Object, Map)}
     * @return this transaction
     * @throws IllegalArgumentException if a header can't be sent, or belongs to the client
     */
    public StompTransaction send(String destination, @Nullable Object body, Map<String, String> headers) {
        checkRoom();
        frames.add(Body.of(body, stomp.codec())
                .send(destination, Stomp.checkedSend(headers), id)
                .bytes());
        return this;
    }

    /**
     * Adds the acknowledgement of a message.
     *
     * @param message a message as for {@link StompMessage#ack}
     * @return this transaction
     * @throws IllegalStateException as {@link StompMessage#ack}, or as {@link #send(String, Object)}
     */
    public StompTransaction ack(StompMessage message) {
        return answer("ACK", message);
    }

    /**
     * Adds the refusal of a message. Otherwise as {@link #ack}.
     *
     * @param message a message as for {@link StompMessage#nack}
     * @return this transaction
     */
    public StompTransaction nack(StompMessage message) {
        return answer("NACK", message);
    }

    private StompTransaction answer(String command, StompMessage message) {
        checkRoom();
        StompSubscription subscription = message.subscription();
        Acknowledgements.Claim claim = subscription.claim(message);
        subscription.answered(message, command.equals("NACK"));
        claims.add(claim);
        onTheirConnection.add(() -> subscription.isOn(claim.connection));
        frames.add(ByteString.encodeUtf8(StompSubscription.answerFrame(command, claim.ackId, id)));
        return this;
    }

    private void checkRoom() {
        checkNotOver();
        if (frames.size() == MAX_FRAMES) {
            throw new IllegalStateException("a transaction has at most " + MAX_FRAMES + " frames");
        }
    }

    private void checkNotOver() {
        if (over) throw new IllegalStateException("the transaction was committed or aborted");
    }

    /**
     * Sends the transaction. It is sent again like a message, see {@link StompBuilder#retries}, unless it acknowledges something:
     * those messages belong to their connection. One that acknowledges something never waits for room in the queue, as {@link
     * StompMessage#ack}. If it was not sent, its messages can be acknowledged again.
     *
     * @return the receipt of the transaction: {@link dev.holdfast.Outcome.Kind#ACKNOWLEDGED} when the broker has committed it
     * @throws IllegalStateException if it is over; or if it acknowledges nothing, the queue may {@linkplain
     *     dev.holdfast.Overflow#block block}, and this is a callback. The transaction is not over then
     */
    public Delivery commit() {
        checkNotOver();
        String begin = Frame.text("BEGIN", id);
        boolean bound = !claims.isEmpty();
        Packet packet = stomp.packet(bound, receipt -> {
            Map<String, String> headers = new LinkedHashMap<>(id);
            headers.putAll(receipt);
            List<ByteString> parts = new ArrayList<>(frames);
            parts.add(ByteString.encodeString(Frame.text("COMMIT", headers), StandardCharsets.UTF_8));
            return new Stomp.Parts(begin, parts);
        });
        Delivery delivery;
        if (bound) {
            List<BooleanSupplier> all = new ArrayList<>(onTheirConnection);
            delivery = stomp.reply(packet.validWhile(() -> all.stream().allMatch(BooleanSupplier::getAsBoolean)));
        } else {
            delivery = stomp.send(packet);
        }
        over = true;
        for (Acknowledgements.Claim claim : claims) claim.sentWith(delivery);
        handledWhenSent(delivery);
        return delivery;
    }

    /** Records that the application has handled its messages, unless the transaction is not sent: then it can do so again. */
    @SuppressWarnings("FutureReturnValueIgnored") // Nothing follows.
    private void handledWhenSent(Delivery delivery) {
        List<Acknowledgements.Claim> all = new ArrayList<>(claims);
        if (all.isEmpty()) return;
        delivery.outcome().thenAccept(outcome -> {
            if (Acknowledgements.mayBeSent(outcome)) all.forEach(Acknowledgements.Claim::handled);
        });
    }

    /** Drops the transaction. Its messages can be acknowledged again. Has no effect if it is over. */
    public void abort() {
        if (over) return;
        over = true;
        claims.forEach(Acknowledgements.Claim::undo);
        frames.clear();
    }
}

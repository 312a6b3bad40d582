package dev.holdfast.stomp;

import dev.holdfast.Delivery;
import dev.holdfast.EncodedPayload;
import dev.holdfast.PayloadCodec;
import dev.holdfast.PayloadException;
import dev.holdfast.TypeRef;
import java.lang.reflect.Type;
import java.util.Map;
import java.util.function.Supplier;
import okio.ByteString;
import org.jspecify.annotations.Nullable;

/** A message of a subscription. Safe from any thread. */
public final class StompMessage {
    private final Frame frame;
    final Acknowledgements.Place place;
    private final StompSubscription subscription;
    private final Supplier<PayloadCodec> codec;

    StompMessage(
            Received received,
            Acknowledgements.Place place,
            StompSubscription subscription,
            Supplier<PayloadCodec> codec) {
        this.frame = received.frame;
        this.place = place;
        this.subscription = subscription;
        this.codec = codec;
    }

    /** {@return the destination to which it was sent} */
    public String destination() {
        return frame.headers.getOrDefault("destination", "");
    }

    /** {@return the id that the broker gave it} */
    public String id() {
        return frame.headers.getOrDefault("message-id", "");
    }

    /** {@return the subscription that brought it} */
    public StompSubscription subscription() {
        return subscription;
    }

    /** {@return the headers, unescaped} Of a repeated header the first value counts. */
    public Map<String, String> headers() {
        return frame.headers;
    }

    /**
     * {@return the value of a header, null if there is none}
     *
     * @param name the name of the header
     */
    public @Nullable String header(String name) {
        return frame.headers.get(name);
    }

    /**
     * {@return whether the broker says that it delivered the message before} So the message may have been handled already.
     * RabbitMQ and ActiveMQ say so with the header {@code redelivered}.
     */
    public boolean isRedelivered() {
        return "true".equals(header("redelivered"));
    }

    /** {@return the body as text in UTF-8} */
    public String text() {
        return frame.bodyText();
    }

    /** {@return the body} */
    public ByteString bytes() {
        return frame.body();
    }

    /**
     * {@return the body as an object, which the codec reads from JSON}
     *
     * @param <T> the type to read
     * @param type the class of the object
     * @throws PayloadException if the codec can't read it, or it is null
     */
    @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"}) // The codec returns an object of the type.
    public <T> T read(Class<T> type) {
        return (T) readAs(type);
    }

    /**
     * {@return the body as an object of a generic type, which the codec reads from JSON}
     *
     * @param <T> the type to read
     * @param type the generic type of the object
     * @throws PayloadException if the codec can't read it, or it is null
     */
    @SuppressWarnings("unchecked") // As above.
    public <T> T read(TypeRef<T> type) {
        return (T) readAs(type.type());
    }

    private Object readAs(Type type) {
        Object object = codec.get().decode(EncodedPayload.text(text()), type);
        if (object == null) throw new PayloadException("the body is null", null);
        return object;
    }

    /**
     * Acknowledges the message; with {@link AckMode#CLIENT} all earlier ones of the subscription as well.
     *
     * <p>The outcome is {@link dev.holdfast.Outcome.Kind#WRITTEN} when a socket has taken the frame. It is {@link
     * dev.holdfast.Outcome.Kind#CANCELLED} if the connection that brought the message is gone: the broker then delivers the
     * message again, and an acknowledgement on another connection would mean nothing to it. With {@link ResumeAfter} it does not
     * come again in this process: the subscription goes on behind it. To know that the broker has handled the acknowledgement, use
     * {@link StompTransaction#ack}.
     *
     * <p>It never blocks: acknowledgements have as much room in the queue as there is for messages. Beyond that the outcome is
     * {@link dev.holdfast.Outcome.Kind#DROPPED}. A message whose acknowledgement was not sent can be acknowledged again.
     *
     * @return the receipt of the frame
     * @throws IllegalStateException if the message was acknowledged before, or its subscription is {@link AckMode#AUTO}, or
     *     the broker supports no acknowledgements
     */
    public Delivery ack() {
        return subscription.answer("ACK", this);
    }

    /**
     * Tells the broker that the message was not handled. What it does then is its own affair: RabbitMQ delivers the message
     * again, ActiveMQ moves it to its dead letter queue. Otherwise as {@link #ack}.
     *
     * <p>With a {@link ResumeAfter} the client drops a message that comes again, unless it was refused. With {@link AckMode#CLIENT} the
     * frame covers earlier messages as well, but only this message counts as refused: if the broker delivers all of them again, the
     * listener receives this one alone. To refuse several messages, use {@link AckMode#CLIENT_INDIVIDUAL}.
     *
     * @return the receipt of the frame
     * @throws IllegalStateException as {@link #ack}
     */
    public Delivery nack() {
        return subscription.answer("NACK", this);
    }

    /** Returns the destination and the size, but not the content. */
    @Override
    public String toString() {
        return "message of " + frame.bodyBytes() + " bytes for " + destination();
    }
}

package dev.holdfast;

import dev.holdfast.internal.session.Payload;
import dev.holdfast.internal.text.Printable;
import java.lang.reflect.Type;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReferenceFieldUpdater;
import okio.ByteString;
import org.jspecify.annotations.Nullable;

/**
 * A message of the application: text, JSON or bytes. It is one that the server sent ({@link HoldfastListener#onMessage}), or
 * one that the client sent ({@link Delivery#message}). Its content does not change. Safe from any thread.
 */
public final class Message {
    private static final AtomicReferenceFieldUpdater<Message, @Nullable Runnable> ACK =
            AtomicReferenceFieldUpdater.newUpdater(Message.class, Runnable.class, "ack");

    private final @Nullable String session;
    private final @Nullable String id;
    private final Payload payload;
    private final Payloads payloads;
    /** Runs when the application acknowledges the message; null if there is nothing to do. */
    @SuppressWarnings("UnusedVariable") // ACK reads it.
    private volatile @Nullable Runnable ack;

    Message(@Nullable String id, Payload payload, Payloads payloads) {
        this(null, id, payload, payloads, null);
    }

    /**
     * @param session the id of the session in which the server sent the message; null for none
     * @param ack runs when the application acknowledges the message; null for nothing
     */
    Message(@Nullable String session, @Nullable String id, Payload payload, Payloads payloads, @Nullable Runnable ack) {
        this.session = session;
        this.ack = ack;
        this.id = id;
        this.payload = payload;
        this.payloads = payloads;
    }

    /** {@return the id that the server gave the message; null if the client sent it, or if the session has no ids} */
    public @Nullable String id() {
        return id;
    }

    /**
     * {@return what identifies the message across deliveries} If the server sends a message again, to this process or a later
     * one, both have the same identity, and no other message has it. An application that stores it together with the message's
     * effect recognises the second delivery. At most 1,089 characters. Null if the client sent the message, or if the session has
     * no ids.
     */
    public @Nullable String identity() {
        return session == null || id == null ? id : session + ' ' + id;
    }

    /** {@return whether the message is binary} */
    public boolean isBinary() {
        return payload.kind() == Payload.Kind.BINARY;
    }

    /**
     * {@return the text} In a resumable session this is the content of a JSON string, or the JSON of any other value.
     *
     * @throws IllegalStateException if the message is binary
     */
    public String text() {
        return payload.text();
    }

    /**
     * {@return the bytes}
     *
     * @throws IllegalStateException if the message is text
     */
    public ByteString bytes() {
        return payload.bytes();
    }

    /**
     * Reads the message as an object with the client's {@link PayloadCodec}; JSON unless another one is set. Each call reads it
     * anew.
     *
     * @param <T> the type to read
     * @param type the class of the object to return
     * @return an object of that type, never null
     * @throws PayloadException if the message cannot be read as that type, or stands for null
     * @throws IllegalArgumentException if the codec refuses the type, see {@link JacksonCodec}
     * @throws IllegalStateException if the message is binary and the codec reads text, or the other way round
     */
    @SuppressWarnings("unchecked") // The codec returns an object of the type; class.cast refuses primitive types.
    public <T> T read(Class<T> type) {
        return (T) payloads.read(payload, Objects.requireNonNull(type, "type"));
    }

    /**
     * Reads the message as an object of a generic type, as in {@code message.read(new TypeRef<List<Line>>() {})}. Otherwise as
     * {@link #read(Class)}.
     *
     * @param <T> the type to read
     * @param type the generic type of the object to return
     * @return an object of that type, never null
     */
    @SuppressWarnings("unchecked") // As above.
    public <T> T read(TypeRef<T> type) {
        return (T) payloads.read(payload, Objects.requireNonNull(type, "type").type());
    }

    /** Reads the message as an object of any type. */
    Object readAs(Type type) {
        return payloads.read(payload, type);
    }

    /** Returns the string or number at a JSON pointer, null if there is none. */
    @Nullable
    String textAt(String pointer) {
        return payloads.textAt(payload, pointer);
    }

    /**
     * Acknowledges a received message to the server, in a session {@linkplain Session#withManualAcks with manual
     * acknowledgements}. The client sends the acknowledgement when all messages before this one have been acknowledged as well.
     * May be called from any thread at any later time. A second call has no effect.
     *
     * <p>A call has no effect on a message that the client sent, in any other session, or after the session has ended.
     * {@link HoldfastClient#close} ends the session without waiting for this call, and the server forgets the message. Call
     * this first, or use {@link HoldfastClient#disconnect}.
     */
    public void ack() {
        Runnable due = ACK.getAndSet(this, null);
        if (due != null) due.run();
    }

    Payload payload() {
        return payload;
    }

    /** Returns the id, the form and the size, but not the content. */
    @Override
    public String toString() {
        String size = isBinary() ? bytes().size() + " bytes" : text().length() + " characters";
        return (id == null ? "message of " : "message " + Printable.value(id) + " of ") + size;
    }
}

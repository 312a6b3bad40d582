package dev.holdfast;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.holdfast.internal.session.Payload;
import dev.holdfast.internal.text.Printable;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReferenceFieldUpdater;
import okio.ByteString;
import org.jspecify.annotations.Nullable;

/** An application message. Its content does not change. Thread-safe. */
public final class Message {
    private static final AtomicReferenceFieldUpdater<Message, @Nullable Runnable> ACK =
            AtomicReferenceFieldUpdater.newUpdater(Message.class, Runnable.class, "ack");

    private final @Nullable String id;
    private final Payload payload;
    private final ObjectMapper mapper;
    /** What is due when the application is done with it, null for nothing. */
    @SuppressWarnings("UnusedVariable") // ACK reads it.
    private volatile @Nullable Runnable ack;

    Message(@Nullable String id, Payload payload, ObjectMapper mapper) {
        this(id, payload, mapper, null);
    }

    /** @param ack what is due when the application is done with it, null for nothing */
    Message(@Nullable String id, Payload payload, ObjectMapper mapper, @Nullable Runnable ack) {
        this.ack = ack;
        this.id = id;
        this.payload = payload;
        this.mapper = mapper;
    }

    /** The server's name for the message; null for one of our own and in a session that has none. */
    public @Nullable String id() {
        return id;
    }

    /** Whether it carries bytes rather than text. */
    public boolean isBinary() {
        return payload.kind() == Payload.Kind.BINARY;
    }

    /**
     * The text. Of a message in a resumable session that is JSON and not a string, its JSON.
     *
     * @throws IllegalStateException if the message is binary
     */
    public String text() {
        return payload.text();
    }

    /**
     * The bytes.
     *
     * @throws IllegalStateException if the message is text
     */
    public ByteString bytes() {
        return payload.bytes();
    }

    /**
     * Reads the message's JSON as an object, with the client's {@link ObjectMapper}. Each call reads it anew.
     *
     * @throws PayloadException if it is not JSON, or not of that type
     * @throws IllegalStateException if the message is binary
     */
    public <T> T read(Class<T> type) {
        Objects.requireNonNull(type, "type");
        String text = payload.text();
        T value;
        try {
            value = payload.kind() == Payload.Kind.JSON_STRING
                    ? mapper.treeToValue(mapper.getNodeFactory().textNode(text), type)
                    : mapper.readValue(text, type);
        } catch (JsonProcessingException e) {
            throw new PayloadException("message is no " + type.getSimpleName() + ": " + e.getOriginalMessage(), e);
        }
        if (value == null) throw new PayloadException("message is null, no " + type.getSimpleName(), null);
        return value;
    }

    /**
     * The application is done with the message: the server is told once it is done with all that came before as well. Safe
     * from any thread, at any time later. Has no effect but for the first time, nor in a session without {@link
     * Session#manualAcks}, nor once the session is lost.
     */
    public void ack() {
        Runnable due = ACK.getAndSet(this, null);
        if (due != null) due.run();
    }

    /**
     * What goes out for whatever an application sends: text, bytes and a message as what they are, all else as JSON.
     *
     * @throws PayloadException if it can't be written as JSON
     */
    static Payload payload(Object message, ObjectMapper mapper) {
        Objects.requireNonNull(message, "message");
        if (message instanceof Message) return ((Message) message).payload();
        if (message instanceof CharSequence) return Payload.text(message.toString());
        if (message instanceof ByteString) return Payload.binary((ByteString) message);
        if (message instanceof byte[]) return Payload.binary(ByteString.of((byte[]) message));
        try {
            return Payload.json(mapper.writeValueAsString(message));
        } catch (JsonProcessingException e) {
            throw new PayloadException(
                    message.getClass().getSimpleName() + " can't be written as JSON: " + e.getOriginalMessage(), e);
        }
    }

    Payload payload() {
        return payload;
    }

    /** Its kind and size, not its content. */
    @Override
    public String toString() {
        String size = isBinary() ? bytes().size() + " bytes" : text().length() + " characters";
        return (id == null ? "message of " : "message " + Printable.value(id) + " of ") + size;
    }
}

package dev.holdfast;

import dev.holdfast.internal.session.Payload;
import dev.holdfast.internal.text.Printable;
import java.lang.reflect.Type;
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
    private final Payloads payloads;
    /** What is due when the application is done with it, null for nothing. */
    @SuppressWarnings("UnusedVariable") // ACK reads it.
    private volatile @Nullable Runnable ack;

    Message(@Nullable String id, Payload payload, Payloads payloads) {
        this(id, payload, payloads, null);
    }

    /** @param ack what is due when the application is done with it, null for nothing */
    Message(@Nullable String id, Payload payload, Payloads payloads, @Nullable Runnable ack) {
        this.ack = ack;
        this.id = id;
        this.payload = payload;
        this.payloads = payloads;
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
     * Reads the message as an object with the client's {@link PayloadCodec}; JSON unless another one is set. Each call reads it
     * anew.
     *
     * @return an object of that type, never null
     * @throws PayloadException if the message cannot be read as that type, or stands for null
     * @throws IllegalStateException if the message is binary and the codec reads text, or the other way round
     */
    @SuppressWarnings("unchecked") // The codec returns an object of the type; class.cast refuses primitive types.
    public <T> T read(Class<T> type) {
        return (T) payloads.read(payload, Objects.requireNonNull(type, "type"));
    }

    /**
     * Reads the message as an object of a generic type, as in {@code message.read(new TypeRef<List<Line>>() {})}. Otherwise as
     * {@link #read(Class)}.
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
     * The application is done with the message: the server is told once it is done with all that came before as well. Safe
     * from any thread, at any time later. Has no effect but for the first time, nor in a session without {@link
     * Session#withManualAcks}, nor once the session is lost.
     */
    public void ack() {
        Runnable due = ACK.getAndSet(this, null);
        if (due != null) due.run();
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

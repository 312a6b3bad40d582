package dev.holdfast.socketio;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.holdfast.EncodedPayload;
import dev.holdfast.PayloadCodec;
import dev.holdfast.PayloadException;
import dev.holdfast.TypeRef;
import dev.holdfast.internal.protocols.Json;
import java.io.IOException;
import java.lang.reflect.Type;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Supplier;
import okio.ByteString;
import org.jspecify.annotations.Nullable;

/**
 * The arguments of a received event, or of an acknowledgement. Each is a JSON value, which is parsed when it is read, or an
 * attachment of bytes. Immutable.
 */
public final class Arguments {
    private final JsonTexts values;
    private final List<ByteString> attachments;
    private final Supplier<PayloadCodec> codec;

    Arguments(JsonTexts values, List<ByteString> attachments, Supplier<PayloadCodec> codec) {
        this.values = values;
        this.attachments = attachments;
        this.codec = codec;
    }

    /** {@return the number of arguments} */
    public int size() {
        return values.size();
    }

    /**
     * {@return an argument as JSON} A value that holds attachments has a placeholder for each, as it came.
     *
     * @param index the argument, from 0
     * @throws IndexOutOfBoundsException if there is no such argument
     */
    public String json(int index) {
        return values.json(index);
    }

    /**
     * {@return an argument as text: the content of a string, or the JSON of any other value}
     *
     * @param index the argument, from 0
     * @throws IndexOutOfBoundsException if there is no such argument
     */
    public String text(int index) {
        return values.text(index);
    }

    /**
     * {@return whether an argument is an attachment of bytes}
     *
     * @param index the argument, from 0
     * @throws IndexOutOfBoundsException if there is no such argument
     */
    public boolean isBinary(int index) {
        return values.attachment(index) >= 0;
    }

    /**
     * {@return an argument that is an attachment}
     *
     * @param index the argument, from 0
     * @throws IllegalStateException if it is another value
     * @throws PayloadException if the attachment did not come
     * @throws IndexOutOfBoundsException if there is no such argument
     */
    public ByteString bytes(int index) {
        int attachment = values.attachment(index);
        if (attachment < 0) throw new IllegalStateException("argument " + index + " is not binary");
        if (attachment >= attachments.size()) {
            throw new PayloadException("the packet has no attachment " + attachment, null);
        }
        return attachments.get(attachment);
    }

    /**
     * Reads an argument as an object with the codec. Bytes inside of it are read from Base64, as Jackson reads a
     * {@code byte[]}.
     *
     * @param <T> the type to read
     * @param index the argument, from 0
     * @param type the class of the object to return
     * @return an object of that type, null if the argument is null
     * @throws PayloadException if the argument cannot be read as that type
     * @throws IndexOutOfBoundsException if there is no such argument
     */
    @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"}) // The codec returns an object of the type.
    public <T> @Nullable T read(int index, Class<T> type) {
        return (T) readAs(index, Objects.requireNonNull(type, "type"));
    }

    /**
     * Reads an argument as an object of a generic type. Otherwise as {@link #read(int, Class)}.
     *
     * @param <T> the type to read
     * @param index the argument, from 0
     * @param type the generic type of the object to return
     * @return an object of that type, null if the argument is null
     */
    @SuppressWarnings("unchecked") // As above.
    public <T> @Nullable T read(int index, TypeRef<T> type) {
        return (T) readAs(index, Objects.requireNonNull(type, "type").type());
    }

    private @Nullable Object readAs(int index, Type type) {
        String value = values.json(index);
        if (value.equals("null")) return null;
        String json;
        try {
            json = Attachments.inlined(value, attachments);
        } catch (IllegalArgumentException e) {
            throw new PayloadException("argument " + index + " cannot be read: " + e.getMessage(), e);
        }
        return codec.get().decode(EncodedPayload.json(json), type);
    }

    /** Returns the number of arguments and of attachments, but not their content. */
    @Override
    public String toString() {
        return values.size() + " arguments with " + attachments.size() + " attachments";
    }

    // ---- writing ----

    /**
     * Returns an array of JSON.
     *
     * @param event the name of the event, which goes first; null for none
     * @param arguments what a codec can write, bytes, and collections of these; an element may be null
     * @param attachments receives the bytes
     * @throws PayloadException if an argument cannot be written
     */
    static String array(
            @Nullable String event,
            @Nullable Object[] arguments,
            List<ByteString> attachments,
            Supplier<PayloadCodec> codec) {
        Bytes bytes = new Bytes(attachments);
        return Json.text(out -> {
            out.writeStartArray();
            if (event != null) out.writeString(event);
            for (Object argument : arguments) Json.write(argument, out, codec, bytes);
            out.writeEndArray();
        });
    }

    /** Returns an object as JSON without attachments. */
    static EncodedPayload json(Object object, Supplier<PayloadCodec> codec) {
        List<ByteString> attachments = new ArrayList<>();
        String json = Json.of(object, codec, new Bytes(attachments));
        if (!attachments.isEmpty()) throw new PayloadException("bytes cannot be sent here", null);
        return EncodedPayload.json(json);
    }

    /** Bytes become attachments. */
    private static final class Bytes implements Json.Special {
        private final List<ByteString> attachments;

        Bytes(List<ByteString> attachments) {
            this.attachments = attachments;
        }

        @Override
        public boolean write(Object value, JsonGenerator out) throws IOException {
            if (value instanceof byte[]) {
                writeBytes(ByteString.of((byte[]) value), out);
            } else if (value instanceof ByteString) {
                writeBytes((ByteString) value, out);
            } else if (value instanceof ByteBuffer) {
                writeBytes(ByteString.of(((ByteBuffer) value).duplicate()), out);
            } else {
                return false;
            }
            return true;
        }

        @Override
        public void writeBytes(ByteString bytes, JsonGenerator out) throws IOException {
            out.writeStartObject();
            out.writeBooleanField("_placeholder", true);
            out.writeNumberField("num", attachments.size());
            out.writeEndObject();
            attachments.add(bytes);
        }
    }
}

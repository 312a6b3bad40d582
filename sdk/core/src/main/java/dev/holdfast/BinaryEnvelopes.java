package dev.holdfast;

import dev.holdfast.internal.CheckReturnValue;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import okio.Buffer;
import okio.ByteString;
import org.jspecify.annotations.Nullable;

/**
 * A codec for binary messages of several types: the first byte of a message says which type it is. Four length bytes
 * (big-endian, unsigned) and a payload of that length follow. Each type byte is registered with a class and the codec of its
 * payload:
 *
 * <pre>{@code
 * PayloadCodec codec = BinaryEnvelopes.empty()
 *         .withType(1, ChatLine.class, JacksonCodec.cbor())
 *         .withType(2, Picture.class, pictures);
 * }</pre>
 *
 * <p>An object is written with the type byte of its class, or of the first registered class that it is an instance of.
 * {@code message.read(Object.class)} returns an object of the class that the type byte stands for.
 *
 * <p>Immutable. Safe from any thread if the payloads' codecs are.
 */
@CheckReturnValue
public final class BinaryEnvelopes implements PayloadCodec {
    private static final int MAX_TYPE = 0xff;
    private static final int HEADER_BYTES = 1 + 4;
    private static final long UNSIGNED_INT = 0xffff_ffffL;

    private static final class Entry {
        final int type;
        final Class<?> javaType;
        final PayloadCodec codec;

        Entry(int type, Class<?> javaType, PayloadCodec codec) {
            this.type = type;
            this.javaType = javaType;
            this.codec = codec;
        }
    }

    /** By type byte, in the order of registration. */
    private final Map<Integer, Entry> entries;

    private BinaryEnvelopes(Map<Integer, Entry> entries) {
        this.entries = entries;
    }

    /** {@return a codec without a type} */
    public static BinaryEnvelopes empty() {
        return new BinaryEnvelopes(new LinkedHashMap<>());
    }

    /**
     * {@return a codec with one more type}
     *
     * @param <T> the class of the objects
     * @param type the type byte, 0 to 255
     * @param javaType the class of the objects. Text, {@link ByteString} and {@code byte[]} go out without an envelope, and so
     *     must be wrapped in a class of the application's
     * @param codec writes and reads the payload. It must write bytes, as {@link JacksonCodec#cbor} and {@link
     *     JacksonCodec#ofBinary} do
     * @throws IllegalArgumentException if the type byte is out of range, or the type byte or the class is registered already
     */
    public <T> BinaryEnvelopes withType(int type, Class<T> javaType, PayloadCodec codec) {
        Objects.requireNonNull(javaType, "javaType");
        Objects.requireNonNull(codec, "codec");
        if (type < 0 || type > MAX_TYPE) {
            throw new IllegalArgumentException("type must be between 0 and 255, but was " + type);
        }
        Map<Integer, Entry> all = new LinkedHashMap<>(entries);
        if (all.put(type, new Entry(type, javaType, codec)) != null) {
            throw new IllegalArgumentException("type " + type + " is registered already");
        }
        for (Entry entry : entries.values()) {
            if (entry.javaType == javaType) {
                throw new IllegalArgumentException(
                        javaType.getName() + " is registered already, as type " + entry.type);
            }
        }
        return new BinaryEnvelopes(all);
    }

    /**
     * Writes an envelope.
     *
     * @throws PayloadException if no type byte is registered for the object's class
     * @throws IllegalStateException if the payload's codec writes text
     */
    @Override
    public EncodedPayload encode(Object object) {
        Objects.requireNonNull(object, "object");
        Entry entry = entry(object);
        if (entry == null) {
            throw new PayloadException(
                    "no type byte is registered for " + object.getClass().getName(), null);
        }
        EncodedPayload payload = entry.codec.encode(object);
        if (payload.kind() != EncodedPayload.Kind.BINARY) {
            throw new IllegalStateException("the codec of type " + entry.type
                    + " writes text, but a binary envelope needs one that writes bytes, such as JacksonCodec.ofBinary");
        }
        ByteString bytes = payload.bytes();
        return EncodedPayload.binary(new Buffer()
                .writeByte(entry.type)
                .writeInt(bytes.size())
                .write(bytes)
                .readByteString());
    }

    private @Nullable Entry entry(Object object) {
        Entry found = null;
        for (Entry entry : entries.values()) {
            if (entry.javaType == object.getClass()) return entry;
            if (found == null && entry.javaType.isInstance(object)) found = entry;
        }
        return found;
    }

    /**
     * Reads an envelope.
     *
     * @param type the class that the type byte stands for, or a superclass of it; {@code Object.class} for any
     * @throws PayloadException if the message is shorter than its header, its length is not that of its payload, its type byte
     *     is not registered, or it stands for another class
     */
    @Override
    public @Nullable Object decode(EncodedPayload payload, Type type) {
        Objects.requireNonNull(payload, "payload");
        Objects.requireNonNull(type, "type");
        ByteString message = payload.bytes();
        if (message.size() < HEADER_BYTES) {
            throw new PayloadException(
                    "a binary envelope has at least " + HEADER_BYTES + " bytes, but the message has " + message.size(),
                    null);
        }
        long length = message.asByteBuffer().getInt(1) & UNSIGNED_INT;
        int follow = message.size() - HEADER_BYTES;
        if (length != follow) {
            throw new PayloadException(
                    "the binary envelope announces " + length + " payload bytes, but " + follow + " follow", null);
        }
        Entry entry = entries.get(message.getByte(0) & MAX_TYPE);
        if (entry == null) {
            throw new PayloadException("type byte " + (message.getByte(0) & MAX_TYPE) + " is not registered", null);
        }
        if (!raw(type).isAssignableFrom(entry.javaType)) {
            throw new PayloadException(
                    "message is not a " + TypeRef.name(type) + ": type byte " + entry.type + " stands for "
                            + TypeRef.name(entry.javaType),
                    null);
        }
        return entry.codec.decode(EncodedPayload.binary(message.substring(HEADER_BYTES)), entry.javaType);
    }

    private static Class<?> raw(Type type) {
        if (type instanceof Class) return (Class<?>) type;
        if (type instanceof ParameterizedType) return raw(((ParameterizedType) type).getRawType());
        throw new PayloadException("a binary envelope cannot be read as " + TypeRef.name(type), null);
    }
}

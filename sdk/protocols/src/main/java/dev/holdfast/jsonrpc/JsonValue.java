package dev.holdfast.jsonrpc;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.holdfast.EncodedPayload;
import dev.holdfast.PayloadCodec;
import dev.holdfast.PayloadException;
import dev.holdfast.TypeRef;
import dev.holdfast.internal.protocols.BadMessageException;
import dev.holdfast.internal.protocols.Json;
import java.io.IOException;
import java.lang.reflect.Type;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A JSON value that the server sent: a result, parameters, or the data of an error. It is parsed when it is read. Immutable. Safe
 * from any thread.
 */
public final class JsonValue {
    private final String json;
    private final Supplier<PayloadCodec> codec;

    JsonValue(String json, Supplier<PayloadCodec> codec) {
        this.json = json;
        this.codec = codec;
    }

    /** Writes the value as it is if it is one of these. */
    static boolean write(Object value, JsonGenerator out) throws IOException {
        if (!(value instanceof JsonValue)) return false;
        out.writeRawValue(((JsonValue) value).json());
        return true;
    }

    /** {@return the value as JSON, as the server sent it} */
    public String json() {
        return json;
    }

    /** {@return the value as text: the content of a string, or the JSON of any other value} */
    public String text() {
        String string = Json.string(json);
        return string == null ? json : string;
    }

    /** {@return whether the value is null} */
    public boolean isNull() {
        return json.equals("null");
    }

    /**
     * {@return a member of an object, null if there is none}
     *
     * @param name the name of the member
     * @throws PayloadException if the value is not an object
     */
    public @Nullable JsonValue member(String name) {
        try {
            String value = Json.members(json).get(Objects.requireNonNull(name, "name"));
            return value == null ? null : new JsonValue(value, codec);
        } catch (BadMessageException e) {
            throw new PayloadException("the value is not an object", e);
        }
    }

    /**
     * Reads the value as an object with the codec.
     *
     * @param <T> the type to read
     * @param type the class of the object to return
     * @return an object of that type, null if the value is null
     * @throws PayloadException if the value cannot be read as that type
     */
    @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"}) // The codec returns an object of the type.
    public <T> @Nullable T read(Class<T> type) {
        return (T) readAs(Objects.requireNonNull(type, "type"));
    }

    /**
     * Reads the value as an object of a generic type. Otherwise as {@link #read(Class)}.
     *
     * @param <T> the type to read
     * @param type the generic type of the object to return
     * @return an object of that type, null if the value is null
     */
    @SuppressWarnings("unchecked") // As above.
    public <T> @Nullable T read(TypeRef<T> type) {
        return (T) readAs(Objects.requireNonNull(type, "type").type());
    }

    private @Nullable Object readAs(Type type) {
        return isNull() ? null : codec.get().decode(EncodedPayload.json(json), type);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof JsonValue && json.equals(((JsonValue) other).json);
    }

    @Override
    public int hashCode() {
        return json.hashCode();
    }

    /** Returns the number of characters, but not the content. */
    @Override
    public String toString() {
        return "JSON of " + json.length() + " characters";
    }
}

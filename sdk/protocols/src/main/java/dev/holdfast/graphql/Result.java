package dev.holdfast.graphql;

import dev.holdfast.EncodedPayload;
import dev.holdfast.PayloadCodec;
import dev.holdfast.PayloadException;
import dev.holdfast.TypeRef;
import dev.holdfast.internal.protocols.BadMessageException;
import dev.holdfast.internal.protocols.Json;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A result of an operation: data, errors, or both, if a part of the data could not be resolved. The data is JSON, which is parsed
 * when it is read. Immutable.
 */
public final class Result {
    private final String json;
    private final @Nullable String data;
    private final List<GraphQlError> errors;
    private final @Nullable String extensions;
    private final boolean hasNext;
    private final Supplier<PayloadCodec> codec;

    private Result(String json, Map<String, String> members, List<GraphQlError> errors, Supplier<PayloadCodec> codec) {
        this.json = json;
        this.data = orNull(members.get("data"));
        this.errors = errors;
        this.extensions = orNull(members.get("extensions"));
        this.hasNext = "true".equals(members.get("hasNext"));
        this.codec = codec;
    }

    static Result parse(String json, Supplier<PayloadCodec> codec) throws BadMessageException {
        Map<String, String> members = Json.members(json);
        String errors = orNull(members.get("errors"));
        return new Result(json, members, errors == null ? Collections.emptyList() : errors(errors), codec);
    }

    static List<GraphQlError> errors(String json) throws BadMessageException {
        List<GraphQlError> errors = new ArrayList<>();
        for (String error : Json.elements(json)) errors.add(GraphQlError.parse(error));
        return Collections.unmodifiableList(errors);
    }

    private static @Nullable String orNull(@Nullable String json) {
        return Json.isNull(json) ? null : json;
    }

    /** {@return the JSON of the data, null if there is none} */
    public @Nullable String data() {
        return data;
    }

    /** {@return the errors, empty if there are none; unmodifiable} */
    public List<GraphQlError> errors() {
        return errors;
    }

    /** {@return the JSON of the extensions, null if there are none} */
    public @Nullable String extensions() {
        return extensions;
    }

    /** {@return the whole result as JSON} */
    public String json() {
        return json;
    }

    /** Returns whether the server says that it delivers this result in parts. */
    boolean hasNext() {
        return hasNext;
    }

    /**
     * Reads the data as an object with the codec.
     *
     * @param <T> the type to read
     * @param type the class of the object to return
     * @return an object of that type, null if there is no data
     * @throws PayloadException if the data cannot be read as that type
     */
    @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"}) // The codec returns an object of the type.
    public <T> @Nullable T read(Class<T> type) {
        return (T) readAs(data, Objects.requireNonNull(type, "type"));
    }

    /**
     * Reads the data as an object of a generic type. Otherwise as {@link #read(Class)}.
     *
     * @param <T> the type to read
     * @param type the generic type of the object to return
     * @return an object of that type, null if there is no data
     */
    @SuppressWarnings("unchecked") // As above.
    public <T> @Nullable T read(TypeRef<T> type) {
        return (T) readAs(data, Objects.requireNonNull(type, "type").type());
    }

    /**
     * Reads one field of the data as an object with the codec. An operation usually has one field, such as {@code messageAdded}.
     *
     * @param <T> the type to read
     * @param field the field of the data, by its alias if it has one
     * @param type the class of the object to return
     * @return an object of that type, null if there is no data, no such field, or the field is null
     * @throws PayloadException if the field cannot be read as that type
     */
    @SuppressWarnings("unchecked") // As above.
    public <T> @Nullable T read(String field, Class<T> type) {
        return (T) readAs(field(field), Objects.requireNonNull(type, "type"));
    }

    /**
     * Reads one field of the data as an object of a generic type. Otherwise as {@link #read(String, Class)}.
     *
     * @param <T> the type to read
     * @param field the field of the data, by its alias if it has one
     * @param type the generic type of the object to return
     * @return an object of that type, null if there is no data, no such field, or the field is null
     */
    @SuppressWarnings("unchecked") // As above.
    public <T> @Nullable T read(String field, TypeRef<T> type) {
        return (T) readAs(field(field), Objects.requireNonNull(type, "type").type());
    }

    private @Nullable String field(String name) {
        Objects.requireNonNull(name, "field");
        if (data == null) return null;
        try {
            return orNull(Json.members(data).get(name));
        } catch (BadMessageException e) {
            throw new PayloadException("data cannot be read: " + e.getMessage(), e);
        }
    }

    private @Nullable Object readAs(@Nullable String value, Type type) {
        return value == null ? null : codec.get().decode(EncodedPayload.json(value), type);
    }

    /** Compares the JSON. */
    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Result && json.equals(((Result) other).json);
    }

    @Override
    public int hashCode() {
        return json.hashCode();
    }

    /** Returns the size of the data and the errors, but not the data. */
    @Override
    public String toString() {
        return (data == null ? "no data" : data.length() + " characters of data")
                + (errors.isEmpty() ? "" : ", errors " + errors);
    }
}

package dev.holdfast.graphql;

import dev.holdfast.internal.protocols.BadMessageException;
import dev.holdfast.internal.protocols.Json;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** An error of an operation, as the server sent it. Immutable. */
public final class GraphQlError {
    private final String json;
    private final String message;
    private final @Nullable String path;
    private final @Nullable String extensions;
    private final @Nullable String code;

    private GraphQlError(
            String json, String message, @Nullable String path, @Nullable String extensions, @Nullable String code) {
        this.json = json;
        this.message = message;
        this.path = path;
        this.extensions = extensions;
        this.code = code;
    }

    static GraphQlError parse(String json) throws BadMessageException {
        Map<String, String> members = Json.members(json);
        String message = Json.string(members.get("message"));
        if (message == null) throw new BadMessageException("error without a message");
        String extensions = members.get("extensions");
        String code = Json.isObject(extensions)
                ? Json.string(Json.members(Objects.requireNonNull(extensions)).get("code"))
                : null;
        return new GraphQlError(json, message, members.get("path"), extensions, code);
    }

    /** {@return the message} */
    public String message() {
        return message;
    }

    /** {@return the {@code code} in the extensions, null if it has none} */
    public @Nullable String code() {
        return code;
    }

    /** {@return the JSON of the path of the field that failed, null if it has none} */
    public @Nullable String path() {
        return path;
    }

    /** {@return the JSON of the extensions, null if it has none} */
    public @Nullable String extensions() {
        return extensions;
    }

    /** {@return the whole error as JSON} */
    public String json() {
        return json;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof GraphQlError && json.equals(((GraphQlError) other).json);
    }

    @Override
    public int hashCode() {
        return json.hashCode();
    }

    /** Returns the message, and the code if it has one. */
    @Override
    public String toString() {
        return code == null ? message : message + " (" + code + ")";
    }
}

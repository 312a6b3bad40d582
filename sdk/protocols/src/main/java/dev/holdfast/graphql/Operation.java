package dev.holdfast.graphql;

import dev.holdfast.PayloadCodec;
import dev.holdfast.internal.protocols.Json;
import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A GraphQL operation: a document with its variables, and how the client handles it. Immutable.
 *
 * <pre>{@code
 * Operation.of("query ($id: ID!) { message(id: $id) { text } }")
 *         .withVariables(Map.of("id", 17))
 *         .repeatable();
 * }</pre>
 */
public final class Operation {
    private static final Duration MAX_TIMEOUT = Duration.ofDays(365);

    private final String query;
    private final @Nullable String name;
    private final Map<String, ?> variables;
    private final Map<String, ?> extensions;
    private final @Nullable Duration timeout;
    private final boolean repeatable;

    private Operation(
            String query,
            @Nullable String name,
            Map<String, ?> variables,
            Map<String, ?> extensions,
            @Nullable Duration timeout,
            boolean repeatable) {
        this.query = query;
        this.name = name;
        this.variables = variables;
        this.extensions = extensions;
        this.timeout = timeout;
        this.repeatable = repeatable;
    }

    /**
     * {@return an operation without variables}
     *
     * @param query the GraphQL document: a query, a mutation or a subscription
     */
    public static Operation of(String query) {
        return new Operation(
                Objects.requireNonNull(query, "query"),
                null,
                Collections.emptyMap(),
                Collections.emptyMap(),
                null,
                false);
    }

    /**
     * {@return this operation with the name of the operation to execute, if the document has several}
     *
     * @param newName the name
     */
    public Operation withName(String newName) {
        return new Operation(
                query, Objects.requireNonNull(newName, "newName"), variables, extensions, timeout, repeatable);
    }

    /**
     * {@return this operation with these variables, which replace all earlier ones}
     *
     * @param newVariables null, text, numbers, booleans, lists and maps of these, and what the codec writes as JSON, by name
     */
    public Operation withVariables(Map<String, ?> newVariables) {
        return new Operation(query, name, copy(newVariables), extensions, timeout, repeatable);
    }

    /**
     * {@return this operation with extensions for the server}
     *
     * @param newExtensions as in {@link #withVariables}
     */
    public Operation withExtensions(Map<String, ?> newExtensions) {
        return new Operation(query, name, variables, copy(newExtensions), timeout, repeatable);
    }

    /**
     * {@return this operation with a time limit for its result} It has no effect on a subscription. Default: the one of {@link
     * GraphQlBuilder#timeout}.
     *
     * @param newTimeout how long the operation may wait to be sent, and then for its result; more than zero; over a year counts
     *     as a year
     * @throws IllegalArgumentException if it is not positive
     */
    public Operation withTimeout(Duration newTimeout) {
        return new Operation(query, name, variables, extensions, checked(newTimeout), repeatable);
    }

    /**
     * {@return this operation, marked as one that may be executed more than once} If the connection is lost before the result
     * has come, the client sends it again on the next one, within its time limit. Mark queries. Mark a mutation only if a second
     * execution changes nothing.
     */
    public Operation repeatable() {
        return new Operation(query, name, variables, extensions, timeout, true);
    }

    static Duration checked(Duration timeout) {
        if (timeout.isNegative() || timeout.isZero()) {
            throw new IllegalArgumentException("timeout must be positive, but was " + timeout);
        }
        return timeout.compareTo(MAX_TIMEOUT) > 0 ? MAX_TIMEOUT : timeout;
    }

    private static Map<String, ?> copy(Map<String, ?> values) {
        return Collections.unmodifiableMap(new LinkedHashMap<>(values));
    }

    /** Returns the time limit, null for the default. */
    @Nullable
    Duration timeout() {
        return timeout;
    }

    boolean isRepeatable() {
        return repeatable;
    }

    /** Returns this operation with variables that are added to its own, and replace those of the same name. */
    Operation plus(Map<String, ?> more) {
        Map<String, Object> all = new LinkedHashMap<>(variables);
        all.putAll(more);
        return withVariables(all);
    }

    /** Returns the message that begins the operation. */
    String message(String id, Supplier<PayloadCodec> codec) {
        StringBuilder json = new StringBuilder("{\"id\":")
                .append(Json.quoted(id))
                .append(",\"type\":\"subscribe\",\"payload\":{\"query\":")
                .append(Json.quoted(query));
        if (name != null) json.append(",\"operationName\":").append(Json.quoted(name));
        if (!variables.isEmpty()) json.append(",\"variables\":").append(Json.of(variables, codec));
        if (!extensions.isEmpty()) json.append(",\"extensions\":").append(Json.of(extensions, codec));
        return json.append("}}").toString();
    }

    /** Compares everything. */
    @Override
    public boolean equals(@Nullable Object other) {
        if (!(other instanceof Operation)) return false;
        Operation that = (Operation) other;
        return query.equals(that.query)
                && Objects.equals(name, that.name)
                && variables.equals(that.variables)
                && extensions.equals(that.extensions)
                && Objects.equals(timeout, that.timeout)
                && repeatable == that.repeatable;
    }

    @Override
    public int hashCode() {
        return Objects.hash(query, name, variables, extensions, timeout, repeatable);
    }

    /** Returns the document, without the variables: they may hold secrets. */
    @Override
    public String toString() {
        return query;
    }
}

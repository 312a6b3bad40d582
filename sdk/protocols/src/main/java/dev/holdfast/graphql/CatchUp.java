package dev.holdfast.graphql;

import com.fasterxml.jackson.core.JsonPointer;
import dev.holdfast.internal.session.Subscription;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A setting of a subscription for a server with a history: where a result has its id, and which variables ask for what came after
 * it. When the client subscribes again on a new connection, it asks for what it has missed. It drops a result whose id is
 * among the last 256. Immutable.
 *
 * <pre>{@code
 * CatchUp.jsonPointer("/data/messageAdded/id").variables(id -> Map.of("after", id))
 * }</pre>
 *
 * <p>The id is a string or a number. A result without one, or with one of more than 1,024 characters, goes to the listener and
 * does not move the position.
 */
public final class CatchUp {
    private final JsonPointer pointer;
    private final Function<? super String, ? extends Map<String, ?>> variables;
    private final @Nullable String start;
    private final @Nullable Predicate<? super GraphQlError> stale;
    private final @Nullable String storeName;

    private CatchUp(
            JsonPointer pointer,
            Function<? super String, ? extends Map<String, ?>> variables,
            @Nullable String start,
            @Nullable Predicate<? super GraphQlError> stale,
            @Nullable String storeName) {
        this.pointer = pointer;
        this.variables = variables;
        this.start = start;
        this.stale = stale;
        this.storeName = storeName;
    }

    /** An unfinished {@link CatchUp}: it knows where a result has its id. Immutable. */
    public static final class Pointer {
        private final JsonPointer pointer;

        private Pointer(JsonPointer pointer) {
            this.pointer = pointer;
        }

        /**
         * {@return a setting with which the client subscribes again with these variables}
         *
         * @param variables makes variables from the last id, which are added to the operation's own and replace those of the same
         *     name. It is called on an SDK thread and must return at once. If it throws, the subscription ends, and {@link
         *     SubscriptionListener#onError} reports the exception
         */
        public CatchUp variables(Function<? super String, ? extends Map<String, ?>> variables) {
            return new CatchUp(pointer, Objects.requireNonNull(variables, "variables"), null, null, null);
        }

        /** Returns the pointer. */
        @Override
        public String toString() {
            return pointer.toString();
        }
    }

    /**
     * {@return the start of a setting: where a result has its id}
     *
     * @param pointer a JSON Pointer (RFC 6901) into the result, such as {@code /data/messageAdded/id}
     * @throws IllegalArgumentException if it is no JSON Pointer
     */
    public static Pointer jsonPointer(String pointer) {
        return new Pointer(JsonPointer.compile(Objects.requireNonNull(pointer, "pointer")));
    }

    /**
     * {@return this setting for a subscription that goes on after an earlier one} Its first message already has the variables.
     *
     * @param id the id of the last result that the application has
     */
    public CatchUp startingAfter(String id) {
        return new CatchUp(pointer, variables, Objects.requireNonNull(id, "id"), stale, storeName);
    }

    /**
     * {@return this setting with a test for the server's refusal of an id that its history no longer has} The client then reports
     * {@link SubscriptionListener#onGap} and subscribes again without the id. Default: such an error ends the subscription as any
     * other.
     *
     * @param error returns whether an error is that refusal. It is called on an SDK thread and must return at once. If it throws,
     *     the error ends the subscription
     */
    public CatchUp staleIf(Predicate<? super GraphQlError> error) {
        return new CatchUp(pointer, variables, start, Objects.requireNonNull(error, "error"), storeName);
    }

    /**
     * {@return this setting for a subscription whose last id the client's {@code SessionStore} keeps under a name} Without a store the
     * name has no effect. A subscription under the name of an earlier one, also of an earlier process, goes on after the newest
     * result with an id that the earlier one's listener has returned from, and {@link #startingAfter} has no effect. If the process
     * dies, results of the last 200 ms, and those that the listener had not finished, may come again. Closing the subscription keeps
     * the id; a gap that {@link #staleIf} finds drops it. A second subscription under a name that is in use ends with {@link
     * SubscriptionListener#onError}.
     *
     * <p>The store does not know the operation: use another name for another one. Without {@link #staleIf} an id that the server
     * refuses stays in the store, and ends each subscription of the name again.
     *
     * @param name 1 to 256 characters
     * @throws IllegalArgumentException if it is empty or longer
     */
    public CatchUp storeName(String name) {
        return new CatchUp(pointer, variables, start, stale, Subscription.checkedStoreName(name));
    }

    JsonPointer pointer() {
        return pointer;
    }

    Map<String, ?> variables(String id) {
        return Objects.requireNonNull(variables.apply(id), "the variables of a catch-up");
    }

    /** Returns the id after which the subscription begins, null for none. */
    @Nullable
    String start() {
        return start;
    }

    /** Returns the name under which the store keeps the last id, null for none. */
    @Nullable
    String storeName() {
        return storeName;
    }

    boolean isStale(GraphQlError error) {
        return stale != null && stale.test(error);
    }

    /** Returns where the id is. */
    @Override
    public String toString() {
        return "CatchUp(" + pointer + (start == null ? "" : ", after " + start) + ")";
    }
}

package dev.holdfast.jsonrpc;

import dev.holdfast.internal.session.Subscription;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A call that subscribes, in the manner of {@code eth_subscribe}: its result is the id of the subscription, and each
 * notification has the parameters {@code subscription}, that id, and {@code result}, a value. Immutable.
 */
public final class SubscriptionCall {
    final Call call;
    final @Nullable String unsubscribe;
    final @Nullable Function<? super JsonValue, String> cursor;
    final @Nullable Function<? super String, Call> backfill;
    final @Nullable String start;
    final @Nullable String storeName;

    private SubscriptionCall(
            Call call,
            @Nullable String unsubscribe,
            @Nullable Function<? super JsonValue, String> cursor,
            @Nullable Function<? super String, Call> backfill,
            @Nullable String start,
            @Nullable String storeName) {
        this.call = call;
        this.unsubscribe = unsubscribe;
        this.cursor = cursor;
        this.backfill = backfill;
        this.start = start;
        this.storeName = storeName;
    }

    /**
     * {@return a subscription}
     *
     * @param call the call that subscribes. Its time limit is that of the answer on each connection
     * @param unsubscribe the method that ends it, whose one parameter is the id; null if the server has none
     */
    public static SubscriptionCall of(Call call, @Nullable String unsubscribe) {
        return new SubscriptionCall(Objects.requireNonNull(call, "call"), unsubscribe, null, null, null, null);
    }

    /**
     * {@return a subscription of an Ethereum node: {@code eth_subscribe} and {@code eth_unsubscribe}}
     *
     * @param params the kind, such as {@code "logs"}, and its filter
     */
    public static SubscriptionCall ethereum(@Nullable Object... params) {
        return of(Call.of("eth_subscribe", params), "eth_unsubscribe");
    }

    /**
     * {@return this subscription with a position for each value} A value whose position is among the newest 1,024 is dropped. A
     * position of more than 1,024 characters counts as none.
     *
     * @param newCursor gives a value's position. Two values of the same position are the same. Called on the callback executor
     */
    public SubscriptionCall cursor(Function<? super JsonValue, String> newCursor) {
        return new SubscriptionCall(
                call, unsubscribe, Objects.requireNonNull(newCursor, "newCursor"), backfill, start, storeName);
    }

    /**
     * {@return this subscription with a call for the values that it missed} After each connection but the first, it is made with
     * the position of the last value. Its result must be an array of values, which may begin with values that were there before.
     * They are delivered before those of the new connection. It needs {@link #cursor}.
     *
     * @param newBackfill makes the call, such as {@code eth_getLogs}. Called on the callback executor
     */
    public SubscriptionCall backfill(Function<? super String, Call> newBackfill) {
        return new SubscriptionCall(
                call, unsubscribe, cursor, Objects.requireNonNull(newBackfill, "newBackfill"), start, storeName);
    }

    /**
     * {@return this subscription, with a backfill on the first connection as well} For example from where another process stopped.
     *
     * @param newStart the position after which it begins
     */
    public SubscriptionCall startingAfter(String newStart) {
        return new SubscriptionCall(
                call, unsubscribe, cursor, backfill, Objects.requireNonNull(newStart, "newStart"), storeName);
    }

    /**
     * {@return this subscription with a name under which the client's {@code SessionStore} keeps the position of the last value} It
     * needs {@link #cursor} and {@link #backfill}. Without a store the name has no effect. A subscription under the name of an
     * earlier one, also of an earlier process, begins with a backfill from the newest value that the earlier one's listener has
     * returned from, and {@link #startingAfter} has no effect. If the process dies, values of the last 200 ms, and the one that the
     * listener had not finished, may come again. Closing the subscription keeps the position. A second subscription under a name
     * that is in use ends with {@link SubscriptionListener#onEnded}.
     *
     * @param newName 1 to 256 characters
     * @throws IllegalArgumentException if it is empty or longer
     */
    public SubscriptionCall storeName(String newName) {
        return new SubscriptionCall(call, unsubscribe, cursor, backfill, start, Subscription.checkedStoreName(newName));
    }

    /** @throws IllegalArgumentException if a stored position would be of no use */
    void check() {
        if (storeName != null && (cursor == null || backfill == null)) {
            throw new IllegalArgumentException(
                    "storeName needs cursor(...) and backfill(...): without them a stored position is of no use");
        }
    }
}

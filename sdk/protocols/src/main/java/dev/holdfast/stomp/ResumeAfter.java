package dev.holdfast.stomp;

import dev.holdfast.internal.session.Subscription;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** How a subscription goes on after a message on another connection, if its destination has a history. Immutable. */
public final class ResumeAfter {
    private final String header;
    private final Function<String, ? extends Map<String, String>> headers;
    private final @Nullable String storeName;

    private ResumeAfter(
            String header, Function<String, ? extends Map<String, String>> headers, @Nullable String storeName) {
        this.header = header;
        this.headers = headers;
        this.storeName = storeName;
    }

    /**
     * {@return the way in which a stream of RabbitMQ goes on: with the offset behind that of the last message} Before the first
     * message the header {@code x-stream-offset} of the subscription counts.
     */
    public static ResumeAfter streamOffset() {
        String name = "x-stream-offset";
        return header(name, offset -> Collections.singletonMap(name, "offset=" + (Long.parseLong(offset) + 1)));
    }

    /**
     * {@return a way of going on with what a header of each message says}
     *
     * @param name the header of MESSAGE that has its position. A message without it, or with one of more than 1,024 characters,
     *     has none
     * @param headers makes headers of SUBSCRIBE from the position of the last message, which replace those of the subscription.
     *     It is called on an SDK thread and must return at once. If it throws, the subscription ends
     */
    public static ResumeAfter header(String name, Function<String, ? extends Map<String, String>> headers) {
        return new ResumeAfter(Objects.requireNonNull(name, "name"), Objects.requireNonNull(headers, "headers"), null);
    }

    /**
     * {@return this way of going on, with a name under which the client's {@code SessionStore} keeps the position of the last message}
     * Without a store the name has no effect. A subscription under the name of an earlier one, also of an earlier process, goes on
     * after the newest message that the application has handled, together with all before it. With {@link AckMode#AUTO} that is
     * when the listener has returned; with {@link AckMode#CLIENT_INDIVIDUAL} when the message is acknowledged or refused, and in a
     * transaction when that was sent. Messages that are not acknowledged count towards {@code inboundLimitBytes} then. {@link
     * AckMode#CLIENT} is not possible. Messages of a connection that was lost must be acknowledged too: their acknowledgements end as
     * cancelled, and move the position. If the process dies, messages of the last 200 ms, and those that were not handled, may come
     * again. Closing the subscription keeps the position. What a listener has received does not come again in the same process.
     *
     * <p>The store does not know the destination: use another name for another destination, and for a stream that was deleted and made
     * anew. STOMP has no answer for a position that the broker no longer has, so nothing reports it. If {@link #header}'s function
     * refuses a stored position by an exception, the subscription ends and the position stays: use another name.
     *
     * @param name 1 to 256 characters. No two subscriptions of a client may have the same at the same time: the second one ends, and
     *     the thread's uncaught exception handler gets the report
     * @throws IllegalArgumentException if it is empty or longer
     */
    public ResumeAfter storeName(String name) {
        return new ResumeAfter(header, headers, Subscription.checkedStoreName(name));
    }

    /** Returns the name under which the store keeps the position, null for none. */
    @Nullable
    String storeName() {
        return storeName;
    }

    String header() {
        return header;
    }

    Map<String, String> headers(String position) {
        Map<String, String> copy = new LinkedHashMap<>(headers.apply(position));
        Frame.check(copy, true);
        return copy;
    }

    @Override
    public String toString() {
        return "after the message of the last " + header;
    }
}

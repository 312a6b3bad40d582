package dev.holdfast.stomp;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;

/** How a subscription goes on after a message on another connection, if its destination has a history. Immutable. */
public final class ResumeAfter {
    private final String header;
    private final Function<String, ? extends Map<String, String>> headers;

    private ResumeAfter(String header, Function<String, ? extends Map<String, String>> headers) {
        this.header = header;
        this.headers = headers;
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
        return new ResumeAfter(Objects.requireNonNull(name, "name"), Objects.requireNonNull(headers, "headers"));
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

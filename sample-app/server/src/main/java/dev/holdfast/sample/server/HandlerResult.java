package dev.holdfast.sample.server;

import java.util.List;

/** What the application made of a client's message. */
public sealed interface HandlerResult {
    /**
     * The message is handled.
     *
     * @param replies what goes into the stream to the client in the very step in which the message counts as handled:
     *     once for each, whatever happens to this server meanwhile
     */
    record Accepted(List<StreamMessage> replies) implements HandlerResult {
        public Accepted {
            replies = List.copyOf(replies);
        }
    }

    /** The message is refused for good; the client is told so with these words. */
    record Rejected(String code, String message) implements HandlerResult {}

    /** The message is handled. */
    static HandlerResult accepted(StreamMessage... replies) {
        return new Accepted(List.of(replies));
    }

    /** The message is refused for good. */
    static HandlerResult rejected(String code, String message) {
        return new Rejected(code, message);
    }
}

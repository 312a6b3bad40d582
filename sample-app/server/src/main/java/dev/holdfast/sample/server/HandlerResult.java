package dev.holdfast.sample.server;

import java.util.List;

/** The application's result for a client's message. */
public sealed interface HandlerResult {
    /**
     * The message is handled.
     *
     * @param replies what is added to the stream to the client in the same step in which the message counts as handled:
     *     exactly once for each message, whatever happens to this server meanwhile
     */
    record Accepted(List<StreamMessage> replies) implements HandlerResult {
        public Accepted {
            replies = List.copyOf(replies);
        }
    }

    /** The message is permanently rejected. The client receives this code and message. */
    record Rejected(String code, String message) implements HandlerResult {}

    /** Returns the result for a handled message. */
    static HandlerResult accepted(StreamMessage... replies) {
        return new Accepted(List.of(replies));
    }

    /** Returns the result for a permanently rejected message. */
    static HandlerResult rejected(String code, String message) {
        return new Rejected(code, message);
    }
}

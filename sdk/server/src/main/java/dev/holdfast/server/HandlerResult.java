package dev.holdfast.server;

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
        /**
         * Copies the replies.
         *
         * @param replies the replies
         */
        public Accepted {
            replies = List.copyOf(replies);
        }
    }

    /** The message is permanently rejected. The client receives this code and message. */
    record Rejected(String code, String message) implements HandlerResult {}

    /**
     * {@return the result for a handled message}
     *
     * @param replies what is sent to the client, see {@link Accepted}
     */
    static HandlerResult accepted(StreamMessage... replies) {
        return new Accepted(List.of(replies));
    }

    /**
     * {@return the result for a permanently rejected message}
     *
     * @param code the code that the client receives
     * @param message the message that the client receives
     */
    static HandlerResult rejected(String code, String message) {
        return new Rejected(code, message);
    }
}

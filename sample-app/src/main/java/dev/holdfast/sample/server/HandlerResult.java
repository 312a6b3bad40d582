package dev.holdfast.sample.server;

/** What the application made of a client's message. */
public sealed interface HandlerResult {
    /** The message is handled. */
    record Accepted() implements HandlerResult {}

    /** The message is refused for good; the client is told so with these words. */
    record Rejected(String code, String message) implements HandlerResult {}

    /** The message is handled. */
    static HandlerResult accepted() {
        return new Accepted();
    }

    /** The message is refused for good. */
    static HandlerResult rejected(String code, String message) {
        return new Rejected(code, message);
    }
}

package dev.holdfast.sample.server;

/**
 * How fast a client may send for long, and how many messages at once.
 *
 * @param messagesASecond for long
 * @param burst at once, after a silence
 */
public record RateLimit(int messagesASecond, int burst) {
    public RateLimit {
        if (messagesASecond < 1 || burst < 1) {
            throw new IllegalArgumentException(messagesASecond + " messages a second, " + burst + " at once");
        }
    }
}

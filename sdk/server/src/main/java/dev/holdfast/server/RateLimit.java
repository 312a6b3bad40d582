package dev.holdfast.server;

/**
 * A limit on how fast a client may send.
 *
 * @param messagesASecond the sustained rate in messages per second
 * @param burst the number of messages allowed at once after a pause
 */
public record RateLimit(int messagesASecond, int burst) {
    /**
     * Checks that both numbers are positive.
     *
     * @param messagesASecond the sustained rate in messages per second
     * @param burst the number of messages allowed at once after a pause
     */
    public RateLimit {
        if (messagesASecond < 1 || burst < 1) {
            throw new IllegalArgumentException(messagesASecond + " messages a second, " + burst + " at once");
        }
    }
}

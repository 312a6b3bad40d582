package dev.holdfast.sample.model;

/**
 * What became of all messages so far, counted at both ends.
 *
 * @param sent by the client
 * @param acknowledged of those
 * @param underWay of those: not over yet
 * @param received by the client
 * @param lost either way, without the client having been told
 * @param duplicated either way
 * @param reordered either way
 * @param told either way: messages of which the client was told that they may be lost
 * @param sessionsLost how often the server no longer had the session
 * @param reconnects how often the connection was made again
 */
public record Totals(
        int sent,
        int acknowledged,
        int underWay,
        int received,
        int lost,
        int duplicated,
        int reordered,
        int told,
        int sessionsLost,
        int reconnects) {
    /** Before the first message. */
    public static final Totals NONE = new Totals(0, 0, 0, 0, 0, 0, 0, 0, 0, 0);

    /** Whether messages came through, and all that did not were told of. */
    public boolean arePassed() {
        return acknowledged > 0 && received > 0 && lost + duplicated + reordered == 0;
    }

    @Override
    public String toString() {
        return "sent " + sent + ", acknowledged " + acknowledged + ", received " + received + ", lost " + lost
                + ", duplicated " + duplicated + ", reordered " + reordered;
    }
}

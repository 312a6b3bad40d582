package dev.holdfast.sample.model;

/**
 * The outcome of all messages so far, counted at both ends.
 *
 * @param sent messages that the client sent
 * @param acknowledged sent messages that the server has acknowledged
 * @param underWay sent messages whose outcome is still open
 * @param received messages that the client received
 * @param lost messages lost in either direction without a report to the client
 * @param duplicated messages duplicated in either direction
 * @param reordered messages reordered in either direction
 * @param told messages in either direction that the client reported as possibly lost
 * @param sessionsLost how often the server no longer had the session
 * @param reconnects how often the client reconnected
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
    /** The totals before the first message. */
    public static final Totals NONE = new Totals(0, 0, 0, 0, 0, 0, 0, 0, 0, 0);

    /** Returns whether messages came through, and every message that did not was reported. */
    public boolean arePassed() {
        return acknowledged > 0 && received > 0 && lost + duplicated + reordered == 0;
    }

    @Override
    public String toString() {
        return "sent " + sent + ", acknowledged " + acknowledged + ", received " + received + ", lost " + lost
                + ", duplicated " + duplicated + ", reordered " + reordered;
    }
}

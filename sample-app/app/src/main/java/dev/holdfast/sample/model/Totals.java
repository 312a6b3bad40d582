package dev.holdfast.sample.model;

import dev.holdfast.sample.demo.DirectionTotals;

/**
 * The outcome of all messages so far, counted at both ends.
 *
 * @param toServer the client's messages
 * @param fromServer the server's messages
 * @param underWay messages of the client whose outcome is still open
 * @param sessionsLost how often the server no longer had the session
 * @param reconnects how often the client reconnected
 */
public record Totals(
        DirectionTotals toServer, DirectionTotals fromServer, int underWay, int sessionsLost, int reconnects) {
    /** The totals before the first message. */
    public static final Totals NONE = new Totals(DirectionTotals.NONE, DirectionTotals.NONE, 0, 0, 0);

    /** Returns whether messages came through, and every message that did not was reported. */
    public boolean arePassed() {
        return toServer.acknowledged() > 0
                && fromServer.arrived() > 0
                && toServer.isFaultless()
                && fromServer.isFaultless();
    }

    @Override
    public String toString() {
        return "to the server: " + toServer + "\nfrom the server: " + fromServer + "\nsessions lost " + sessionsLost
                + ", reconnects " + reconnects;
    }
}

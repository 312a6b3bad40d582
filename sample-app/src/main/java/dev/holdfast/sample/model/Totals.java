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
        int reconnects) {}

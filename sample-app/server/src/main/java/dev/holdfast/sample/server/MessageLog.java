package dev.holdfast.sample.server;

import java.util.List;

/**
 * The server-to-client messages of one session that the client has not acknowledged, in order.
 *
 * <p>A log names its messages itself. Ids are opaque to everyone else; a <em>position</em> is the id of a message, or the
 * id that {@link #lastId} gave before there was any, and means "everything up to and with this one". Implementations may
 * be used from several threads, and call nobody; they may block.
 */
public interface MessageLog {
    /** Adds a message at the end; a log with a limit drops its oldest ones to keep it. Returns the message's id. */
    String append(StreamMessage message);

    /** At most {@code limit} messages that follow a position. Never a part of a history with a hole in it. */
    Read readAfter(String position, int limit);

    /** Drops every message up to and with a position, and says how many those were. */
    int trimThrough(String position);

    /** The newest position: the id of the message added last, kept or not, or the log's beginning. */
    String lastId();

    /** Whether the history after a position can be read. */
    Place locate(String position);

    /** Whether this could be a position of this log: one for which {@link #compare} has an answer. Never blocks. */
    boolean isPosition(String candidate);

    /**
     * Orders two positions of this log. Never blocks.
     *
     * @throws IllegalArgumentException if one of them {@linkplain #isPosition can't be one}
     */
    int compare(String left, String right);

    /** How many messages are kept. */
    int size();

    /** A message and its name. */
    record Entry(String id, StreamMessage message) {}

    /** What a position is to a log. */
    enum Place {
        /** All that follows it is kept. */
        HELD,
        /** Something that follows it is no longer kept. */
        TRIMMED,
        /** This log never gave it out. */
        FOREIGN
    }

    /** What was found after a position: {@code entries} is empty unless the position is {@link Place#HELD}. */
    record Read(Place place, List<Entry> entries) {}
}

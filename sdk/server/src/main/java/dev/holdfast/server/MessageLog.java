package dev.holdfast.server;

import java.util.List;

/**
 * The server-to-client messages of one session that the client has not acknowledged, in order.
 *
 * <p>A log assigns the ids of its messages. Ids are opaque to everyone else. A <em>position</em> is the id of a
 * message, or the id that {@link #lastId} returned before there was any message. It means "everything up to and
 * including this one". Implementations may be used from several threads, call nobody, and may block.
 */
interface MessageLog {
    /** So many bytes end a read, whatever its limit. */
    int MAX_READ_BYTES = 1024 * 1024;

    /** Adds a message at the end and returns its id. A log with a limit drops its oldest messages to keep it. */
    String append(StreamMessage message);

    /**
     * Reads at most {@code limit} messages that follow a position, and none after the one that makes it
     * {@value #MAX_READ_BYTES} bytes or more. Never returns part of a history with a gap.
     */
    Read readAfter(String position, int limit);

    /** Drops every message up to and including a position, and returns how many there were. */
    int trimThrough(String position);

    /** Returns the newest position: the id of the message added last, kept or not, or the beginning of the log. */
    String lastId();

    /** Returns whether the history after a position can be read. */
    Place locate(String position);

    /**
     * Returns whether this could be a position of this log, that is, one that {@link #compare} accepts. Never blocks.
     */
    boolean isPosition(String candidate);

    /**
     * Compares two positions of this log. Never blocks.
     *
     * @throws IllegalArgumentException if one of them {@linkplain #isPosition cannot be a position}
     */
    int compare(String left, String right);

    /** Returns the number of messages kept. */
    int size();

    /** A message and its id. */
    record Entry(String id, StreamMessage message) {
        /** Returns the approximate size in bytes. */
        int size() {
            if (message instanceof StreamMessage.Json json) {
                return json.text().length();
            }
            return message instanceof StreamMessage.Binary binary
                    ? binary.bytes().length
                    : ((StreamMessage.Rejection) message).message().length();
        }
    }

    /** The relation of a position to a log. */
    enum Place {
        /** Everything that follows the position is kept. */
        HELD,
        /** Something that follows the position is no longer kept. */
        TRIMMED,
        /** The log never assigned this position. */
        FOREIGN
    }

    /** The result of reading after a position: {@code entries} is empty unless the position is {@link Place#HELD}. */
    record Read(Place place, List<Entry> entries) {}
}

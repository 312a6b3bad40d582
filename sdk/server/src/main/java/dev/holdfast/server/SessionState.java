package dev.holdfast.server;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The part of a session that outlives its connections, wherever it is kept. Thread-safe, and each step is atomic. May
 * block, and may throw any exception if the store does not answer.
 *
 * <p>A connection that is granted the session gets a <em>fence</em>, a number greater than every earlier one. With an
 * older fence than the newest, nothing more is handled or acknowledged. A server that does not yet know that it has
 * lost a session can therefore do no harm.
 */
interface SessionState {
    String sid();

    String user();

    MessageLog log();

    /** Adds a message to the log, or discards it if the session has ended. Any server may call this. */
    String append(StreamMessage message);

    /** Returns whether the session can be used or resumed, as far as is known here. */
    boolean isAlive();

    /** Returns whether the session is this user's and the key is valid. */
    boolean isOwner(String user, String keyHash);

    /**
     * Grants the session to a connection, unless the connection has no right to it or the history that it needs is
     * gone. The key that it used and the next one are valid until {@link #confirmKey}.
     *
     * @param last the client's position; null for the beginning
     */
    Claim claim(String user, String keyHash, String nextKeyHash, @Nullable String last);

    /**
     * Returns whether a fence is the newest: no later connection was granted or refused the session. Returns true if the
     * store no longer knows the session.
     */
    boolean isNewest(long fence);

    /** Invalidates the previous key, because the client has the newest one. */
    void confirmKey(long fence);

    /**
     * Records in one step that the client's message {@code seq} is handled, and adds the outcome to the log. Returns
     * the ids in the log, or null if nothing was done: the fence is not the newest, or the store no longer knows the
     * session.
     */
    @Nullable
    List<String> handled(long fence, long seq, List<StreamMessage> outcome);

    /** Records that the client has handled everything through a position. */
    Acknowledged acknowledged(long fence, String position);

    /**
     * Starts the time to live, because the connection is gone. Does not throw if the store does not answer.
     *
     * @return false if the store has not done it: the time to live then began with the last renewal
     */
    boolean release(long fence);

    /** Ends the session, if it has not ended; a later claim receives this reason. */
    void end(String reason);

    /** Ends the session like {@link #end(String)}. Returns false, and does nothing, if the fence is not the newest. */
    boolean end(long fence, String reason);

    /** The result of an acknowledgement. */
    enum Acknowledged {
        /** Messages were trimmed. */
        ADVANCED,
        /** The messages had been trimmed before. */
        NOTHING_NEW,
        /** The position was never assigned. */
        FOREIGN,
        /** The fence is not the newest, or the store no longer knows the session. */
        FENCED
    }

    /** The result of a claim. */
    sealed interface Claim {
        /** There is no such session, as far as this client may know. */
        record Unknown() implements Claim {}

        /**
         * The session has ended, now or before.
         *
         * @param acknowledgeableSeq the highest seq up to which the client knows of every rejection. A rejection that
         *     is lost with the history must not pass for an acknowledgement
         */
        record Refused(String reason, long acknowledgeableSeq) implements Claim {}

        /**
         * The session is granted to the connection.
         *
         * @param position the client's position
         * @param end the newest position
         * @param lastRejectionId the newest rejection of the stream; null if there was none
         */
        record Granted(
                long fence,
                String position,
                String end,
                long handledSeq,
                @Nullable String lastRejectionId) implements Claim {}
    }
}

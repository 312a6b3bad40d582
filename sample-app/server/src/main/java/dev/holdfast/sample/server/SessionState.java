package dev.holdfast.sample.server;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What outlives the connections of one session, wherever it is kept. Thread-safe, and each step is atomic. May block, and
 * throws what it likes where the store does not answer.
 *
 * <p>A connection that is granted the session gets a <em>fence</em>: a number that no later one gets. With an older fence
 * than the newest nothing more is handled or acknowledged, so that a server that does not know yet that it has lost a
 * session can do no harm.
 */
interface SessionState {
    String sid();

    String user();

    MessageLog log();

    /** Adds a message to the log, or nowhere if the session has ended. From any server. */
    String append(StreamMessage message);

    /** Whether the session can be used or resumed, as far as is known here. */
    boolean isAlive();

    /**
     * Gives the session to a connection, unless that has no right to it or the history that it needs is gone. The key that
     * it came with and the next one are good until {@link #confirmKey}.
     *
     * @param last the client's position; null for the beginning
     */
    Claim claim(String user, String keyHash, String nextKeyHash, @Nullable String last);

    /** The client has the newest key: the one before it is no longer good. */
    void confirmKey(long fence);

    /**
     * In one step: the client's message {@code seq} is handled, and what came of it is in the log. Returns the ids that
     * it got there, or null if the fence is not the newest and nothing was done.
     */
    @Nullable
    List<String> handled(long fence, long seq, List<StreamMessage> outcome);

    /** The client has handled everything through a position. */
    Acknowledged acknowledged(long fence, String position);

    /** The connection is gone: the time to live begins. */
    void release(long fence);

    /** Ends the session, if it hasn't; a later claim is told this reason. */
    void end(String reason);

    /** What came of an acknowledgement. */
    enum Acknowledged {
        /** Messages were trimmed for it. */
        ADVANCED,
        /** They had been before. */
        NOTHING_NEW,
        /** No such position was ever given out. */
        FOREIGN,
        /** The fence is not the newest. */
        FENCED
    }

    /** What came of a claim. */
    sealed interface Claim {
        /** No such session, as far as this client may know. */
        record Unknown() implements Claim {}

        /**
         * The session has ended, now or before.
         *
         * @param acknowledgeableSeq the highest seq up to which nothing was refused without the client knowing: a refusal
         *     that is lost with the history must not pass for an acknowledgement
         */
        record Refused(String reason, long acknowledgeableSeq) implements Claim {}

        /**
         * The session is the connection's.
         *
         * @param position where the client stands
         * @param end the newest position
         * @param lastRejectionId the newest refusal of the stream, null if there was none
         */
        record Granted(
                long fence,
                String position,
                String end,
                long handledSeq,
                @Nullable String lastRejectionId) implements Claim {}
    }
}

package dev.holdfast;

/** The policies for a client whose {@link SessionStore} cannot be opened, or fails. */
public enum StoreFailure {
    /**
     * The client ends. Messages that the store has end as {@link Outcome.Kind#STORED}, all others as {@link
     * Outcome.Kind#REJECTED} with {@link Outcome.Reason#STORAGE}. Messages that were being written to a store which does not answer
     * end as {@link Outcome.Kind#UNKNOWN}.
     */
    END_CLIENT,
    /**
     * The client goes on in memory, and nothing survives the process from then on. What the store had at its failure stays in it,
     * also what was being written if it does not answer: the next client that can open it may send those messages again.
     */
    CONTINUE_IN_MEMORY
}

package dev.holdfast.internal.session;

import dev.holdfast.Outcome;

/**
 * Records what must survive the process. The machine and the queue report each change before anybody acts on it; the driver
 * performs an effect only when the changes before it are in the store. Safe from any thread.
 */
public interface Journal {
    /** Records the message as it is now: it waits, or it has a seq and goes to a connection. */
    void put(Outbound message);

    /** Records that a message which has left the queue ended in this way. Has no effect on the outcome {@code STORED}. */
    void ended(Outbound message, Outcome outcome);

    /**
     * Records that a message which waited is gone.
     *
     * @return whether the store may have the message, so that its end must not be reported before the change is stored
     */
    boolean remove(Outbound message);

    /** Returns whether the store may have the record's present content. */
    boolean mayHave(StoreRecord record);

    /** Returns whether the store still keeps what is recorded. */
    boolean isOpen();
}

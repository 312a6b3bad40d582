package dev.holdfast;

/**
 * The priority of a sent message while it waits in the queue; {@link SendOptions#withPriority} sets it. A message leaves the
 * queue only if no message of a higher priority can. Messages of the same priority leave in the order in which they were sent.
 * The constants are in order, the highest first. More constants may be added: keep a default branch.
 */
public enum Priority {
    /** For rare and small messages that control the application: they go before everything else. */
    CONTROL,
    /** For messages that a person or a program waits for. */
    HIGH,
    /** The default. */
    NORMAL,
    /** For messages that can wait until no other message waits. */
    BULK
}

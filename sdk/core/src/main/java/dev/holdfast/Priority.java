package dev.holdfast;

/**
 * The priority of a message in the queue. A message leaves the queue only if none of a higher priority can. Within a
 * priority messages keep the order in which they were sent. More constants may be added: keep a default branch.
 */
public enum Priority {
    /** For rare and small messages that control the application: they go before everything else. */
    CONTROL,
    /** For messages that somebody waits for. */
    HIGH,
    /** The default. */
    NORMAL,
    /** For messages that can wait for all others. */
    BULK
}

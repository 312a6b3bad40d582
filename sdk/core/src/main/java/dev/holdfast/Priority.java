package dev.holdfast;

/**
 * What goes first. As long as something of a higher priority can go, nothing of a lower one does; within a priority
 * messages keep the order in which they were sent.
 */
public enum Priority {
    /** Ahead of everything: what steers, and is rare and small. */
    CONTROL,
    /** Ahead of what is ordinary. */
    HIGH,
    /** What a message has unless it says otherwise. */
    NORMAL,
    /** What can wait for all else. */
    BULK
}

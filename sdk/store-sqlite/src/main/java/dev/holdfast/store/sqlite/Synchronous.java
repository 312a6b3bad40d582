package dev.holdfast.store.sqlite;

/** The failures that a committed change survives, as SQLite's {@code PRAGMA synchronous} means it. */
public enum Synchronous {
    /**
     * The end of the process in any moment, also by {@code kill -9}. If the machine loses power or the operating system
     * crashes, the newest commits may be missing: the store is then an older, consistent one.
     */
    NORMAL,
    /** The same, and a loss of power: each commit waits until the disk has the bytes. */
    FULL
}

package dev.holdfast.internal.transport;

/** Opens connections to one server. Safe from any thread. */
public interface Transport {
    /** Starts to open a connection and returns at once. Opening has a time limit. */
    Connection open(ConnectionListener listener);
}

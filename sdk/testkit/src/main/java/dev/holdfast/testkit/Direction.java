package dev.holdfast.testkit;

/** A direction of a connection. */
public enum Direction {
    /** From the client. */
    CLIENT_TO_SERVER,
    /** From the server. */
    SERVER_TO_CLIENT,
    /** Both directions. */
    BOTH;

    boolean includes(Direction one) {
        return this == BOTH || this == one;
    }
}

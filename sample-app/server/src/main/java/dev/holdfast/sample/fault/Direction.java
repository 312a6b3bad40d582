package dev.holdfast.sample.fault;

/** Which way through the proxy. */
public enum Direction {
    /** From who connected to the proxy. */
    CLIENT_TO_SERVER,
    /** From whom the proxy connected to. */
    SERVER_TO_CLIENT,
    /** Both ways. */
    BOTH;

    boolean includes(Direction one) {
        return this == BOTH || this == one;
    }
}

package dev.holdfast.sample.fault;

/** A direction through the proxy. */
public enum Direction {
    /** From the side that connected to the proxy. */
    CLIENT_TO_SERVER,
    /** From the side that the proxy connected to. */
    SERVER_TO_CLIENT,
    /** Both directions. */
    BOTH;

    boolean includes(Direction one) {
        return this == BOTH || this == one;
    }
}

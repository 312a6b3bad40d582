package dev.holdfast.sample.demo;

import java.time.Duration;

/** The objects and steps available to a scenario. */
interface Stage {
    /** Returns the server and the network. */
    Peer peer();

    /** Notes that the next step breaks the connection, to measure how long the client takes to detect it. */
    void breaking();

    /** Waits until the client has detected the break. */
    void awaitNoticed() throws InterruptedException;

    /** Waits for an open connection to break. */
    void awaitOpen() throws InterruptedException;

    /** Waits until HTTP carries the open session, or a WebSocket does. */
    void awaitCarrier(boolean http) throws InterruptedException;

    /** Notes that a fault of the storm begins. */
    void striking(Fault fault);

    /** Notes that a fault of the storm is over. */
    void over(Fault fault);

    void pause(Duration time) throws InterruptedException;
}

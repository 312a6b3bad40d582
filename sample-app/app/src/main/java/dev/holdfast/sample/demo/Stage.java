package dev.holdfast.sample.demo;

import java.time.Duration;

/** What a scenario may lay hands on. */
interface Stage {
    /** The server and the network. */
    Peer peer();

    /** The next deed breaks the connection: how long does the client take to notice? */
    void breaking();

    /** Waits until it has. */
    void awaitNoticed() throws InterruptedException;

    /** Waits for a connection to break. */
    void awaitOpen() throws InterruptedException;

    /** A fault of the storm begins. */
    void striking(Fault fault);

    void pause(Duration time) throws InterruptedException;
}

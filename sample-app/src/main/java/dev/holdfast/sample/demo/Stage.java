package dev.holdfast.sample.demo;

import dev.holdfast.ManualNetworkMonitor;
import dev.holdfast.sample.fault.FaultProxy;
import java.time.Duration;

/** What a scenario may lay hands on. */
interface Stage {
    /** The next deed breaks the connection: how long does the client take to notice? */
    void breaking();

    /** Waits until it has. */
    void awaitNoticed() throws InterruptedException;

    /** Waits for a connection to break. */
    void awaitOpen() throws InterruptedException;

    /** A fault of the storm begins. */
    void striking(Fault fault);

    FaultProxy proxy();

    ManualNetworkMonitor network();

    void stopServer();

    void startServer();

    void loseLogs();

    void expireSessions();

    void expireCredentials();

    void drain(Duration after);

    void pause(Duration time) throws InterruptedException;
}

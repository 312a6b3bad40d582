package dev.holdfast.testkit;

import java.time.Duration;

/**
 * The faults that all connections of a proxy share. After changing one, the caller wakes the pipes so that they look
 * again.
 */
final class Faults {
    private volatile boolean clientToServerHole;
    private volatile boolean serverToClientHole;
    private volatile long delayNanos;
    private volatile long bytesPerSecond;
    private volatile Middlebox middlebox = Middlebox.NONE;

    void blackHole(Direction direction, boolean on) {
        if (direction.includes(Direction.CLIENT_TO_SERVER)) {
            clientToServerHole = on;
        }
        if (direction.includes(Direction.SERVER_TO_CLIENT)) {
            serverToClientHole = on;
        }
    }

    boolean isHole(Direction direction) {
        return direction == Direction.CLIENT_TO_SERVER ? clientToServerHole : serverToClientHole;
    }

    void delay(Duration delay) {
        delayNanos = delay.toNanos();
    }

    long delayNanos() {
        return delayNanos;
    }

    void throttle(long rate) {
        bytesPerSecond = rate;
    }

    /** Returns the limit in bytes per second, or 0 for no limit. */
    long bytesPerSecond() {
        return bytesPerSecond;
    }

    void middlebox(Middlebox between) {
        middlebox = between;
    }

    Middlebox middlebox() {
        return middlebox;
    }
}

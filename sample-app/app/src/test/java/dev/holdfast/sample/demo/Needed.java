package dev.holdfast.sample.demo;

import static org.junit.jupiter.api.Assertions.fail;

import dev.holdfast.sample.node.Programs;
import dev.holdfast.sample.node.RedisNetwork;
import dev.holdfast.sample.node.RedisServer;
import org.junit.jupiter.api.Assumptions;

/**
 * The programs that a test needs on the machine. If one is missing, the test is skipped and prints why; with
 * {@code -Dinterop.required=true} it fails.
 */
final class Needed {
    private Needed() {}

    static void program(String name) {
        if (Programs.find(name).isPresent()) return;
        missing(Programs.missing(name));
    }

    /** A Redis in a network of its own. The test is skipped if this machine does not permit one, whatever is required. */
    static void redisNetwork() {
        program(RedisServer.PROGRAM);
        RedisNetwork.missing().ifPresent(Needed::missing);
        RedisNetwork.refusal().ifPresent(Needed::skip);
    }

    private static void missing(String message) {
        if (Boolean.getBoolean("interop.required")) fail(message);
        skip(message);
    }

    private static void skip(String message) {
        System.err.println("skipped: " + message);
        Assumptions.abort(message);
    }
}

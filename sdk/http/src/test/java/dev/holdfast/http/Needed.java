package dev.holdfast.http;

import static org.junit.jupiter.api.Assertions.fail;

import dev.holdfast.sample.node.Programs;
import org.junit.jupiter.api.Assumptions;

/**
 * The programs that a test needs on the machine. If one is missing, the test is skipped and prints why; with
 * {@code -Dinterop.required=true} it fails.
 */
final class Needed {
    private Needed() {}

    static void program(String name) {
        if (Programs.find(name).isEmpty()) isMissing(Programs.missing(name));
    }

    static void isMissing(String message) {
        if (Boolean.getBoolean("interop.required")) fail(message);
        System.err.println("skipped: " + message);
        Assumptions.abort(message);
    }
}

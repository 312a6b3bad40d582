package dev.holdfast.sample.node;

import static org.junit.jupiter.api.Assertions.fail;

import dev.holdfast.conformance.Target;
import java.net.URI;
import java.time.Duration;
import org.junit.jupiter.api.Assumptions;

/** Runs the conformance suite against a server with the application of docs/server-authors.md. */
final class Conformance {
    private static final Duration MAX_TTL = Duration.ofSeconds(8);
    private static final int MAX_WINDOW = 1500;
    private static final int LOG_LIMIT = 2000;
    private static final int THREADS = 16;

    private Conformance() {}

    static void needsProgram(String name) {
        needs(Programs.find(name).isPresent(), Programs.missing(name));
    }

    /** Skips the test and prints why, unless the condition holds; with {@code -Dinterop.required=true} it fails. */
    static void needs(boolean condition, String otherwise) {
        if (condition) return;
        if (Boolean.getBoolean("interop.required")) fail(otherwise);
        System.err.println("skipped: " + otherwise);
        Assumptions.abort(otherwise);
    }

    /** Returns the server as the suite knows it; the suite must find that it carries sessions over HTTP too. */
    static Target target(String url) {
        Duration patience = Duration.ofMillis(Long.getLong("conformance.patience", 8000));
        return Target.of(URI.create(url))
                .withCredentials("\"alice\"", "\"bob\"", "\"alice-for-a-moment\"", "\"eve\"", "eve")
                .withLimits(MAX_TTL, MAX_WINDOW, LOG_LIMIT)
                .withPace(patience, THREADS)
                .withHttp(Target.Http.YES, false);
    }
}

package dev.holdfast.benchmarks.run;

import dev.holdfast.benchmarks.wire.Work;
import java.net.URI;

/**
 * The location of the server.
 *
 * @param port the port on loopback
 * @param session whether the client speaks {@code resume.v1.json}
 */
record Place(int port, boolean session) {
    URI of(Work work) {
        return (session ? work.inSession() : work).at(port);
    }
}

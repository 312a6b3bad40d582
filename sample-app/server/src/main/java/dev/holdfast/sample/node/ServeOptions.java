package dev.holdfast.sample.node;

import dev.holdfast.sample.server.ReferenceServer;
import dev.holdfast.server.SessionStore;
import java.time.Duration;

/**
 * The options of the command {@code server}.
 *
 * @param server all options except where its sessions are kept
 * @param log where its sessions are kept, for {@link SessionStore#at}
 * @param conformance whether it runs the application of the conformance suite
 * @param drain how long clients may take to leave when the server stops
 */
record ServeOptions(ReferenceServer.Options server, String log, boolean conformance, Duration drain) {
    /**
     * Returns the options that arguments mean.
     *
     * @throws IllegalArgumentException if they are wrong; its message is a sentence for the user
     */
    static ServeOptions parse(String... args) {
        return ServeCommand.parse(args);
    }
}

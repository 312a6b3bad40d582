package dev.holdfast.benchmarks.scale;

import dev.holdfast.sample.server.ReferenceServer;
import dev.holdfast.server.HoldfastServer;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/**
 * The reference server in its own process. It prints its address and obeys lines: {@code cut} drops all connections
 * without a close frame, {@code stats} prints the counts. It ends when its standard input ends.
 */
public final class ScaleServer {
    static final String CUT = "cut";
    static final String STATS = "stats";

    private ScaleServer() {}

    /** Runs the server; there are no arguments. */
    public static void main(String[] args) throws IOException {
        try (ReferenceServer server = ReferenceServer.start(ReferenceServer.Options.defaults())) {
            System.out.println(server.url());
            BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
            for (String line; (line = in.readLine()) != null; ) {
                switch (line) {
                    case CUT -> server.dropConnections();
                    case STATS -> print(server.stats());
                    default -> throw new IllegalArgumentException("no command " + line);
                }
            }
        }
    }

    private static void print(HoldfastServer.Stats stats) {
        System.out.printf(
                Locale.ROOT,
                "%d connections, %d sessions new, %d resumed, %d messages handled, %d protocol errors%n",
                stats.openConnections(),
                stats.created(),
                stats.resumed(),
                stats.handled(),
                stats.protocolErrors());
    }
}

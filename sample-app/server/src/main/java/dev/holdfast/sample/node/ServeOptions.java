package dev.holdfast.sample.node;

import dev.holdfast.sample.server.RateLimit;
import dev.holdfast.sample.server.ReferenceServer;
import dev.holdfast.sample.server.SessionStore;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The command line options of a server.
 *
 * @param server all options except where its sessions are kept
 * @param log where its sessions are kept, for {@link SessionStore#at}
 * @param conformance whether it runs the application of the conformance suite
 */
record ServeOptions(ReferenceServer.Options server, String log, boolean conformance) {
    static final String USAGE =
            "usage: server [--port N] [--log memory|redis://host:port/number] [--origin URL]... [--rate MESSAGES-A-SECOND]"
                    + " [--conformance]";

    private static final int DEFAULT_PORT = 8080;
    private static final int MAX_PORT = 65_535;

    static ServeOptions parse(String... args) {
        Deque<String> rest = new ArrayDeque<>(List.of(args));
        ReferenceServer.Options server = ReferenceServer.Options.defaults().withPort(DEFAULT_PORT);
        Set<String> origins = new HashSet<>();
        String log = SessionStore.MEMORY;
        boolean conformance = false;
        for (String arg = rest.poll(); arg != null; arg = rest.poll()) {
            switch (arg) {
                case "--port" -> server = server.withPort(number(arg, rest.poll(), 0, MAX_PORT));
                case "--log" -> log = SessionStore.checkedAddress(value(arg, rest.poll()));
                case "--origin" -> origins.add(value(arg, rest.poll()));
                case "--conformance" -> {
                    server = ConformanceApplication.options(server);
                    conformance = true;
                }
                case "--rate" -> {
                    int rate = number(arg, rest.poll(), 1, Integer.MAX_VALUE);
                    server = server.withRateLimit(new RateLimit(rate, rate));
                }
                default -> throw new IllegalArgumentException("unknown argument " + arg);
            }
        }
        return new ServeOptions(server.withOrigins(origins), log, conformance);
    }

    private static String value(String option, @Nullable String value) {
        if (value == null) throw new IllegalArgumentException(option + " wants a value");
        return value;
    }

    private static int number(String option, @Nullable String value, int least, int most) {
        try {
            int number = Integer.parseInt(value(option, value));
            if (number >= least && number <= most) return number;
        } catch (NumberFormatException e) {
            // Reported below.
        }
        throw new IllegalArgumentException(option + " wants a number from " + least + " to " + most + ", not " + value);
    }
}

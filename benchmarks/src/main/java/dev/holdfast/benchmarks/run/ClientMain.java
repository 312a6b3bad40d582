package dev.holdfast.benchmarks.run;

import dev.holdfast.benchmarks.client.Client;
import dev.holdfast.benchmarks.client.ClientKind;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * A program that runs one client in its own JVM. It reads cases from its standard input and answers each with its
 * figures.
 */
public final class ClientMain {
    /** The prefix of an answer, because clients may write to the standard output too. */
    static final String ANSWER = "> ";

    /** The prefix of an answer that reports a failure. */
    static final String FAILED = ANSWER + "failed ";

    private ClientMain() {}

    /**
     * Runs until the standard input ends.
     *
     * @param args the client and the server's port
     */
    public static void main(String[] args) throws IOException {
        ClientKind kind = ClientKind.valueOf(args[0]);
        int port = Integer.parseInt(args[1]);
        BufferedReader commands = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII));
        for (String line; (line = commands.readLine()) != null; ) System.out.println(answer(kind, port, line));
        System.exit(0);
    }

    /** Returns the line that makes a client's process run a case. */
    static String command(Case which, Budget budget) {
        return which + " " + budget.warmMillis() + " " + budget.measureMillis() + " " + budget.idleConnections();
    }

    private static String answer(ClientKind kind, int port, String command) {
        String[] words = command.split(" ", -1);
        Budget budget = new Budget(Long.parseLong(words[1]), Long.parseLong(words[2]), Integer.parseInt(words[3]));
        try {
            return ANSWER
                    + measure(kind, port, Case.valueOf(words[0]), budget).entrySet().stream()
                            .map(figure -> figure.getKey() + "=" + figure.getValue())
                            .collect(Collectors.joining(" "));
        } catch (Exception e) {
            return FAILED + e;
        }
    }

    /** Runs a case with a client created for it. */
    public static Map<Metric, Double> measure(ClientKind kind, int port, Case which, Budget budget) throws Exception {
        try (Client client = kind.create()) {
            return which.workload().run(client, new Place(port, kind.speaksSession()), budget);
        }
    }
}

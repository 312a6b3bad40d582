package dev.holdfast.benchmarks.run;

import dev.holdfast.benchmarks.client.ClientKind;
import dev.holdfast.benchmarks.server.BenchmarkServer;
import java.io.IOException;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** A server and the clients' processes. They stay from round to round, so that they need to warm up only once. */
final class Stage implements AutoCloseable {
    private static final List<String> SERVER_OPTIONS = List.of("-Xmx256m");
    private static final List<String> CLIENT_OPTIONS = List.of("-Xms512m", "-Xmx512m");
    /**
     * All of the heap is in RAM from the start, so that resident memory grows by the rest alone, and nothing is compiled: compilers take and
     * release megabytes, whatever the number of connections.
     */
    private static final List<String> ALONE_OPTIONS = List.of("-Xms512m", "-Xmx512m", "-XX:+AlwaysPreTouch", "-Xint");

    private final List<String> prefix;
    private final ChildProcess server;
    private final String port;
    private final Map<ClientKind, ChildProcess> clients = new EnumMap<>(ClientKind.class);

    /** @param prefix the command that starts each process, such as {@code taskset}; empty for none */
    Stage(List<String> prefix) throws IOException {
        this.prefix = prefix;
        this.server = new ChildProcess(prefix, SERVER_OPTIONS, BenchmarkServer.class);
        this.port = server.readLine();
    }

    /** Runs a case in a client's process. */
    Map<Metric, Double> measure(ClientKind kind, Case which, Budget budget) throws IOException {
        ChildProcess client = clients.get(kind);
        if (client == null) {
            client = start(kind, CLIENT_OPTIONS);
            clients.put(kind, client);
        }
        return ask(client, which, budget);
    }

    /** Runs a case in a process that does nothing else. */
    Map<Metric, Double> measureAlone(ClientKind kind, Case which, Budget budget) throws IOException {
        try (ChildProcess client = start(kind, ALONE_OPTIONS)) {
            return ask(client, which, budget);
        }
    }

    private ChildProcess start(ClientKind kind, List<String> options) throws IOException {
        return new ChildProcess(prefix, options, ClientMain.class, kind.name(), port);
    }

    private static Map<Metric, Double> ask(ChildProcess client, Case which, Budget budget) throws IOException {
        client.writeLine(ClientMain.command(which, budget));
        String answer;
        do {
            answer = client.readLine();
        } while (!answer.startsWith(ClientMain.ANSWER));
        if (answer.startsWith(ClientMain.FAILED)) {
            throw new IOException(answer.substring(ClientMain.FAILED.length()));
        }
        Map<Metric, Double> figures = new EnumMap<>(Metric.class);
        for (String figure : answer.substring(ClientMain.ANSWER.length()).split(" ", -1)) {
            int equals = figure.indexOf('=');
            figures.put(Metric.valueOf(figure.substring(0, equals)), Double.parseDouble(figure.substring(equals + 1)));
        }
        return figures;
    }

    @Override
    public void close() {
        clients.values().forEach(ChildProcess::close);
        server.close();
    }
}

package dev.holdfast.benchmarks.store;

import dev.holdfast.benchmarks.run.ChildProcess;
import dev.holdfast.benchmarks.server.BenchmarkServer;
import dev.holdfast.benchmarks.wire.Payloads;
import dev.holdfast.benchmarks.wire.Work;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/**
 * Measures how many messages of 256 B a second can be sent so that they survive the process, and how long {@code send} itself
 * takes, at a rate that none of the Holdfast clients is busy with. The contenders take turns in each round. Prints Markdown.
 */
public final class DurableSends {
    private static final int BYTES = 256;
    private static final int ROUNDS = Integer.getInteger("durable.rounds", 5);
    private static final long ROUND_NANOS = TimeUnit.MILLISECONDS.toNanos(Integer.getInteger("durable.millis", 1_500));

    /** Messages that are sent and not yet stored. */
    private static final int WINDOW = 8_192;

    private static final int PACED_A_SECOND = 5_000;
    private static final int TARGET = 20_000;

    /** The server's answers to the client's messages, of which none is wanted. */
    private static final int NEVER = Integer.MAX_VALUE;

    private record Figures(List<Double> rates, List<Double> p50, List<Double> p99) {
        Figures() {
            this(new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
        }
    }

    private DurableSends() {}

    public static void main(String[] args) throws Exception {
        Path folder = Files.createTempDirectory("holdfast-durable");
        Map<Contender.Kind, Figures> figures = new EnumMap<>(Contender.Kind.class);
        try (ChildProcess server = new ChildProcess(List.of(), List.of("-Xmx256m"), BenchmarkServer.class)) {
            URI uri = Work.sink(NEVER).inSession().at(Integer.parseInt(server.readLine()));
            // The first round warms up.
            for (int round = 0; round <= ROUNDS; round++) {
                for (Contender.Kind kind : Contender.Kind.values()) {
                    Figures of = round == 0 ? new Figures() : figures.computeIfAbsent(kind, key -> new Figures());
                    Path own = Files.createDirectory(folder.resolve(kind + "-" + round));
                    try (Contender contender = kind.open(own, uri)) {
                        of.rates.add(rate(contender));
                        latencies(contender, of);
                    }
                    delete(own);
                }
            }
        } finally {
            delete(folder);
        }
        System.out.print(markdown(figures));
        System.out.println(summary(figures));
    }

    /** Returns the figures that have a target, in one line. */
    private static String summary(Map<Contender.Kind, Figures> figures) {
        Figures stored = Objects.requireNonNull(figures.get(Contender.Kind.NORMAL));
        Figures inMemory = Objects.requireNonNull(figures.get(Contender.Kind.IN_MEMORY));
        return String.format(
                Locale.ROOT,
                "NORMAL: %,.0f stored messages/s (target: %,d); p99 of send: %.1f us with the store, %.1f us without",
                middle(stored.rates),
                TARGET,
                middle(stored.p99),
                middle(inMemory.p99));
    }

    private static double middle(List<Double> rounds) {
        Collections.sort(rounds);
        return rounds.get(rounds.size() / 2);
    }

    /** Sends as fast as the window allows. Returns the messages stored in a second. */
    private static double rate(Contender contender) throws Exception {
        String text = Payloads.text(BYTES);
        Semaphore window = new Semaphore(WINDOW);
        long begin = System.nanoTime();
        long sent = 0;
        do {
            if (!window.tryAcquire(60, TimeUnit.SECONDS)) throw new IllegalStateException("not stored");
            contender.send(text, window::release);
            sent++;
        } while (System.nanoTime() - begin < ROUND_NANOS);
        if (!window.tryAcquire(WINDOW, 60, TimeUnit.SECONDS)) throw new IllegalStateException("not stored");
        return sent * 1e9 / (System.nanoTime() - begin);
    }

    /** Sends at an even pace, and measures how long each send takes. */
    private static void latencies(Contender contender, Figures figures) throws Exception {
        String text = Payloads.text(BYTES);
        Semaphore window = new Semaphore(0);
        int count = (int) (PACED_A_SECOND * ROUND_NANOS / TimeUnit.SECONDS.toNanos(1));
        long[] nanos = new long[count];
        long between = TimeUnit.SECONDS.toNanos(1) / PACED_A_SECOND;
        long begin = System.nanoTime();
        int sent = 0;
        while (sent < count && System.nanoTime() - begin < 2 * ROUND_NANOS) {
            while (System.nanoTime() - begin < sent * between) LockSupport.parkNanos(1_000);
            long before = System.nanoTime();
            contender.send(text, window::release);
            nanos[sent++] = System.nanoTime() - before;
        }
        if (!window.tryAcquire(sent, 60, TimeUnit.SECONDS)) throw new IllegalStateException("not stored");
        Arrays.sort(nanos, 0, sent);
        figures.p50.add(nanos[sent / 2] / 1e3);
        figures.p99.add(nanos[(int) (sent * 0.99)] / 1e3);
    }

    private static String markdown(Map<Contender.Kind, Figures> figures) {
        StringBuilder table =
                new StringBuilder("| | stored messages/s | `send`, p50, us | `send`, p99, us |\n|---|---|---|---|\n");
        figures.forEach((kind, of) -> table.append("| ")
                .append(kind.title())
                .append(" | ")
                // Without a store a message is counted when it is written to the socket.
                .append(median("%,.0f", of.rates))
                .append(kind == Contender.Kind.IN_MEMORY ? ", written, not stored | " : " | ")
                .append(median("%.1f", of.p50))
                .append(" | ")
                .append(median("%.1f", of.p99))
                .append(" |\n"));
        return table.toString();
    }

    /** Returns the median with the minimum and the maximum. */
    private static String median(String format, List<Double> rounds) {
        double middle = middle(rounds);
        return String.format(
                Locale.ROOT,
                format + " (" + format + " to " + format + ")",
                middle,
                rounds.get(0),
                rounds.get(rounds.size() - 1));
    }

    private static void delete(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) Files.delete(file);
        }
    }
}

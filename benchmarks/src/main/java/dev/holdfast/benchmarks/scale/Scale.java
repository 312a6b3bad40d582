package dev.holdfast.benchmarks.scale;

import dev.holdfast.Metrics.Counter;
import dev.holdfast.benchmarks.run.ChildProcess;
import dev.holdfast.benchmarks.run.Meter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/**
 * A benchmark with many idle {@code resume.v1.json} sessions to the reference server in this JVM, on virtual threads
 * and with heartbeats. It measures the heap and the threads that each session keeps, whether they stay constant, and
 * how the sessions reconnect when all are cut at once. Prints Markdown.
 */
public final class Scale {
    private static final long SETTLE_MILLIS = 500;

    private final int sessions;
    private final int minutes;
    private final int budget;
    private final VirtualThreads threads = new VirtualThreads();
    private final List<String> rows = new ArrayList<>();

    private Scale(int sessions, int minutes, int budget) {
        this.sessions = sessions;
        this.minutes = minutes;
        this.budget = budget;
    }

    /**
     * Measures, and prints the report.
     *
     * @param args {@code --sessions N}; {@code --minutes N}, how long they are watched; {@code --budget N}, the maximum
     *     number of attempts per second that they make together
     */
    public static void main(String[] args) throws Exception {
        int sessions = 10_000;
        int minutes = 10;
        int budget = 1000;
        for (int i = 0; i < args.length; i += 2) {
            int value = Integer.parseInt(args[i + 1]);
            switch (args[i]) {
                case "--sessions" -> sessions = value;
                case "--minutes" -> minutes = value;
                case "--budget" -> budget = value;
                default -> throw new IllegalArgumentException("no option " + args[i]);
            }
        }
        new Scale(sessions, minutes, budget).run();
    }

    private void run() throws Exception {
        List<String> serverOptions = List.of("-Xmx2g");
        try (ChildProcess server = new ChildProcess(List.of(), serverOptions, ScaleServer.class);
                Fleet fleet = new Fleet(server.readLine(), threads, budget)) {
            fleet.open(1);
            long heapBefore = Meter.heapInUse(SETTLE_MILLIS);
            int platformBefore = Meter.platformThreads();
            int virtualBefore = threads.running();
            fleet.open(sessions);
            double each = (double) (Meter.heapInUse(SETTLE_MILLIS) - heapBefore) / sessions;
            row("heap of a session", "%.1f kB", each / 1000);
            row("virtual threads of a session", "%.2f", (double) (threads.running() - virtualBefore) / sessions);
            row("platform threads more, for all sessions", "%d", Meter.platformThreads() - platformBefore);
            watch(fleet);
            cut(fleet, server);
        }
        System.out.printf(
                "%nJava %s, %d sessions, %d attempts in a second%n%n| | |%n|---|---|%n",
                System.getProperty("java.version"), sessions, budget);
        rows.forEach(System.out::println);
    }

    private void watch(Fleet fleet) throws Exception {
        long pongsBefore = fleet.count(Counter.PONGS);
        long least = Long.MAX_VALUE;
        long most = 0;
        for (int minute = 1; minute <= minutes; minute++) {
            TimeUnit.MINUTES.sleep(1);
            long heap = Meter.heapInUse(SETTLE_MILLIS);
            least = Math.min(least, heap);
            most = Math.max(most, heap);
            System.out.printf(
                    Locale.ROOT,
                    "minute %d: heap %.1f MB, %d virtual and %d platform threads, %d pongs, %d failures%n",
                    minute,
                    heap / 1e6,
                    threads.running(),
                    Meter.platformThreads(),
                    fleet.count(Counter.PONGS) - pongsBefore,
                    fleet.count(Counter.FAILURES));
        }
        if (minutes == 0) return;
        row("heap after each of " + minutes + " minutes, least and most", "%.1f, %.1f MB", least / 1e6, most / 1e6);
        double perMinute = (double) (fleet.count(Counter.PONGS) - pongsBefore) / minutes / fleet.size();
        row("pongs of a session in a minute", "%.2f", perMinute);
        row("connections lost meanwhile", "%d", fleet.count(Counter.FAILURES));
    }

    private void cut(Fleet fleet, ChildProcess server) throws Exception {
        long attemptsBefore = fleet.count(Counter.ATTEMPTS);
        fleet.forget();
        long cutAt = System.nanoTime();
        server.writeLine(ScaleServer.CUT);
        fleet.awaitOpened(fleet.size());
        List<Long> openings = fleet.openings();
        row(
                "cut at once: half of them, 99 %%, all back after",
                "%.2f, %.2f, %.2f s",
                seconds(openings, 0.5, cutAt),
                seconds(openings, 0.99, cutAt),
                seconds(openings, 1, cutAt));
        double attempts = fleet.count(Counter.ATTEMPTS) - attemptsBefore;
        row("attempts of a session", "%.3f", attempts / fleet.size());
        row(
                "attempts begun in the busiest second, and in the busiest tenth of one",
                "%d, %d",
                busiest(fleet.attempts(), TimeUnit.SECONDS.toNanos(1)),
                busiest(fleet.attempts(), TimeUnit.MILLISECONDS.toNanos(100)));
        fleet.sendInAll();
        server.writeLine(ScaleServer.STATS);
        row("what the server counted, after a message of each", "%s", server.readLine());
        row("heap after it", "%.1f MB", Meter.heapInUse(SETTLE_MILLIS) / 1e6);
    }

    private void row(String title, String format, Object... values) {
        String row = String.format(Locale.ROOT, "| " + title + " | " + format + " |", values);
        rows.add(row);
        System.out.println(row);
    }

    private static double seconds(List<Long> sorted, double part, long since) {
        int index = (int) Math.ceil(part * sorted.size()) - 1;
        return (sorted.get(index) - since) / 1e9;
    }

    /** Returns the maximum number of times within one span. */
    private static int busiest(List<Long> sorted, long span) {
        int most = 0;
        int from = 0;
        for (int to = 0; to < sorted.size(); to++) {
            while (sorted.get(to) - sorted.get(from) >= span) from++;
            most = Math.max(most, to - from + 1);
        }
        return most;
    }
}

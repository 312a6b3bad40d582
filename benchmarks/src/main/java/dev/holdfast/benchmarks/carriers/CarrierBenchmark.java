package dev.holdfast.benchmarks.carriers;

import dev.holdfast.benchmarks.run.ChildProcess;
import dev.holdfast.sample.node.Nginx;
import dev.holdfast.sample.node.Programs;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * Measures the latency and the throughput of one session over a WebSocket, over HTTP/1.1 and over HTTP/2. The ways take turns in each
 * round. Prints Markdown. Without nginx it leaves out the ways through it.
 *
 * <p>Arguments: the number of rounds, and the milliseconds of each of the four measurements of a way in a round.
 */
public final class CarrierBenchmark {
    private static final String MESSAGE = "x".repeat(CarrierServer.BYTES);
    private static final String SMALL = CarrierServer.ECHO + "x".repeat(60);
    private static final long PAUSE_MILLIS = 50;

    /** Messages that are sent and not yet acknowledged. */
    private static final int WINDOW = 8_192;

    /** Batches that are under way at a time. */
    private static final int BATCHES = 2;

    /** The figures of a way, one of each round. */
    private record Figures(
            List<Double> p50,
            List<Double> p99,
            List<Double> paused,
            List<Double> sent,
            List<Double> uploads,
            List<Double> received) {
        Figures() {
            this(
                    new ArrayList<>(),
                    new ArrayList<>(),
                    new ArrayList<>(),
                    new ArrayList<>(),
                    new ArrayList<>(),
                    new ArrayList<>());
        }
    }

    private final long roundNanos;

    private CarrierBenchmark(long roundNanos) {
        this.roundNanos = roundNanos;
    }

    public static void main(String[] args) throws Exception {
        int rounds = Integer.parseInt(args[0]);
        CarrierBenchmark benchmark = new CarrierBenchmark(TimeUnit.MILLISECONDS.toNanos(Long.parseLong(args[1])));
        try (ChildProcess server = new ChildProcess(List.of(), List.of("-Xmx256m"), CarrierServer.class)) {
            int port = Integer.parseInt(server.readLine());
            Map<Way.Proxy, String> urls = new EnumMap<>(Way.Proxy.class);
            urls.put(Way.Proxy.NONE, "ws://127.0.0.1:" + port + "/live");
            if (Programs.find(Nginx.PROGRAM).isEmpty()) {
                System.err.println(Programs.missing(Nginx.PROGRAM));
                System.out.print(benchmark.measure(rounds, urls));
                return;
            }
            try (Nginx upgrades = Nginx.before(port, port);
                    Nginx http1 = Nginx.withoutUpgrades(port, port);
                    Nginx http2 = Nginx.http2(port, port)) {
                urls.put(Way.Proxy.UPGRADES, upgrades.url());
                urls.put(Way.Proxy.HTTP_1, http1.url());
                urls.put(Way.Proxy.HTTP_2, http2.url());
                System.out.print(benchmark.measure(rounds, urls));
            }
        }
    }

    /** Returns a table. */
    private String measure(int rounds, Map<Way.Proxy, String> urls) throws InterruptedException {
        Map<Way, Figures> figures = new EnumMap<>(Way.class);
        // The first round warms up.
        for (int round = 0; round <= rounds; round++) {
            for (Way way : Way.values()) {
                String url = urls.get(way.proxy);
                if (url == null) continue;
                Figures of = round == 0 ? new Figures() : figures.computeIfAbsent(way, key -> new Figures());
                try (CarrierClient client = new CarrierClient(way, url)) {
                    roundTrips(client, of);
                    of.paused.add(pausedRoundTrips(client));
                    send(client, of);
                    of.received.add(receive(client));
                }
            }
        }
        return markdown(figures);
    }

    /** Sends the next message when the answer to the one before has come. */
    private void roundTrips(CarrierClient client, Figures figures) throws InterruptedException {
        long[] nanos = new long[1 << 20];
        int count = 0;
        long begin = System.nanoTime();
        do {
            nanos[count++] = roundTrip(client);
        } while (count < nanos.length && System.nanoTime() - begin < roundNanos);
        Arrays.sort(nanos, 0, count);
        figures.p50.add(nanos[count / 2] / 1e6);
        figures.p99.add(nanos[(int) (count * 0.99)] / 1e6);
    }

    /** Returns the median in milliseconds of messages with a pause between them, in which a request over HTTP has its answer. */
    private double pausedRoundTrips(CarrierClient client) throws InterruptedException {
        List<Double> millis = new ArrayList<>();
        long begin = System.nanoTime();
        do {
            TimeUnit.MILLISECONDS.sleep(PAUSE_MILLIS);
            millis.add(roundTrip(client) / 1e6);
        } while (System.nanoTime() - begin < roundNanos);
        Collections.sort(millis);
        return millis.get(millis.size() / 2);
    }

    private static long roundTrip(CarrierClient client) throws InterruptedException {
        long begin = System.nanoTime();
        client.send(SMALL, () -> {});
        client.awaitReceived(1);
        return System.nanoTime() - begin;
    }

    /** Sends as fast as acknowledgements come. */
    private void send(CarrierClient client, Figures figures) throws InterruptedException {
        Semaphore window = new Semaphore(WINDOW);
        long uploads = client.uploads();
        long begin = System.nanoTime();
        long sent = 0;
        do {
            CarrierClient.acquire(window, 1);
            client.send(MESSAGE, window::release);
            sent++;
        } while (System.nanoTime() - begin < roundNanos);
        CarrierClient.acquire(window, WINDOW);
        double seconds = (System.nanoTime() - begin) / 1e9;
        figures.sent.add(sent / seconds);
        figures.uploads.add((client.uploads() - uploads) / seconds);
    }

    /** Asks for the next batch when one has come, so that the server always has one to send. Returns the messages received in a second. */
    private double receive(CarrierClient client) throws InterruptedException {
        long begin = System.nanoTime();
        for (int i = 0; i < BATCHES; i++) client.send(CarrierServer.BATCH, () -> {});
        long batches = BATCHES;
        while (System.nanoTime() - begin < roundNanos) {
            client.awaitReceived(CarrierServer.BATCH_MESSAGES);
            client.send(CarrierServer.BATCH, () -> {});
            batches++;
        }
        client.awaitReceived(BATCHES * CarrierServer.BATCH_MESSAGES);
        return batches * CarrierServer.BATCH_MESSAGES * 1e9 / (System.nanoTime() - begin);
    }

    private static String markdown(Map<Way, Figures> figures) {
        StringBuilder table = new StringBuilder("| | round trip, p50, ms | round trip, p99, ms | after a pause, p50, ms"
                + " | send 256 B, messages/s | requests/s of it | receive 256 B, messages/s |\n"
                + "|---|---|---|---|---|---|---|\n");
        figures.forEach((way, of) -> table.append("| ")
                .append(String.join(
                        " | ",
                        way.title,
                        median("%.2f", of.p50),
                        median("%.2f", of.p99),
                        median("%.2f", of.paused),
                        median("%,.0f", of.sent),
                        way.overHttp ? median("%.0f", of.uploads) : "",
                        median("%,.0f", of.received)))
                .append(" |\n"));
        return table.toString();
    }

    /** Returns the median with the minimum and the maximum. */
    private static String median(String format, List<Double> rounds) {
        Collections.sort(rounds);
        return String.format(
                Locale.ROOT,
                format + " (" + format + " to " + format + ")",
                rounds.get(rounds.size() / 2),
                rounds.get(0),
                rounds.get(rounds.size() - 1));
    }
}

package dev.holdfast.autobahn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.holdfast.internal.message.CloseStatus;
import dev.holdfast.internal.time.Scheduler;
import dev.holdfast.internal.transport.Connection;
import dev.holdfast.internal.transport.ConnectionListener;
import dev.holdfast.internal.transport.ConnectionSettings;
import dev.holdfast.internal.transport.OkHttpTransport;
import dev.holdfast.internal.transport.TransportException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okio.ByteString;
import okio.Utf8;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Every case of the Autobahn test suite that {@code -Dautobahn.cases} names, all by default. Only {@code mvn -Pautobahn
 * verify} runs it.
 */
@Tag("autobahn")
class AutobahnTest {
    private static final String CASES = System.getProperty("autobahn.cases", "*");
    private static final String AGENT = "holdfast";
    private static final Path FOLDER = Path.of("target", "autobahn").toAbsolutePath();
    private static final long CASE_LIMIT_SECONDS = 120;
    private static final long MAX_MESSAGE_BYTES = 64L << 20;

    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
    private final OkHttpClient client = new OkHttpClient();

    @AfterEach
    void stop() {
        threads.shutdownNow();
        timer.shutdownNow();
    }

    @Test
    void everyCaseIsOkOrInformational() throws Exception {
        Map<String, String> results = new TreeMap<>();
        int cases;
        try (AutobahnServer server = AutobahnServer.start(FOLDER, CASES)) {
            cases = Integer.parseInt(run(server.url("/getCaseCount"), false));
            for (int number = 1; number <= cases; number++) {
                run(server.url("/runCase?case=" + number + "&agent=" + AGENT), true);
            }
            run(server.url("/updateReports?agent=" + AGENT), false);
            JsonNode index = new ObjectMapper()
                    .readTree(Files.readAllBytes(FOLDER.resolve("reports").resolve("index.json")))
                    .path(AGENT);
            index.properties().forEach(one -> {
                String result = one.getValue().path("behavior").asText();
                String close = one.getValue().path("behaviorClose").asText();
                results.put(one.getKey(), result.equals("OK") && !close.equals("OK") ? close : result);
            });
        }
        long ok = count(results, "OK");
        long informational = count(results, "INFORMATIONAL");
        long nonStrict = count(results, "NON-STRICT");
        System.out.printf(
                "autobahn: %d cases, %d ok, %d informational, %d non-strict, %d failed%n",
                cases, ok, informational, nonStrict, cases - ok - informational - nonStrict);
        results.values().removeIf(result -> result.equals("OK") || result.equals("INFORMATIONAL"));
        assertTrue(results.isEmpty(), results::toString);
        assertEquals(cases, ok + informational, "some cases are missing from the report");
    }

    private static long count(Map<String, String> results, String result) {
        return results.values().stream().filter(result::equals).count();
    }

    /** Connects, echoes where asked, and returns the last text that came. */
    private String run(String url, boolean echoes) throws Exception {
        Scheduler scheduler = (task, delayNanos) -> {
            ScheduledFuture<?> future = timer.schedule(task, delayNanos, TimeUnit.NANOSECONDS);
            return () -> future.cancel(false);
        };
        OkHttpTransport transport = new OkHttpTransport(
                client,
                new Request.Builder().url(url).build(),
                null,
                ConnectionSettings.of(TimeUnit.SECONDS.toNanos(10), MAX_MESSAGE_BYTES),
                threads,
                scheduler,
                System::nanoTime,
                new SecureRandom());
        CompletableFuture<String> ended = new CompletableFuture<>();
        transport.open(new Peer(echoes, ended));
        return ended.get(CASE_LIMIT_SECONDS, TimeUnit.SECONDS);
    }

    private static final class Peer implements ConnectionListener {
        private final boolean echoes;
        private final CompletableFuture<String> ended;
        private Connection connection;
        private String last = "";

        Peer(boolean echoes, CompletableFuture<String> ended) {
            this.echoes = echoes;
            this.ended = ended;
        }

        @Override
        public void onOpen(Connection opened) {
            connection = opened;
        }

        @Override
        public void onText(String text) {
            last = text;
            if (echoes) connection.sendText(text, Utf8.size(text));
        }

        @Override
        public void onBinary(ByteString bytes) {
            if (echoes) connection.sendBinary(bytes);
        }

        @Override
        public void onPong(ByteString payload) {}

        @Override
        public void onWritten(int messages) {}

        @Override
        public void onPingWritten() {}

        @Override
        public void onClosing(CloseStatus status) {}

        @Override
        public void onClosed(CloseStatus status) {
            ended.complete(last);
        }

        @Override
        public void onFailed(TransportException failure) {
            ended.complete(last);
        }
    }
}

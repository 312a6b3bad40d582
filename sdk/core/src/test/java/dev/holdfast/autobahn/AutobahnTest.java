package dev.holdfast.autobahn;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.holdfast.websocket.HoldfastWebSockets;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.Response;
import okhttp3.WebSocket;
import okhttp3.WebSocketListener;
import okio.ByteString;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Every case of the Autobahn test suite that {@code -Dautobahn.cases} names, all by default, through {@link
 * HoldfastWebSockets} as it comes. Only {@code mvn -Pautobahn verify} runs it.
 *
 * <p>What each case is expected to end with is in {@code autobahn/expected.txt}: OK or INFORMATIONAL, behaviour and close.
 */
@Tag("autobahn")
class AutobahnTest {
    private static final String ALL = "*";
    private static final String CASES = System.getProperty("autobahn.cases", ALL);
    private static final String AGENT = "holdfast";
    private static final Path FOLDER = Path.of("target", "autobahn").toAbsolutePath();
    private static final long CASE_LIMIT_SECONDS = 120;

    private final HoldfastWebSockets webSockets = HoldfastWebSockets.create(new OkHttpClient());

    @Test
    void everyCaseEndsAsExpected() throws Exception {
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
                results.put(one.getKey(), result + " " + close);
            });
        }
        long ok = count(results, "OK OK");
        long informational = count(results, "INFORMATIONAL INFORMATIONAL")
                + count(results, "INFORMATIONAL OK")
                + count(results, "OK INFORMATIONAL");
        long nonStrict = results.values().stream()
                .filter(result -> result.contains("NON-STRICT"))
                .count();
        long failed = cases - ok - informational - nonStrict;
        System.out.printf(
                "autobahn: %d cases, %d ok, %d informational, %d non-strict, %d failed%n",
                cases, ok, informational, nonStrict, failed);
        Files.write(FOLDER.resolve("results.txt"), lines(results));
        assertEquals(List.of(), differences(results), "cases that did not end as expected");
        assertEquals(cases, results.size(), "some cases are missing from the report");
        assertEquals(0, nonStrict + failed);
    }

    private static long count(Map<String, String> results, String result) {
        return results.values().stream().filter(result::equals).count();
    }

    private static List<String> lines(Map<String, String> results) {
        List<String> lines = new ArrayList<>();
        results.forEach((name, result) -> lines.add(name + " " + result));
        return lines;
    }

    /** Of all cases where all were run, else of those that were. */
    private static List<String> differences(Map<String, String> results) throws IOException {
        Map<String, String> expected = new TreeMap<>();
        try (InputStream file = AutobahnTest.class.getResourceAsStream("/autobahn/expected.txt")) {
            for (String line : new String(file.readAllBytes(), StandardCharsets.UTF_8).split("\n", -1)) {
                int space = line.indexOf(' ');
                if (space > 0) expected.put(line.substring(0, space), line.substring(space + 1));
            }
        }
        List<String> differences = new ArrayList<>();
        results.forEach((name, result) -> {
            if (!result.equals(expected.get(name))) {
                differences.add(name + ": " + result + ", expected " + expected.get(name));
            }
        });
        if (CASES.equals(ALL)) {
            expected.keySet().removeAll(results.keySet());
            for (String missing : expected.keySet()) differences.add(missing + ": did not run");
        }
        return differences;
    }

    /** Connects, echoes where asked, and returns the last text that came. */
    private String run(String url, boolean echoes) throws Exception {
        CompletableFuture<String> ended = new CompletableFuture<>();
        webSockets.newWebSocket(new Request.Builder().url(url).build(), new Peer(echoes, ended));
        return ended.get(CASE_LIMIT_SECONDS, TimeUnit.SECONDS);
    }

    private static final class Peer extends WebSocketListener {
        private final boolean echoes;
        private final CompletableFuture<String> ended;
        private String last = "";

        Peer(boolean echoes, CompletableFuture<String> ended) {
            this.echoes = echoes;
            this.ended = ended;
        }

        @Override
        public void onMessage(WebSocket webSocket, String text) {
            last = text;
            if (echoes) webSocket.send(text);
        }

        @Override
        public void onMessage(WebSocket webSocket, ByteString bytes) {
            if (echoes) webSocket.send(bytes);
        }

        @Override
        public void onClosed(WebSocket webSocket, int code, String reason) {
            ended.complete(last);
        }

        @Override
        public void onFailure(WebSocket webSocket, Throwable t, Response response) {
            ended.complete(last);
        }
    }
}

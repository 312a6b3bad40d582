package dev.holdfast.sample;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.holdfast.sample.node.Programs;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import okhttp3.WebSocket;
import okhttp3.WebSocketListener;

/** Chromium without a screen, which shows one page and evaluates expressions in it. */
final class Browser implements AutoCloseable {
    static final String PROGRAM = "chromium-headless-shell";

    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final int PATIENCE_SECONDS = 90;

    private final OkHttpClient http = new OkHttpClient();
    private final Program chromium;
    private final WebSocket tools;
    private final AtomicInteger calls = new AtomicInteger();
    private final Map<Integer, CompletableFuture<JsonNode>> answers = new ConcurrentHashMap<>();

    /** @param profile a folder that the browser may fill */
    Browser(Path profile, String url) throws IOException, InterruptedException {
        String program = Programs.find(PROGRAM).orElseThrow().toString();
        chromium = Program.start(
                Map.of(),
                List.of(
                        program,
                        "--no-sandbox",
                        "--disable-gpu",
                        "--disable-dev-shm-usage",
                        "--remote-debugging-port=0",
                        "--user-data-dir=" + profile,
                        "about:blank"));
        String host = chromium.awaitError("DevTools listening on ws://([^/]+)/");
        Request open = new Request.Builder()
                .url("http://" + host + "/json/new?" + url)
                .put(RequestBody.EMPTY)
                .build();
        try (Response response = http.newCall(open).execute()) {
            String target = MAPPER.readTree(response.body().string())
                    .path("webSocketDebuggerUrl")
                    .asText();
            tools = http.newWebSocket(new Request.Builder().url(target).build(), new Listener());
        }
    }

    private final class Listener extends WebSocketListener {
        @Override
        public void onMessage(WebSocket socket, String text) {
            try {
                JsonNode answer = MAPPER.readTree(text);
                CompletableFuture<JsonNode> call =
                        answers.remove(answer.path("id").asInt());
                if (call != null) call.complete(answer);
            } catch (IOException e) {
                throw new IllegalStateException(text, e);
            }
        }

        @Override
        public void onFailure(WebSocket socket, Throwable failure, Response response) {
            answers.values().forEach(call -> call.completeExceptionally(failure));
        }
    }

    /** Returns the value of an expression in the page, after its promise if it is one. */
    CompletableFuture<JsonNode> evaluate(String expression) {
        int id = calls.incrementAndGet();
        ObjectNode call = MAPPER.createObjectNode().put("id", id).put("method", "Runtime.evaluate");
        call.putObject("params")
                .put("expression", expression)
                .put("awaitPromise", true)
                .put("returnByValue", true);
        CompletableFuture<JsonNode> answer = new CompletableFuture<>();
        answers.put(id, answer);
        tools.send(call.toString());
        return answer.orTimeout(PATIENCE_SECONDS, TimeUnit.SECONDS).thenApply(Browser::value);
    }

    private static JsonNode value(JsonNode answer) {
        JsonNode result = answer.path("result");
        if (result.has("exceptionDetails") || answer.has("error")) throw new IllegalStateException(answer.toString());
        return result.path("result").path("value");
    }

    /** Waits until an expression is true. */
    void await(String expression) throws Exception {
        long limit = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        while (!evaluate(expression).get().asBoolean()) {
            if (System.nanoTime() > limit) {
                throw new AssertionError(expression + " in:\n"
                        + evaluate("document.body.innerText").get().asText());
            }
            TimeUnit.MILLISECONDS.sleep(20);
        }
    }

    @Override
    public void close() {
        tools.cancel();
        chromium.close();
        http.dispatcher().executorService().shutdown();
        http.connectionPool().evictAll();
    }
}

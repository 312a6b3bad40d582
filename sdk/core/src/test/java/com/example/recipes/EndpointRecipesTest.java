package com.example.recipes;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import com.fasterxml.jackson.databind.JsonNode;
import dev.holdfast.Backoff;
import dev.holdfast.HoldfastClient;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import mockwebserver3.Dispatcher;
import mockwebserver3.MockResponse;
import mockwebserver3.MockWebServer;
import mockwebserver3.RecordedRequest;
import okhttp3.HttpUrl;
import okhttp3.OkHttpClient;
import okhttp3.Response;
import okhttp3.WebSocket;
import okhttp3.WebSocketListener;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The recipes of {@code docs/recipes.md} for services that give out a URL for each connection, against a server like theirs. */
@Timeout(60)
class EndpointRecipesTest {
    private final MockWebServer server = new MockWebServer();
    private final OkHttpClient http = new OkHttpClient();
    private final AtomicInteger given = new AtomicInteger();
    private final BlockingQueue<String> opened = new LinkedBlockingQueue<>();
    private final BlockingQueue<WebSocket> sockets = new LinkedBlockingQueue<>();
    private final BlockingQueue<String> received = new LinkedBlockingQueue<>();
    private @Nullable HoldfastClient client;

    @BeforeEach
    void start() throws IOException {
        server.setDispatcher(new Dispatcher() {
            @Override
            public MockResponse dispatch(RecordedRequest request) {
                return answer(request);
            }
        });
        server.start();
    }

    @AfterEach
    void end() {
        if (client != null) client.cancel();
        server.close();
        http.dispatcher().executorService().shutdown();
    }

    private MockResponse answer(RecordedRequest request) {
        String path = request.getUrl().encodedPath();
        String authorization = request.getHeaders().get("Authorization");
        if (path.equals("/api/apps.connections.open")) {
            assertEquals("Bearer xapp-1", authorization);
            String url = server.url("/link").toString().replace("http:", "ws:") + "?ticket=" + given.incrementAndGet();
            return json("{\"ok\":true,\"url\":\"" + url + "\"}");
        }
        if (path.equals("/hub/negotiate")) {
            return json("{\"url\":\"" + server.url("/service") + "\",\"accessToken\":\"t\"}");
        }
        if (path.equals("/service/negotiate")) {
            assertEquals("Bearer t", authorization);
            return json("{\"negotiateVersion\":1,\"connectionToken\":\"c" + given.incrementAndGet() + "\"}");
        }
        opened.add(request.getTarget() + " " + authorization);
        return new MockResponse.Builder()
                .webSocketUpgrade(new WebSocketListener() {
                    @Override
                    public void onOpen(WebSocket webSocket, Response response) {
                        sockets.add(webSocket);
                    }

                    @Override
                    public void onMessage(WebSocket webSocket, String text) {
                        received.add(text);
                    }

                    @Override
                    public void onClosing(WebSocket webSocket, int code, String reason) {
                        webSocket.close(code, null);
                    }
                })
                .build();
    }

    private static MockResponse json(String body) {
        return new MockResponse.Builder()
                .addHeader("Content-Type", "application/json")
                .body(body)
                .build();
    }

    private static <T> T take(BlockingQueue<T> queue) throws InterruptedException {
        T taken = queue.poll(30, TimeUnit.SECONDS);
        assertNotNull(taken, "nothing came");
        return taken;
    }

    HoldfastClient chat() {
        // recipes
        HoldfastClient client = HoldfastClient.builder("wss://example.com/chat")
                .endpointProvider(new SignalR(http).endpoints(HttpUrl.get("https://example.com/chat")))
                .build();
        client.onSessionStart("handshake", "{\"protocol\":\"json\",\"version\":1}\u001e");
        // end
        return client;
    }

    @Test
    void slackGivesEachConnectionATicket() throws Exception {
        BlockingQueue<JsonNode> events = new LinkedBlockingQueue<>();
        client = new SlackSocketMode(http, server.url("/api/apps.connections.open"), "xapp-1")
                .builder(events::add)
                .build();
        client.connect();
        assertEquals("/link?ticket=1 null", take(opened));
        WebSocket first = take(sockets);
        first.send("{\"type\":\"hello\"}");
        first.send("{\"type\":\"events_api\",\"envelope_id\":\"e1\",\"payload\":{\"text\":\"hi\"}}");
        assertEquals("hi", take(events).path("payload").path("text").asText());
        assertEquals("{\"envelope_id\":\"e1\"}", take(received));
        first.send("{\"type\":\"disconnect\",\"reason\":\"refresh_requested\"}");
        first.close(1000, "");
        assertEquals("/link?ticket=2 null", take(opened));
    }

    @Test
    void signalRNegotiatesForEachConnection() throws Exception {
        client = HoldfastClient.builder(server.url("/hub").toString())
                .endpointProvider(new SignalR(http).endpoints(server.url("/hub")))
                .backoff(Backoff.exponential(Duration.ofMillis(1), Duration.ofMillis(1)))
                .build();
        client.onSessionStart("handshake", "{\"protocol\":\"json\",\"version\":1}\u001e");
        client.connect();
        assertEquals("/service?id=c1 Bearer t", take(opened));
        assertEquals("{\"protocol\":\"json\",\"version\":1}\u001e", take(received));
        take(sockets).close(1011, "again");
        assertEquals("/service?id=c2 Bearer t", take(opened));
        assertEquals("{\"protocol\":\"json\",\"version\":1}\u001e", take(received));
    }
}

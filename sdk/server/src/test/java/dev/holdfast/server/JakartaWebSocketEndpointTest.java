package dev.holdfast.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.example.LiveListener;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import jakarta.websocket.Session;
import jakarta.websocket.server.ServerContainer;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.net.http.WebSocketHandshakeException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.catalina.Context;
import org.apache.catalina.servlets.DefaultServlet;
import org.apache.catalina.startup.Tomcat;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class JakartaWebSocketEndpointTest extends TomcatContract {
    private Context context;

    @Override
    void deploy(Context application) {
        context = application;
        context.addApplicationListener(LiveListener.class.getName());
        // Tomcat asks its filter for WebSockets only if some servlet has the path.
        Tomcat.addServlet(context, "default", new DefaultServlet()).addMapping("/");
    }

    @Override
    HoldfastServer server() {
        return (HoldfastServer) context.getServletContext().getAttribute(HoldfastServer.class.getName());
    }

    @Test
    void whoSpeaksAnotherProtocolGetsACloseCode() throws Exception {
        WebSocket socket = socket("chat");
        assertEquals("", socket.getSubprotocol());
        assertEquals("closed with 4400", next());
    }

    @Test
    void aPageOfAnotherOriginGetsAStatus() {
        var refused = assertThrows(
                ExecutionException.class,
                () -> HttpClient.newHttpClient()
                        .newWebSocketBuilder()
                        .subprotocols(HoldfastServer.SUBPROTOCOL)
                        .header("Origin", "https://evil.example.com")
                        .buildAsync(URI.create("ws://127.0.0.1:" + port() + PATH), new WebSocket.Listener() {})
                        .get());
        assertEquals(
                403,
                ((WebSocketHandshakeException) refused.getCause()).getResponse().statusCode());
    }

    /** A refusal of many bytes, because the close frame takes only 123 of them. */
    @Test
    void whoIsRefusedWithALongReasonIsClosedLikeAnyOther() throws Exception {
        try (HoldfastServer strict = HoldfastServer.builder((session, seq, payload) -> HandlerResult.accepted())
                .authenticator(credential -> new Authenticator.Unauthenticated("no", "ä".repeat(200)))
                .build()) {
            container().addEndpoint(JakartaWebSocketEndpoint.at("/strict", strict));
            BlockingQueue<String> closes = new LinkedBlockingQueue<>();
            HttpClient.newHttpClient()
                    .newWebSocketBuilder()
                    .subprotocols(HoldfastServer.SUBPROTOCOL)
                    .header("Authorization", "Bearer bad")
                    .buildAsync(URI.create("ws://127.0.0.1:" + port() + "/strict"), new WebSocket.Listener() {
                        @Override
                        public @Nullable CompletionStage<?> onClose(WebSocket from, int code, String reason) {
                            closes.add(code + " " + reason);
                            return null;
                        }
                    })
                    .get(60, TimeUnit.SECONDS);
            assertEquals("4401 " + "ä".repeat(61), closes.poll(20, TimeUnit.SECONDS));
        }
    }

    /** The server has no thread for a message once, of which only the container hears. */
    @Test
    void anErrorOfWhichTheContainerHearsIsReportedAndTheClientResumes() throws Exception {
        RuntimeException noThread = new IllegalStateException("no thread");
        AtomicBoolean broken = new AtomicBoolean();
        AtomicInteger tasks = new AtomicInteger();
        BlockingQueue<Throwable> failures = new LinkedBlockingQueue<>();
        ExecutorService threads = Executors.newCachedThreadPool();
        try (HoldfastServer failing = HoldfastServer.builder((session, seq, payload) -> HandlerResult.accepted())
                .executor(task -> {
                    if (broken.getAndSet(false)) throw noThread;
                    tasks.incrementAndGet();
                    threads.execute(() -> {
                        task.run();
                        tasks.decrementAndGet();
                    });
                })
                .onError(failures::add)
                .build()) {
            container().addEndpoint(JakartaWebSocketEndpoint.at("/failing", failing));
            WebSocket first = socket("/failing", HoldfastServer.SUBPROTOCOL);
            first.sendText("{\"t\":\"open\"}", true).get(60, TimeUnit.SECONDS);
            JsonNode welcome = new ObjectMapper().readTree(next());
            assertEquals("{\"t\":\"live\"}", next());
            // A message for a thread that is still at work would need no other.
            while (tasks.get() > 0) Thread.onSpinWait();
            broken.set(true);
            first.sendText("{\"t\":\"msg\",\"c\":1,\"d\":1}", true).get(60, TimeUnit.SECONDS);
            assertSame(noThread, failures.poll(60, TimeUnit.SECONDS));
            // Tomcat ends the connection too, without a close frame, if it comes first.
            String end = next();
            if (!end.startsWith("closed")) end = next();
            assertTrue(end.startsWith("closed with"), end);

            WebSocket second = socket("/failing", HoldfastServer.SUBPROTOCOL);
            ObjectNode open = welcome.deepCopy();
            open.retain("sid", "key", "last");
            second.sendText(open.put("t", "open").toString(), true).get(60, TimeUnit.SECONDS);
            assertTrue(next().contains("\"resumed\":true"));
        } finally {
            threads.shutdown();
        }
    }

    /** A container that reports and then says no more. */
    @Test
    void anErrorEndsTheConnectionEvenIfTheContainerSaysNoMore() throws Exception {
        BlockingQueue<Throwable> failures = new LinkedBlockingQueue<>();
        try (HoldfastServer server = HoldfastServer.builder((session, seq, payload) -> HandlerResult.accepted())
                .onError(failures::add)
                .build()) {
            for (Throwable failure :
                    new Throwable[] {new IOException("connection reset"), new IllegalStateException("write pending")}) {
                JakartaWebSocketEndpoint endpoint = JakartaWebSocketEndpoint.at("/live", server)
                        .getConfigurator()
                        .getEndpointInstance(JakartaWebSocketEndpoint.class);
                AtomicBoolean open = new AtomicBoolean(true);
                Session session = session(server, open);
                endpoint.onOpen(session, null);
                assertEquals(1, server.openConnections());
                open.set(false);
                endpoint.onError(session, failure);
                assertEquals(0, server.openConnections());
            }
            assertEquals(List.of(), List.copyOf(failures), "a lost connection is no failure of the server");
        }
    }

    /** A connection that the server lets in, which takes whatever is asked of it. */
    private static Session session(HoldfastServer server, AtomicBoolean open) {
        Map<String, Object> properties = new ConcurrentHashMap<>(
                Map.of(Admission.class.getName(), server.admit(List.of(HoldfastServer.SUBPROTOCOL), null, null)));
        return (Session) Proxy.newProxyInstance(
                Session.class.getClassLoader(),
                new Class<?>[] {Session.class},
                (proxy, method, arguments) -> switch (method.getName()) {
                    case "getUserProperties" -> properties;
                    case "isOpen" -> open.get();
                    default -> null;
                });
    }

    private ServerContainer container() {
        return (ServerContainer) context.getServletContext().getAttribute(ServerContainer.class.getName());
    }

    @Test
    void aClosedServerClosesWhoComes() throws Exception {
        server().close();
        WebSocket unused = socket(HoldfastServer.SUBPROTOCOL);
        assertEquals("closed with 1012", next());
    }

    @Test
    void theExampleIsOnThePage() throws Exception {
        assertOnThePage(Path.of("src/test/java/com/example/LiveListener.java"));
    }
}

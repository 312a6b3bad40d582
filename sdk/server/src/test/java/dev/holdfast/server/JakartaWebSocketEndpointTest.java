package dev.holdfast.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.example.LiveListener;
import jakarta.websocket.server.ServerContainer;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.net.http.WebSocketHandshakeException;
import java.nio.file.Path;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.apache.catalina.Context;
import org.apache.catalina.servlets.DefaultServlet;
import org.apache.catalina.startup.Tomcat;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class JakartaWebSocketEndpointTest extends AdapterContract {
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
        ServerContainer container =
                (ServerContainer) context.getServletContext().getAttribute(ServerContainer.class.getName());
        try (HoldfastServer strict = HoldfastServer.builder((session, seq, payload) -> HandlerResult.accepted())
                .authenticator(credential -> new Authenticator.Unauthenticated("no", "ä".repeat(200)))
                .build()) {
            container.addEndpoint(JakartaWebSocketEndpoint.at("/strict", strict));
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

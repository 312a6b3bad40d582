package dev.holdfast.server;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.server.ServerHttpRequest;
import org.springframework.http.server.ServerHttpResponse;
import org.springframework.web.socket.BinaryMessage;
import org.springframework.web.socket.CloseStatus;
import org.springframework.web.socket.PingMessage;
import org.springframework.web.socket.SubProtocolCapable;
import org.springframework.web.socket.TextMessage;
import org.springframework.web.socket.WebSocketHandler;
import org.springframework.web.socket.WebSocketMessage;
import org.springframework.web.socket.WebSocketSession;
import org.springframework.web.socket.server.HandshakeInterceptor;

/**
 * The adapter of Spring's WebSockets. Register it as the handler of a path and as an interceptor of the handshake:
 * {@code registry.addHandler(handler, "/live").addInterceptors(handler)}. Without the interceptor, who may not connect
 * gets a close code in place of an HTTP status.
 *
 * <p>Spring's way to send blocks until the network has taken a message, so each connection sends on a thread of its own
 * while it has something to send. Spring cannot pause reading: a client that exceeds its window blocks the container's
 * thread until there is room.
 */
public final class SpringWebSocketHandler implements WebSocketHandler, SubProtocolCapable, HandshakeInterceptor {
    private static final String ADMISSION = Admission.class.getName();
    private static final String CONNECTION = ServerConnection.class.getName();
    private static final int UNAUTHORIZED = 401;

    private final HoldfastServer server;

    /**
     * Creates an adapter.
     *
     * @param server the server that gets the connections. It is not closed with the adapter
     */
    public SpringWebSocketHandler(HoldfastServer server) {
        this.server = server;
    }

    @Override
    public List<String> getSubProtocols() {
        return List.of(HoldfastServer.SUBPROTOCOL);
    }

    @Override
    public boolean supportsPartialMessages() {
        return true;
    }

    @Override
    public boolean beforeHandshake(
            ServerHttpRequest request,
            ServerHttpResponse response,
            WebSocketHandler handler,
            Map<String, Object> attributes) {
        if (!request.getMethod().equals(HttpMethod.GET)) {
            // Spring refuses it, or it is an upgrade of HTTP/2, which is admitted when it is open.
            return true;
        }
        Admission admission = admit(request.getHeaders());
        if (admission instanceof Admission.Refused refused) {
            response.setStatusCode(HttpStatusCode.valueOf(refused.status()));
            if (refused.status() == UNAUTHORIZED) {
                response.getHeaders().set(HttpHeaders.WWW_AUTHENTICATE, "Bearer");
            }
            return false;
        }
        attributes.put(ADMISSION, admission);
        return true;
    }

    @Override
    public void afterHandshake(
            ServerHttpRequest request,
            ServerHttpResponse response,
            WebSocketHandler handler,
            @Nullable Exception failure) {}

    private Admission admit(HttpHeaders headers) {
        return server.admit(
                headers.getValuesAsList("Sec-WebSocket-Protocol"),
                headers.getOrigin(),
                headers.getFirst(HttpHeaders.AUTHORIZATION));
    }

    @Override
    public void afterConnectionEstablished(WebSocketSession session) throws IOException {
        Object admission = session.getAttributes().remove(ADMISSION);
        if (admission == null) {
            admission = admit(session.getHandshakeHeaders());
        }
        if (admission instanceof Admission.Refused refused) {
            session.close(new CloseStatus(refused.closeCode(), CloseCodes.fitting(refused.reason())));
        } else {
            ServerConnection opened = ((Admission.Granted) admission).open(new SpringTransport(server, session));
            session.getAttributes().put(CONNECTION, opened);
            if (!session.isOpen()) {
                // It ended before afterConnectionClosed could know of the connection.
                opened.onClosed();
            }
        }
    }

    @Override
    public void handleMessage(WebSocketSession session, WebSocketMessage<?> message) throws InterruptedException {
        ServerConnection connection = connection(session);
        if (connection == null) {
            return;
        }
        try {
            if (message instanceof TextMessage text) {
                connection.receiveText(text.getPayload(), text.isLast());
            } else if (message instanceof BinaryMessage binary) {
                connection.receiveBinary(binary.getPayload(), binary.isLast());
            }
        } catch (RuntimeException | Error e) {
            // Spring would close the connection as well, but tell its own log alone.
            connection.containerFailed(e, session.isOpen());
        }
        connection.awaitRoom();
    }

    @Override
    public void handleTransportError(WebSocketSession session, Throwable failure) {
        ServerConnection connection = connection(session);
        if (connection != null) {
            connection.containerFailed(failure, session.isOpen());
            if (!session.isOpen()) {
                connection.onClosed();
            }
        } else if (ServerConnection.isFaultOfServer(failure, session.isOpen())) {
            server.failed(failure);
        }
    }

    @Override
    public void afterConnectionClosed(WebSocketSession session, CloseStatus status) {
        ServerConnection connection = connection(session);
        if (connection != null) {
            connection.onClosed();
        }
    }

    private static @Nullable ServerConnection connection(WebSocketSession session) {
        return (ServerConnection) session.getAttributes().get(CONNECTION);
    }

    private static final class SpringTransport extends BlockingTransport {
        private final WebSocketSession session;

        SpringTransport(HoldfastServer server, WebSocketSession session) {
            super(server);
            this.session = session;
        }

        @Override
        void writeText(String text) throws IOException {
            session.sendMessage(new TextMessage(text));
        }

        @Override
        void writeBinary(ByteBuffer bytes) throws IOException {
            session.sendMessage(new BinaryMessage(bytes));
        }

        @Override
        void writePing() throws IOException {
            session.sendMessage(new PingMessage());
        }

        @Override
        void writeClose(int code, String reason) throws IOException {
            session.close(new CloseStatus(code, reason.isEmpty() ? null : reason));
        }

        @Override
        boolean isOpen() {
            return session.isOpen();
        }
    }
}

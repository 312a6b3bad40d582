package dev.holdfast.server;

import jakarta.websocket.CloseReason;
import jakarta.websocket.Endpoint;
import jakarta.websocket.EndpointConfig;
import jakarta.websocket.HandshakeResponse;
import jakarta.websocket.MessageHandler;
import jakarta.websocket.Session;
import jakarta.websocket.server.HandshakeRequest;
import jakarta.websocket.server.ServerEndpointConfig;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The adapter of Jakarta WebSocket 2.1 or later, which Jakarta EE 10 has. Tested with Tomcat 11, Jetty 12.1 (EE 10) and
 * Undertow 2.3. Register it with the container: {@code container.addEndpoint(JakartaWebSocketEndpoint.at("/live", server))}.
 *
 * <p>Jakarta WebSocket cannot answer an upgrade with a status of the application's choice. A page of an origin that may
 * not connect gets 403. Whoever else may not connect gets the close code that says the same, right after the upgrade.
 *
 * <p>Each connection sends on a thread of {@link HoldfastServer.Builder#executor} while it has something to send. A
 * client that exceeds its window blocks the container's thread until there is room, because a container cannot pause
 * reading.
 */
public final class JakartaWebSocketEndpoint extends Endpoint {
    private static final String ADMISSION = Admission.class.getName();

    private final HoldfastServer server;
    private volatile @Nullable ServerConnection connection;

    private JakartaWebSocketEndpoint(HoldfastServer server) {
        this.server = server;
    }

    /**
     * Returns the configuration of an endpoint, to be added to a container once.
     *
     * @param path the path of the WebSockets, such as {@code /live}
     * @param server the server that gets the connections. It is not closed with the container
     * @return the configuration
     */
    public static ServerEndpointConfig at(String path, HoldfastServer server) {
        return ServerEndpointConfig.Builder.create(JakartaWebSocketEndpoint.class, path)
                .subprotocols(List.of(HoldfastServer.SUBPROTOCOL))
                .configurator(new Admitting(server))
                .build();
    }

    /** Asks the server about each upgrade, in their order. */
    private static final class Admitting extends ServerEndpointConfig.Configurator {
        private final HoldfastServer server;

        Admitting(HoldfastServer server) {
            this.server = server;
        }

        @Override
        public <T> T getEndpointInstance(Class<T> type) {
            return type.cast(new JakartaWebSocketEndpoint(server));
        }

        @Override
        public boolean checkOrigin(@Nullable String origin) {
            try {
                return !server.forbids(origin);
            } catch (RuntimeException | Error e) {
                // The handshake comes next, which reports it and refuses the client.
                return true;
            }
        }

        @Override
        public void modifyHandshake(ServerEndpointConfig config, HandshakeRequest request, HandshakeResponse response) {
            Map<String, List<String>> headers = request.getHeaders();
            List<String> subprotocols = new ArrayList<>();
            for (String line : headers.getOrDefault(HandshakeRequest.SEC_WEBSOCKET_PROTOCOL, List.of())) {
                for (String subprotocol : line.split(",", -1)) subprotocols.add(subprotocol.trim());
            }
            Admission admission =
                    server.admit(subprotocols, first(headers.get("Origin")), first(headers.get("Authorization")));
            // The properties are this handshake's own, and the session begins with them.
            config.getUserProperties().put(ADMISSION, admission);
        }

        private static @Nullable String first(@Nullable List<String> values) {
            return values == null || values.isEmpty() ? null : values.get(0);
        }
    }

    /**
     * Opens the connection, or closes it if it was refused. Called by the container.
     *
     * @param session the connection
     * @param config what {@link #at} has returned, for this connection
     */
    @Override
    public void onOpen(Session session, EndpointConfig config) {
        JakartaTransport transport = new JakartaTransport(server, session);
        Object admission = session.getUserProperties().remove(ADMISSION);
        if (admission instanceof Admission.Refused refused) {
            transport.close(refused.closeCode(), refused.reason());
        } else if (admission instanceof Admission.Granted granted) {
            open(session, granted.open(transport));
        } else {
            server.failed(
                    new IllegalStateException(
                            "the container does not hand the properties of a handshake to its session, as Jakarta WebSocket 2.1 asks"));
            transport.close(CloseCodes.INTERNAL_ERROR, "the server failed");
        }
    }

    private void open(Session session, ServerConnection opened) {
        connection = opened;
        if (!session.isOpen()) {
            // It ended before onClose could know of the connection.
            opened.onClosed();
            return;
        }
        session.addMessageHandler(String.class, (MessageHandler.Partial<String>) (part, last) -> {
            opened.receiveText(part, last);
            awaitRoom(opened);
        });
        session.addMessageHandler(ByteBuffer.class, (MessageHandler.Partial<ByteBuffer>) (part, last) -> {
            opened.receiveBinary(part, last);
            awaitRoom(opened);
        });
    }

    private static void awaitRoom(ServerConnection connection) {
        try {
            connection.awaitRoom();
        } catch (InterruptedException e) {
            // The container stops, and the connection with it.
            Thread.currentThread().interrupt();
        }
    }

    /**
     * Ends the connection. Called by the container.
     *
     * @param session the connection
     * @param reason why it ended
     */
    @Override
    public void onClose(Session session, CloseReason reason) {
        ServerConnection current = connection;
        if (current != null) {
            current.onClosed();
        }
    }

    /**
     * Closes the connection with 1011, so that the client resumes, and reports the error to
     * {@link HoldfastServer.Builder#onError}. Does not report it if the connection is already closed, or if the error or one of its causes is
     * an {@link IOException} or a {@link java.util.concurrent.TimeoutException}: that is how a lost client looks to a container. Called by the
     * container.
     *
     * @param session the connection
     * @param failure what went wrong
     */
    @Override
    public void onError(Session session, Throwable failure) {
        ServerConnection current = connection;
        if (current == null) {
            failedBeforeOpen(session, failure);
            return;
        }
        current.containerFailed(failure, session.isOpen());
        if (!session.isOpen()) {
            current.onClosed();
        }
    }

    private void failedBeforeOpen(Session session, Throwable failure) {
        boolean isOpen = session.isOpen();
        if (ServerConnection.isFaultOfServer(failure, isOpen)) {
            server.failed(failure);
        }
        if (isOpen) {
            new JakartaTransport(server, session).close(CloseCodes.INTERNAL_ERROR, "the server failed");
        }
    }

    private static final class JakartaTransport extends BlockingTransport {
        private final Session session;

        JakartaTransport(HoldfastServer server, Session session) {
            super(server);
            this.session = session;
        }

        @Override
        void writeText(String text) throws IOException {
            session.getBasicRemote().sendText(text);
        }

        @Override
        void writeBinary(ByteBuffer bytes) throws IOException {
            session.getBasicRemote().sendBinary(bytes);
        }

        @Override
        void writePing() throws IOException {
            session.getBasicRemote().sendPing(ByteBuffer.allocate(0));
        }

        @Override
        void writeClose(int code, String reason) throws IOException {
            session.close(new CloseReason(CloseReason.CloseCodes.getCloseCode(code), reason));
        }

        @Override
        boolean isOpen() {
            return session.isOpen();
        }
    }
}

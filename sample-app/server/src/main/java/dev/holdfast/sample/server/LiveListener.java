package dev.holdfast.sample.server;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.net.BindException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.eclipse.jetty.websocket.server.ServerUpgradeRequest;
import org.eclipse.jetty.websocket.server.ServerUpgradeResponse;
import org.eclipse.jetty.websocket.server.ServerWebSocketContainer;
import org.eclipse.jetty.websocket.server.WebSocketUpgradeHandler;
import org.jspecify.annotations.Nullable;

/** The Jetty server that listens for one {@link ReferenceServer} and upgrades clients that speak its subprotocol. */
final class LiveListener {
    static final String HOST = "127.0.0.1";
    static final String PATH = "/live";

    private static final int BAD_REQUEST = 400;
    private static final int UNAUTHORIZED = 401;
    private static final int FORBIDDEN = 403;
    private static final String BEARER = "Bearer";

    /** Jetty's idle timeout. The client's heartbeat detects silence; this only frees what a client left behind. */
    private static final Duration IDLE_TIMEOUT = Duration.ofMinutes(10);

    private static final Duration BIND_PATIENCE = Duration.ofSeconds(5);
    private static final Duration BIND_RETRY = Duration.ofMillis(20);

    private final Server jetty;
    private final int port;

    private LiveListener(Server jetty, int port) {
        this.jetty = jetty;
        this.port = port;
    }

    static LiveListener start(ServerContext context) throws Exception {
        QueuedThreadPool threads = new QueuedThreadPool();
        threads.setName("holdfast-server-io");
        threads.setDaemon(true);
        Server jetty = new Server(threads);
        ServerConnector connector = new ServerConnector(jetty, 1, 1);
        connector.setHost(HOST);
        connector.setPort(context.options.port());
        jetty.addConnector(connector);
        jetty.setHandler(WebSocketUpgradeHandler.from(jetty, container -> configure(container, context)));
        bind(connector);
        try {
            jetty.start();
        } catch (Exception e) {
            connector.close();
            throw e;
        }
        return new LiveListener(jetty, connector.getLocalPort());
    }

    int port() {
        return port;
    }

    void stop() throws Exception {
        jetty.stop();
    }

    private static void configure(ServerWebSocketContainer container, ServerContext context) {
        container.setMaxTextMessageSize(ServerConnection.HARD_MAX_MESSAGE_BYTES);
        container.setMaxBinaryMessageSize(ServerConnection.HARD_MAX_MESSAGE_BYTES);
        container.setIdleTimeout(IDLE_TIMEOUT);
        container.addMapping(PATH, (request, response, callback) -> upgrade(context, request, response, callback));
    }

    private static @Nullable LiveEndpoint upgrade(
            ServerContext context, ServerUpgradeRequest request, ServerUpgradeResponse response, Callback callback) {
        if (!request.hasSubProtocol(Envelopes.SUBPROTOCOL)) {
            Response.writeError(request, response, callback, BAD_REQUEST, "speaks " + Envelopes.SUBPROTOCOL + " only");
            return null;
        }
        String origin = request.getHeaders().get(HttpHeader.ORIGIN);
        if (origin != null && !context.options.origins().contains(origin)) {
            Response.writeError(request, response, callback, FORBIDDEN, "not from that origin");
            return null;
        }
        JsonNode bearer = bearer(request.getHeaders().get(HttpHeader.AUTHORIZATION));
        // Without a bearer token the open envelope may still carry a credential.
        if (bearer != null) {
            Authenticator.Outcome outcome = context.options.auth().authenticate(bearer);
            if (outcome instanceof Authenticator.Unauthenticated refused) {
                response.getHeaders().put(HttpHeader.WWW_AUTHENTICATE, BEARER);
                Response.writeError(request, response, callback, UNAUTHORIZED, refused.message());
                return null;
            }
            if (outcome instanceof Authenticator.Forbidden refused) {
                Response.writeError(request, response, callback, FORBIDDEN, refused.message());
                return null;
            }
        }
        response.setAcceptedSubProtocol(Envelopes.SUBPROTOCOL);
        return new LiveEndpoint(
                context, request.getConnectionMetaData().getConnection().getEndPoint(), bearer);
    }

    /** Returns the token of an {@code Authorization} header, RFC 6750 section 2.1, or null if it holds none. */
    private static @Nullable JsonNode bearer(@Nullable String authorization) {
        String prefix = BEARER + " ";
        return authorization != null && authorization.regionMatches(true, 0, prefix, 0, prefix.length())
                ? TextNode.valueOf(authorization.substring(prefix.length()).trim())
                : null;
    }

    /** Binds the port. After a restart, remains of the last server may hold it for a moment. */
    private static void bind(ServerConnector connector) throws Exception {
        long deadline = System.nanoTime() + BIND_PATIENCE.toNanos();
        while (true) {
            try {
                connector.open();
                return;
            } catch (Exception e) {
                if (!isBindFailure(e) || connector.getPort() == 0 || System.nanoTime() > deadline) {
                    throw e;
                }
            }
            TimeUnit.MILLISECONDS.sleep(BIND_RETRY.toMillis());
        }
    }

    /** Returns whether binding failed. Jetty wraps the exception in one that names the address. */
    private static boolean isBindFailure(Exception failure) {
        return failure instanceof BindException || failure.getCause() instanceof BindException;
    }
}

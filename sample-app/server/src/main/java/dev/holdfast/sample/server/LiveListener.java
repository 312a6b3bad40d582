package dev.holdfast.sample.server;

import dev.holdfast.server.Admission;
import dev.holdfast.server.HoldfastServer;
import java.net.BindException;
import java.security.KeyStore;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.ssl.SslContextFactory;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.eclipse.jetty.websocket.server.ServerUpgradeRequest;
import org.eclipse.jetty.websocket.server.ServerUpgradeResponse;
import org.eclipse.jetty.websocket.server.ServerWebSocketContainer;
import org.eclipse.jetty.websocket.server.WebSocketUpgradeHandler;
import org.jspecify.annotations.Nullable;

/** The Jetty server that listens for one {@link ReferenceServer} and upgrades clients that speak its subprotocol. */
final class LiveListener {
    static final String PATH = "/live";

    /** Above the limit of the protocol, which the server itself keeps. */
    private static final int MAX_MESSAGE_BYTES = HoldfastServer.MAX_MESSAGE_BYTES + 1024 * 1024;

    /** Jetty's idle timeout. The client's heartbeat detects silence; this only frees what a client left behind. */
    private static final Duration IDLE_TIMEOUT = Duration.ofMinutes(10);

    private static final Duration BIND_RETRY = Duration.ofMillis(20);

    private final Server jetty;
    private final ServerConnector connector;
    private final int port;

    private LiveListener(Server jetty, ServerConnector connector) {
        this.jetty = jetty;
        this.connector = connector;
        this.port = connector.getLocalPort();
    }

    static LiveListener start(ReferenceServer.Options options, HoldfastServer engine) throws Exception {
        QueuedThreadPool threads = new QueuedThreadPool();
        threads.setName("holdfast-server-io");
        threads.setDaemon(true);
        Server jetty = new Server(threads);
        Front front = options.front();
        ServerConnector connector = connector(jetty, front.certificate());
        connector.setHost(front.host());
        connector.setPort(options.port());
        jetty.addConnector(connector);
        WebSocketUpgradeHandler upgrades =
                WebSocketUpgradeHandler.from(jetty, container -> configure(container, front, engine));
        upgrades.setHandler(new HttpDoor(front, engine, new Pages(front, engine)));
        jetty.setHandler(upgrades);
        bind(connector, front.bindPatience());
        try {
            jetty.start();
        } catch (Exception e) {
            connector.close();
            throw e;
        }
        return new LiveListener(jetty, connector);
    }

    private static ServerConnector connector(Server jetty, @Nullable KeyStore certificate) {
        if (certificate == null) return new ServerConnector(jetty, 1, 1);
        SslContextFactory.Server tls = new SslContextFactory.Server();
        tls.setKeyStore(certificate);
        tls.setKeyStorePassword("");
        return new ServerConnector(jetty, 1, 1, tls);
    }

    int port() {
        return port;
    }

    /** Accepts no more connections and keeps those that exist. */
    void stopListening() {
        connector.close();
    }

    void stop() throws Exception {
        jetty.stop();
    }

    private static void configure(ServerWebSocketContainer container, Front front, HoldfastServer engine) {
        container.setMaxTextMessageSize(MAX_MESSAGE_BYTES);
        container.setMaxBinaryMessageSize(MAX_MESSAGE_BYTES);
        container.setIdleTimeout(IDLE_TIMEOUT);
        container.addMapping(
                PATH, (request, response, callback) -> upgrade(front, engine, request, response, callback));
    }

    private static @Nullable LiveEndpoint upgrade(
            Front front,
            HoldfastServer engine,
            ServerUpgradeRequest request,
            ServerUpgradeResponse response,
            Callback callback) {
        Access access = new Access(front.accessLog(), request);
        String origin = request.getHeaders().get(HttpHeader.ORIGIN);
        Admission admission = engine.admit(
                request.getSubProtocols(), origin, request.getHeaders().get(HttpHeader.AUTHORIZATION));
        if (admission instanceof Admission.Refused refused) {
            access.refused(refused.status(), origin);
            if (refused.status() == HttpStatus.UNAUTHORIZED_401) {
                response.getHeaders().put(HttpHeader.WWW_AUTHENTICATE, "Bearer");
            }
            Response.writeError(request, response, callback, refused.status(), refused.reason());
            return null;
        }
        response.setAcceptedSubProtocol(HoldfastServer.SUBPROTOCOL);
        return new LiveEndpoint(
                (Admission.Granted) admission,
                request.getConnectionMetaData().getConnection().getEndPoint(),
                access);
    }

    /** Binds the port. After a restart, remains of the last server may hold it for a moment. */
    private static void bind(ServerConnector connector, Duration patience) throws Exception {
        long deadline = System.nanoTime() + patience.toNanos();
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

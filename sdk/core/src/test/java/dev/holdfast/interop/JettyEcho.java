package dev.holdfast.interop;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.component.LifeCycle;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.eclipse.jetty.websocket.api.Callback;
import org.eclipse.jetty.websocket.api.Session;
import org.eclipse.jetty.websocket.server.WebSocketUpgradeHandler;

/** Jetty, in this process. */
final class JettyEcho implements AutoCloseable {
    private static final long MAX_MESSAGE_BYTES = 4L << 20;

    private final Commands commands = new Commands();
    private final Server jetty;
    private final ServerConnector connector;

    private JettyEcho(boolean compresses) {
        QueuedThreadPool threads = new QueuedThreadPool();
        threads.setDaemon(true);
        jetty = new Server(threads);
        connector = new ServerConnector(jetty, 1, 1);
        connector.setHost("127.0.0.1");
        jetty.addConnector(connector);
        jetty.setHandler(WebSocketUpgradeHandler.from(jetty, container -> {
            container.setMaxTextMessageSize(MAX_MESSAGE_BYTES);
            container.setMaxBinaryMessageSize(MAX_MESSAGE_BYTES);
            container.addMapping("/*", (request, response, callback) -> {
                if (request.hasSubProtocol(InteropContract.SUBPROTOCOL)) {
                    response.setAcceptedSubProtocol(InteropContract.SUBPROTOCOL);
                }
                if (!compresses) response.setExtensions(List.of());
                return new Endpoint(commands);
            });
        }));
    }

    static JettyEcho start(boolean compresses) throws Exception {
        JettyEcho echo = new JettyEcho(compresses);
        echo.jetty.start();
        return echo;
    }

    int port() {
        return connector.getLocalPort();
    }

    @Override
    public void close() {
        LifeCycle.stop(jetty);
    }

    /** Public because Jetty calls it by reflection. */
    public static final class Endpoint implements Session.Listener.AutoDemanding, Commands.Peer {
        private final Commands commands;
        private Session session;

        Endpoint(Commands commands) {
            this.commands = commands;
        }

        @Override
        public void onWebSocketOpen(Session opened) {
            session = opened;
        }

        @Override
        public void onWebSocketText(String text) {
            commands.onText(this, text);
        }

        @Override
        public void onWebSocketBinary(ByteBuffer payload, Callback callback) {
            session.sendBinary(payload, callback);
        }

        @Override
        public void onWebSocketPong(ByteBuffer payload) {
            commands.onPong(this, StandardCharsets.UTF_8.decode(payload).toString());
        }

        @Override
        public void onWebSocketClose(int code, String reason, Callback callback) {
            commands.onClose(this, code, reason);
            callback.succeed();
        }

        @Override
        public String path() {
            return session.getUpgradeRequest().getRequestURI().getPath();
        }

        @Override
        public void text(String text) {
            session.sendText(text, Callback.NOOP);
        }

        @Override
        public void ping(String payload) {
            session.sendPing(StandardCharsets.UTF_8.encode(payload), Callback.NOOP);
        }

        @Override
        public void fragments(List<String> fragments) {
            int last = fragments.size() - 1;
            for (int i = 0; i <= last; i++) session.sendPartialText(fragments.get(i), i == last, Callback.NOOP);
        }

        @Override
        public void close(int code, String reason) {
            session.close(code, reason, Callback.NOOP);
        }

        @Override
        public void die() {
            session.disconnect();
        }
    }
}

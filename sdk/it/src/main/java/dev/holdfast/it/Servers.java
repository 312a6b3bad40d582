package dev.holdfast.it;

import dev.holdfast.sample.node.Serve;
import java.nio.ByteBuffer;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.websocket.api.Callback;
import org.eclipse.jetty.websocket.api.Session;
import org.eclipse.jetty.websocket.server.WebSocketUpgradeHandler;
import org.jspecify.annotations.Nullable;

/**
 * A command that runs two servers that echo until the build ends: one for any client at {@code /echo}, and the
 * reference server, which speaks {@code resume.v1.json}, at {@code /live}.
 */
public final class Servers {
    private Servers() {}

    /** Takes the ports of the two. */
    public static void main(String[] args) throws Exception {
        ProcessHandle build = ProcessHandle.current().parent().orElseThrow();
        var unused = build.onExit().thenRun(() -> Runtime.getRuntime().halt(0));
        startEcho(Integer.parseInt(args[0]));
        System.exit(Serve.runMain("--port", args[1]));
    }

    private static void startEcho(int port) throws Exception {
        Server jetty = new Server();
        ServerConnector connector = new ServerConnector(jetty, 1, 1);
        connector.setHost("127.0.0.1");
        connector.setPort(port);
        jetty.addConnector(connector);
        jetty.setHandler(WebSocketUpgradeHandler.from(
                jetty,
                container -> container.addMapping("/echo", (request, response, callback) -> new EchoEndpoint())));
        jetty.start();
        System.out.println("listening at ws://127.0.0.1:" + port + "/echo");
    }

    /** Sends each message back. It is public because Jetty calls it by reflection. */
    public static final class EchoEndpoint implements Session.Listener.AutoDemanding {
        private @Nullable Session session;

        @Override
        public void onWebSocketOpen(Session opened) {
            session = opened;
        }

        @Override
        public void onWebSocketText(String text) {
            Session current = session;
            if (current != null) current.sendText(text, Callback.NOOP);
        }

        @Override
        public void onWebSocketBinary(ByteBuffer payload, Callback callback) {
            Session current = session;
            if (current != null) current.sendBinary(payload, callback);
        }
    }
}

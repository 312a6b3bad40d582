package dev.holdfast.server;

import com.example.LiveListener;
import java.nio.file.Path;
import org.eclipse.jetty.ee10.servlet.ServletContextHandler;
import org.eclipse.jetty.ee10.websocket.jakarta.server.config.JakartaWebSocketServletContainerInitializer;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;

/** The adapter of Jakarta WebSocket in Jetty. */
class JakartaInJettyTest extends AdapterContract {
    private final Server jetty = new Server();
    private final ServerConnector connector = new ServerConnector(jetty);
    private final ServletContextHandler context = new ServletContextHandler();

    @Override
    void startContainer(Path empty) throws Exception {
        connector.setHost("127.0.0.1");
        jetty.addConnector(connector);
        jetty.setHandler(context);
        JakartaWebSocketServletContainerInitializer.configure(context, null);
        context.addEventListener(new LiveListener());
        jetty.start();
    }

    @Override
    int port() {
        return connector.getLocalPort();
    }

    @Override
    HoldfastServer server() {
        return (HoldfastServer) context.getServletContext().getAttribute(HoldfastServer.class.getName());
    }

    @Override
    void stopContainer() throws Exception {
        jetty.stop();
    }
}

package dev.holdfast.sample.node;

import dev.holdfast.server.HoldfastServer;
import dev.holdfast.server.JakartaWebSocketEndpoint;
import dev.holdfast.server.SpringWebSocketHandler;
import jakarta.servlet.ServletException;
import jakarta.websocket.DeploymentException;
import jakarta.websocket.server.ServerContainer;
import java.nio.file.Path;
import java.util.function.Consumer;
import org.apache.catalina.Context;
import org.apache.catalina.LifecycleException;
import org.apache.catalina.Wrapper;
import org.apache.catalina.servlets.DefaultServlet;
import org.apache.catalina.startup.Tomcat;
import org.apache.tomcat.websocket.server.WsSci;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.web.context.support.AnnotationConfigWebApplicationContext;
import org.springframework.web.servlet.DispatcherServlet;
import org.springframework.web.socket.config.annotation.EnableWebSocket;
import org.springframework.web.socket.config.annotation.WebSocketConfigurer;

/** The examples of docs/server-authors.md with the suite's application, on Tomcat. */
final class TomcatServer implements AutoCloseable {
    @Configuration(proxyBeanMethods = false)
    @EnableWebSocket
    static class Settings {
        @Bean
        HoldfastServer holdfastServer() {
            return ConformanceApplication.embedded();
        }

        @Bean
        WebSocketConfigurer live(HoldfastServer server) {
            SpringWebSocketHandler handler = new SpringWebSocketHandler(server);
            return registry -> registry.addHandler(handler, "/live").addInterceptors(handler);
        }
    }

    private final Tomcat tomcat = new Tomcat();

    private TomcatServer(Path folder, Consumer<Context> application) throws LifecycleException {
        tomcat.setBaseDir(folder.toString());
        tomcat.setHostname("127.0.0.1");
        tomcat.setPort(0);
        tomcat.getConnector().setProperty("address", "127.0.0.1");
        Context context = tomcat.addContext("", folder.toString());
        context.addServletContainerInitializer(new WsSci(), null);
        application.accept(context);
        tomcat.start();
    }

    static TomcatServer spring(Path folder) throws LifecycleException {
        return new TomcatServer(folder, context -> {
            AnnotationConfigWebApplicationContext application = new AnnotationConfigWebApplicationContext();
            application.register(Settings.class);
            Wrapper servlet = Tomcat.addServlet(context, "spring", new DispatcherServlet(application));
            servlet.setLoadOnStartup(1);
            servlet.addMapping("/");
        });
    }

    /** @param server what gets the connections; it is not closed with Tomcat */
    static TomcatServer jakarta(Path folder, HoldfastServer server) throws LifecycleException {
        return new TomcatServer(folder, context -> {
            context.addServletContainerInitializer(
                    (classes, servlets) -> {
                        Object container = servlets.getAttribute(ServerContainer.class.getName());
                        try {
                            ((ServerContainer) container).addEndpoint(JakartaWebSocketEndpoint.at("/live", server));
                        } catch (DeploymentException e) {
                            throw new ServletException(e);
                        }
                    },
                    null);
            Tomcat.addServlet(context, "default", new DefaultServlet()).addMapping("/");
        });
    }

    String url() {
        return "ws://127.0.0.1:" + tomcat.getConnector().getLocalPort() + "/live";
    }

    @Override
    public void close() throws LifecycleException {
        tomcat.stop();
        tomcat.destroy();
    }
}

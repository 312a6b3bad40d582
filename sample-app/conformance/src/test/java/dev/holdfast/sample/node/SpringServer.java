package dev.holdfast.sample.node;

import dev.holdfast.server.HoldfastServer;
import dev.holdfast.server.SpringWebSocketHandler;
import java.nio.file.Path;
import org.apache.catalina.Context;
import org.apache.catalina.LifecycleException;
import org.apache.catalina.Wrapper;
import org.apache.catalina.startup.Tomcat;
import org.apache.tomcat.websocket.server.WsSci;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.web.context.support.AnnotationConfigWebApplicationContext;
import org.springframework.web.servlet.DispatcherServlet;
import org.springframework.web.socket.config.annotation.EnableWebSocket;
import org.springframework.web.socket.config.annotation.WebSocketConfigurer;

/** The configuration of docs/server-authors.md with the suite's application, in Spring on Tomcat. */
final class SpringServer implements AutoCloseable {
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

    private SpringServer(Path folder) throws LifecycleException {
        tomcat.setBaseDir(folder.toString());
        tomcat.setHostname("127.0.0.1");
        tomcat.setPort(0);
        tomcat.getConnector().setProperty("address", "127.0.0.1");
        Context context = tomcat.addContext("", folder.toString());
        context.addServletContainerInitializer(new WsSci(), null);
        AnnotationConfigWebApplicationContext application = new AnnotationConfigWebApplicationContext();
        application.register(Settings.class);
        Wrapper servlet = Tomcat.addServlet(context, "spring", new DispatcherServlet(application));
        servlet.setLoadOnStartup(1);
        servlet.addMapping("/");
        tomcat.start();
    }

    static SpringServer start(Path folder) throws LifecycleException {
        return new SpringServer(folder);
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

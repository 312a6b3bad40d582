package dev.holdfast.stomp;

import java.io.File;
import org.apache.catalina.Context;
import org.apache.catalina.Wrapper;
import org.apache.catalina.startup.Tomcat;
import org.apache.tomcat.websocket.server.WsSci;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.SpringVersion;
import org.springframework.messaging.simp.config.MessageBrokerRegistry;
import org.springframework.scheduling.concurrent.ThreadPoolTaskScheduler;
import org.springframework.web.context.support.AnnotationConfigWebApplicationContext;
import org.springframework.web.servlet.DispatcherServlet;
import org.springframework.web.socket.config.annotation.EnableWebSocketMessageBroker;
import org.springframework.web.socket.config.annotation.StompEndpointRegistry;
import org.springframework.web.socket.config.annotation.WebSocketMessageBrokerConfigurer;

/** Spring's simple broker in Tomcat, as a program. */
final class SpringBroker {
    private SpringBroker() {}

    /** The settings of an application with the simple broker. */
    @Configuration
    @EnableWebSocketMessageBroker
    static class Settings implements WebSocketMessageBrokerConfigurer {
        @Override
        public void registerStompEndpoints(StompEndpointRegistry registry) {
            registry.addEndpoint("/ws");
            registry.setPreserveReceiveOrder(true);
        }

        @Override
        public void configureMessageBroker(MessageBrokerRegistry registry) {
            ThreadPoolTaskScheduler scheduler = new ThreadPoolTaskScheduler();
            scheduler.initialize();
            registry.enableSimpleBroker("/topic", "/queue")
                    .setTaskScheduler(scheduler)
                    .setHeartbeatValue(new long[] {500, 500});
            registry.setPreservePublishOrder(true);
        }
    }

    public static void main(String[] arguments) throws Exception {
        Tomcat tomcat = new Tomcat();
        tomcat.setBaseDir(arguments[1]);
        tomcat.setHostname("127.0.0.1");
        tomcat.setPort(Integer.parseInt(arguments[0]));
        tomcat.getConnector().setProperty("address", "127.0.0.1");
        Context context = tomcat.addContext("", new File(arguments[1]).getAbsolutePath());
        context.addServletContainerInitializer(new WsSci(), null);
        AnnotationConfigWebApplicationContext application = new AnnotationConfigWebApplicationContext();
        application.register(Settings.class);
        Wrapper servlet = Tomcat.addServlet(context, "spring", new DispatcherServlet(application));
        servlet.setLoadOnStartup(1);
        servlet.addMapping("/");
        tomcat.start();
        System.out.println("version " + SpringVersion.getVersion());
        tomcat.getServer().await();
    }
}

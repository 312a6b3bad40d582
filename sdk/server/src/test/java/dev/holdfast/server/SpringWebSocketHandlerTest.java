package dev.holdfast.server;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.example.ServerConfiguration;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import org.apache.catalina.Context;
import org.apache.catalina.Wrapper;
import org.apache.catalina.startup.Tomcat;
import org.junit.jupiter.api.Test;
import org.springframework.web.context.support.AnnotationConfigWebApplicationContext;
import org.springframework.web.servlet.DispatcherServlet;

class SpringWebSocketHandlerTest extends TomcatContract {
    private final AnnotationConfigWebApplicationContext application = new AnnotationConfigWebApplicationContext();

    @Override
    void deploy(Context context) {
        application.register(ServerConfiguration.class);
        Wrapper servlet = Tomcat.addServlet(context, "spring", new DispatcherServlet(application));
        servlet.setLoadOnStartup(1);
        servlet.addMapping("/");
    }

    @Override
    HoldfastServer server() {
        return application.getBean(HoldfastServer.class);
    }

    @Test
    void whoMayNotConnectGetsAStatus() throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port() + "/live"))
                .header("Sec-WebSocket-Version", "13")
                .header("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==");
        HttpResponse<Void> answer =
                HttpClient.newHttpClient().send(request.build(), HttpResponse.BodyHandlers.discarding());
        assertEquals(400, answer.statusCode());
    }

    @Test
    void theExampleIsOnThePage() throws Exception {
        assertOnThePage(Path.of("src/test/java/com/example/ServerConfiguration.java"));
        assertOnThePage(Path.of("..", "it", "src/it/spring-boot/src/main/java/com/example/ServerConfiguration.java"));
    }
}

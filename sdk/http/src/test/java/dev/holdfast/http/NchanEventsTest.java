package dev.holdfast.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.HoldfastClient;
import dev.holdfast.ResumeFrom;
import dev.holdfast.Session;
import dev.holdfast.sample.node.Nginx;
import dev.holdfast.testkit.FaultProxy;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import okhttp3.MediaType;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The server-sent events of nginx with the module nchan, two channels in one stream, while the connection is cut. */
@Timeout(300)
class NchanEventsTest {
    private static final Path MODULE = Path.of("/usr/lib/nginx/modules/ngx_nchan_module.so");
    private static final List<String> CHANNELS = List.of("prices", "news");
    private static final int NUMBERS = 5_000;

    private final OkHttpClient http = new OkHttpClient();
    private final FeedHarness harness = new FeedHarness();
    private int port;
    private Process nginx;
    private FaultProxy proxy;

    @BeforeEach
    void serve() throws Exception {
        Needed.program(Nginx.PROGRAM);
        if (!Files.exists(MODULE)) Needed.isMissing("nchan is not installed: run .ci/install-interop");
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        Path folder = Files.createDirectories(Path.of("target", "nchan").toAbsolutePath());
        Path config = folder.resolve("nginx.conf");
        Files.writeString(config, """
                daemon off;
                master_process off;
                pid nginx.pid;
                load_module %s;
                events {}
                http {
                    access_log off;
                    client_body_temp_path client;
                    proxy_temp_path proxy;
                    fastcgi_temp_path fastcgi;
                    uwsgi_temp_path uwsgi;
                    scgi_temp_path scgi;
                    server {
                        listen 127.0.0.1:%d;
                        location = /publish {
                            nchan_publisher;
                            nchan_channel_id $arg_channel;
                            nchan_message_buffer_length 20000;
                            nchan_message_timeout 1h;
                        }
                        location = /events {
                            nchan_subscriber eventsource;
                            nchan_channel_id $arg_channels;
                            nchan_channel_id_split_delimiter ",";
                            nchan_subscriber_first_message oldest;
                        }
                    }
                }
                """.formatted(MODULE, port));
        nginx = new ProcessBuilder("/usr/sbin/nginx", "-p", folder.toString(), "-c", config.toString(), "-e", "stderr")
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("nginx.log").toFile())
                .start();
        Runtime.getRuntime().addShutdownHook(new Thread(nginx::destroyForcibly));
        harness.await("nginx", this::listens);
        proxy = FaultProxy.start(port);
    }

    private boolean listens() {
        try (Socket probe = new Socket()) {
            probe.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
            return true;
        } catch (IOException notYet) {
            return false;
        }
    }

    @AfterEach
    void end() {
        harness.close();
        if (proxy != null) proxy.close();
        if (nginx != null) nginx.destroyForcibly().onExit().join();
        http.connectionPool().evictAll();
    }

    private void publish(String channel, int number) throws IOException {
        Request request = new Request.Builder()
                .url("http://127.0.0.1:" + port + "/publish?channel=" + channel)
                .post(RequestBody.create(channel + " " + number, MediaType.get("text/plain")))
                .build();
        try (Response response = http.newCall(request).execute()) {
            assertTrue(response.isSuccessful(), response::toString);
        }
    }

    @Test
    void eachEventOfEachChannelComesOnceAndInOrderThroughCuts() throws Exception {
        HoldfastClient client = harness.connect(
                "http://127.0.0.1:" + proxy.port() + "/events?channels=" + String.join(",", CHANNELS),
                Carriers.events(),
                Session.resumeFrom(ResumeFrom.eventId()));
        Thread publisher = new Thread(() -> {
            try {
                for (int number = 0; number < NUMBERS; number++) {
                    for (String channel : CHANNELS) publish(channel, number);
                    if (number % 500 == 250) proxy.cut();
                }
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
        });
        publisher.start();
        Map<String, List<Integer>> came = Map.of("prices", new ArrayList<>(), "news", new ArrayList<>());
        for (int count = 0; count < 2 * NUMBERS; count++) {
            String[] parts = harness.next().text().split(" ", -1);
            List<Integer> numbers = came.get(parts[0]);
            assertEquals(numbers.size(), Integer.parseInt(parts[1]), parts[0]);
            numbers.add(numbers.size());
        }
        publisher.join();
        assertTrue(!harness.failures.isEmpty(), client.metrics()::toString);
        assertTrue(harness.messages.isEmpty(), harness.messages::toString);
        client.close();
        assertEquals(1000, client.closed().get(30, TimeUnit.SECONDS).code());
    }
}

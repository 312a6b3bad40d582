package dev.holdfast.feed;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import dev.holdfast.Backoff;
import dev.holdfast.HoldfastClient;
import dev.holdfast.Message;
import dev.holdfast.Metrics;
import dev.holdfast.ResumeFrom;
import dev.holdfast.Session;
import dev.holdfast.testkit.Direction;
import dev.holdfast.testkit.FaultProxy;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import okhttp3.MediaType;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * A feed of two channels of nginx with the module nchan, which has a history and can't be changed: the client resumes from
 * the id that nchan puts into the first lines of each message (subprotocol {@code ws+meta.nchan}).
 */
@Tag("interop")
@Timeout(120)
class NchanInteropTest {
    private static final Path MODULE = Path.of("/usr/lib/nginx/modules/ngx_nchan_module.so");
    private static final Path NGINX = Path.of("/usr/sbin/nginx");
    private static final List<String> CHANNELS = List.of("prices", "news");
    private static final int NUMBERS = 5_000;

    private final OkHttpClient http = new OkHttpClient();
    private final BlockingQueue<Message> messages = new LinkedBlockingQueue<>();
    private int port;
    private Process nginx;
    private FaultProxy proxy;
    private HoldfastClient client;

    @BeforeEach
    void serve() throws Exception {
        if (!Files.exists(MODULE) || !Files.isExecutable(NGINX)) {
            String missing = "nginx with nchan is not installed: run .ci/install-interop";
            if (Boolean.getBoolean("interop.required")) fail(missing);
            Assumptions.abort(missing);
        }
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        Path folder =
                Files.createDirectories(Path.of("target", "interop", "nchan").toAbsolutePath());
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
                        location = /subscribe {
                            nchan_subscriber websocket;
                            nchan_channel_id $arg_channels;
                            nchan_channel_id_split_delimiter ",";
                            nchan_subscriber_first_message oldest;
                        }
                    }
                }
                """.formatted(MODULE, port));
        nginx = new ProcessBuilder(NGINX.toString(), "-p", folder.toString(), "-c", config.toString(), "-e", "stderr")
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("nginx.log").toFile())
                .start();
        Runtime.getRuntime().addShutdownHook(new Thread(nginx::destroyForcibly));
        awaitListening();
        proxy = FaultProxy.start(port);
    }

    private void awaitListening() throws Exception {
        long start = System.nanoTime();
        while (true) {
            try (Socket probe = new Socket()) {
                probe.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
                return;
            } catch (IOException notYet) {
                if (!nginx.isAlive() || System.nanoTime() - start > TimeUnit.SECONDS.toNanos(20)) throw notYet;
                Thread.sleep(20);
            }
        }
    }

    @AfterEach
    void end() {
        if (client != null) client.cancel();
        if (proxy != null) proxy.close();
        if (nginx != null) nginx.destroyForcibly().onExit().join();
        http.connectionPool().evictAll();
    }

    private void subscribe() {
        Request request = new Request.Builder()
                .url("http://127.0.0.1:" + proxy.port() + "/subscribe?channels=" + String.join(",", CHANNELS))
                .header("Sec-WebSocket-Protocol", "ws+meta.nchan")
                .build();
        client = HoldfastClient.builder(request)
                .session(Session.resumeFrom(
                        ResumeFrom.idFrom(NchanInteropTest::id).inHeader("Last-Event-ID")))
                .backoff(Backoff.exponential(Duration.ofMillis(20), Duration.ofMillis(100)))
                .onMessage((from, message) -> messages.add(message))
                .build();
        client.connect();
    }

    /** Returns the value of nchan's line {@code id: …}, which ends before an empty line and the content. */
    private static String id(String message) {
        return message.startsWith("id: ") ? message.substring(4, message.indexOf('\n')) : null;
    }

    private static String content(Message message) {
        return message.text().substring(message.text().indexOf("\n\n") + 2);
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

    private Message next() throws Exception {
        Message message = messages.poll(30, TimeUnit.SECONDS);
        if (message == null) fail("nothing came; " + client.metrics());
        return message;
    }

    @Test
    void eachMessageOfEachChannelComesOnceAndInOrderThroughCuts() throws Exception {
        subscribe();
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
            String[] parts = content(next()).split(" ", -1);
            List<Integer> numbers = came.get(parts[0]);
            assertEquals(numbers.size(), Integer.parseInt(parts[1]), parts[0]);
            numbers.add(numbers.size());
        }
        publisher.join();
        assertTrue(
                client.metrics().count(Metrics.Counter.FAILURES) >= 1,
                () -> client.metrics().toString());
        assertTrue(messages.isEmpty(), messages::toString);
    }

    @Test
    void whatWasPublishedBehindABlackHoleComesAfterIt() throws Exception {
        subscribe();
        publish("prices", 0);
        assertEquals("prices 0", content(next()));
        proxy.blackHole(Direction.SERVER_TO_CLIENT, true);
        publish("prices", 1);
        publish("news", 0);
        CompletableFuture<?> back = client.reconnect();
        proxy.blackHole(Direction.SERVER_TO_CLIENT, false);
        back.get(30, TimeUnit.SECONDS);
        assertEquals("prices 1", content(next()));
        assertEquals("news 0", content(next()));
    }
}

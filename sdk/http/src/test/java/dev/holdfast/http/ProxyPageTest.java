package dev.holdfast.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.HoldfastClient;
import dev.holdfast.Metrics.Counter;
import dev.holdfast.Outcome;
import dev.holdfast.sample.node.ProxyProcess;
import dev.holdfast.sample.node.ProxyProcess.Program;
import dev.holdfast.sample.server.ReferenceServer;
import dev.holdfast.server.HandlerResult;
import dev.holdfast.server.ServerSession;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import okhttp3.OkHttpClient;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The configurations of docs/proxies.md carry both carriers. */
@Timeout(300)
class ProxyPageTest {
    private static final Path PAGE = Path.of("..", "..", "docs", "proxies.md");
    private static final int MANY = 5_000;

    private final CarrierHarness harness = new CarrierHarness();
    private final ReferenceServer server = ReferenceServer.start(ReferenceServer.Options.defaults());

    @AfterEach
    void stop() {
        harness.close();
        server.close();
    }

    private ProxyProcess start(Program program) throws IOException {
        Needed.program(program.program());
        String page = Files.readString(PAGE, StandardCharsets.UTF_8);
        Matcher block = Pattern.compile("```" + program.program() + "\n(.*?)```", Pattern.DOTALL)
                .matcher(page);
        assertTrue(block.find(), "no configuration of " + program);
        String configuration = block.group(1);
        for (String port : List.of("8080", "127.0.0.1:8081")) {
            assertEquals(2, configuration.split(port, -1).length, "not once: " + port);
        }
        return ProxyProcess.start(
                program,
                port -> configuration
                        .replace("127.0.0.1:8081", "127.0.0.1:" + server.port())
                        .replace("8080", Integer.toString(port)));
    }

    @ParameterizedTest
    @CsvSource({"NGINX, false", "NGINX, true", "HAPROXY, false", "HAPROXY, true"})
    void messagesPassBothWays(Program program, boolean httpOnly) throws Exception {
        harness.serve(server);
        List<String> polls = new CopyOnWriteArrayList<>();
        OkHttpClient okHttp = new OkHttpClient.Builder()
                .addInterceptor(chain -> {
                    String poll = chain.request().header("Holdfast-Poll");
                    if (poll != null) polls.add(poll);
                    return chain.proceed(chain.request());
                })
                .build();
        try (ProxyProcess proxy = start(program)) {
            HoldfastClient client = harness.connected(
                    harness.builder(proxy.url(), httpOnly ? Carriers.httpOnly() : Carriers.webSocketThenHttp())
                            .okHttpClient(okHttp)
                            .build());
            ServerSession session = harness.session(client);
            harness.send(client, MANY);
            harness.sendByServer(session, MANY);
            harness.awaitAll();
            assertEquals(httpOnly, client.opened().get(60, TimeUnit.SECONDS).isOverHttp());
            assertEquals(List.of(), polls);
            assertEquals(0, client.metrics().count(Counter.FAILURES), harness.events.toString());
            server.onMessage((from, seq, payload) -> HandlerResult.accepted());
            Outcome large = client.send("x".repeat(3_000_000)).outcome().get(60, TimeUnit.SECONDS);
            assertTrue(large.isSuccess(), large::toString);
            client.close();
            assertEquals(1000, client.closed().get(30, TimeUnit.SECONDS).code());
        }
    }
}

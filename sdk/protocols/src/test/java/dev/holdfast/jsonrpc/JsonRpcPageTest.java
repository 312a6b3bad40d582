package dev.holdfast.jsonrpc;

import dev.holdfast.interop.PageBlocks;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** The Java blocks on JSON-RPC of {@code docs/protocols.md}, compiled; and the check that they are the page's. */
@SuppressWarnings("FutureReturnValueIgnored")
class JsonRpcPageTest {
    private final Logger log = Logger.getAnonymousLogger();

    private void show(String line) {
        log.fine(line);
    }

    private void reload() {}

    void calls() {
        // page
        JsonRpc rpc = JsonRpc.builder("wss://example.com/rpc").build();
        rpc.onConnectionFailure(failure -> log.info(failure.toString()));
        rpc.connect();
        rpc.call("subtract", 42, 23).thenAccept(result -> show(result.text()));
        rpc.call(Call.named("subtract", Map.of("minuend", 42, "subtrahend", 23))
                        .timeout(Duration.ofSeconds(5))
                        .repeatable())
                .thenAccept(result -> log.info("result " + result.read(Integer.class)))
                .exceptionally(failure -> {
                    log.info(failure.toString()); // a JsonRpcErrorException or a NoAnswerException
                    return null;
                });
        rpc.batch(Call.of("sum", 1, 2), Call.of("name")).get(1).thenAccept(name -> show(name.text()));
        // end
    }

    void bothWays(JsonRpc rpc) {
        // page
        rpc.notify("log", "the client has started");
        rpc.onNotification("progress", params -> show(params.json()));
        rpc.onRequest("version", params -> Map.of("client", "1.0"));
        // end
    }

    RpcSubscription subscribe(JsonRpc rpc, String contract) {
        // page
        SubscriptionCall logs = SubscriptionCall.ethereum("logs", Map.of("address", contract))
                .cursor(log -> log.member("blockNumber").text() + " "
                        + log.member("logIndex").text())
                .backfill(last -> Call.of(
                        "eth_getLogs",
                        Map.of(
                                "address",
                                contract,
                                "fromBlock",
                                last.substring(0, last.indexOf(" ")),
                                "toBlock",
                                "latest")));
        RpcSubscription subscription = rpc.subscribe(logs, new SubscriptionListener() {
            @Override
            public void onValue(JsonValue value) {
                show(value.json());
            }

            @Override
            public void onGap(@Nullable Throwable cause) {
                reload();
            }
        });
        // end
        return subscription;
    }

    @Test
    void areThePages() throws IOException {
        PageBlocks.assertSame("protocols.md", "## JSON-RPC", JsonRpcPageTest.class);
    }
}

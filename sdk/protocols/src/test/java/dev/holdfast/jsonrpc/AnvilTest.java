package dev.holdfast.jsonrpc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import dev.holdfast.Backoff;
import dev.holdfast.testkit.FaultProxy;
import java.io.IOException;
import java.math.BigInteger;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The logs of an Ethereum node, Anvil, through a proxy whose network fails and a restart: {@code
 * eth_getLogs} fills the gaps. */
@Tag("interop")
@Timeout(180)
class AnvilTest {
    private static final Path PACKAGES = Path.of("target", "interop", "node_modules", "@foundry-rs");
    private static final int LOGS = 2_000;
    private static final int LOGS_OF_A_BLOCK = 4;

    /** A contract whose only code logs the first word of a call's data: LOG1 with the topic 1. */
    private static final String CONTRACT = "0x600e600c600039600e6000f3" + "600035600052600160206000a100";

    @TempDir
    Path folder;

    private List<String> command;
    private Process node;
    private int port;
    private FaultProxy proxy;
    private JsonRpc direct;
    private JsonRpc rpc;

    @AfterEach
    void end() {
        if (rpc != null) rpc.close();
        if (direct != null) direct.close();
        if (proxy != null) proxy.close();
        if (node != null) node.destroyForcibly().onExit().join();
    }

    private static String program() throws IOException {
        if (Files.isDirectory(PACKAGES)) {
            try (Stream<Path> packages = Files.list(PACKAGES)) {
                Path found = packages.map(each -> each.resolve("bin/anvil"))
                        .filter(Files::isRegularFile)
                        .findFirst()
                        .orElse(null);
                if (found != null) return found.toAbsolutePath().toString();
            }
        }
        String message = "npm package @foundry-rs/anvil is not installed: run .ci/install-interop";
        return Boolean.getBoolean("interop.required") ? fail(message) : Assumptions.abort(message);
    }

    private void start() throws Exception {
        String program = program();
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        command = List.of(
                program,
                "--silent",
                "--no-mining",
                "--port",
                "" + port,
                "--state",
                folder.resolve("state.json").toString());
        startNode();
        direct = client(port);
        assertTrue(get(direct.call("web3_clientVersion")).text().startsWith("anvil"));
        proxy = FaultProxy.start(port);
        rpc = client(proxy.port());
    }

    private void startNode() throws IOException {
        node = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(PACKAGES.resolveSibling("../anvil-" + port + ".log")
                        .normalize()
                        .toFile())
                .start();
        Process started = node;
        Runtime.getRuntime().addShutdownHook(new Thread(started::destroyForcibly));
    }

    /** Ends the node, which saves its blocks, and starts it again with them. */
    private void restart() throws Exception {
        node.destroy();
        assertTrue(node.waitFor(60, TimeUnit.SECONDS), "the node does not end");
        startNode();
    }

    private static JsonRpc client(int port) {
        JsonRpc client = JsonRpc.builder("ws://127.0.0.1:" + port)
                .callTimeout(Duration.ofSeconds(60))
                .configure(each -> each.backoff(Backoff.exponential(Duration.ofMillis(20), Duration.ofMillis(100))))
                .build();
        client.connect();
        return client;
    }

    private static JsonValue get(CompletableFuture<JsonValue> call) throws Exception {
        return call.get(60, TimeUnit.SECONDS);
    }

    private static void await(BooleanSupplier condition) throws Exception {
        long start = System.nanoTime();
        while (!condition.getAsBoolean()) {
            assertTrue(System.nanoTime() - start < TimeUnit.SECONDS.toNanos(90), "nothing came");
            Thread.sleep(5);
        }
    }

    private static String member(JsonValue value, String name) {
        return value.member(name).text();
    }

    /** @param number the number of the transaction of this account, from 0 */
    private CompletableFuture<JsonValue> send(String from, int number, Map<String, String> rest) {
        Map<String, String> transaction = new LinkedHashMap<>(rest);
        transaction.put("from", from);
        transaction.put("gas", "0x30000");
        transaction.put("nonce", "0x" + Integer.toHexString(number));
        return direct.call("eth_sendTransaction", transaction);
    }

    private String deploy(String account) throws Exception {
        String hash = get(send(account, 0, Map.of("data", CONTRACT))).text();
        get(direct.call("evm_mine"));
        JsonValue receipt = get(direct.call("eth_getTransactionReceipt", hash));
        return member(receipt, "contractAddress");
    }

    @Test
    void everyLogComesOnceAndInOrder() throws Exception {
        start();
        String account = get(direct.call("eth_accounts")).read(String[].class)[0];
        String contract = deploy(account);
        List<Integer> logs = Collections.synchronizedList(new ArrayList<>());
        List<String> gaps = Collections.synchronizedList(new ArrayList<>());
        SubscriptionCall call = SubscriptionCall.ethereum("logs", Map.of("address", contract))
                .cursor(log -> member(log, "blockNumber") + ' ' + member(log, "logIndex"))
                .backfill(last -> Call.of(
                        "eth_getLogs",
                        Map.of(
                                "address",
                                contract,
                                "fromBlock",
                                last.substring(0, last.indexOf(' ')),
                                "toBlock",
                                "latest")))
                .startingAfter("0x0 none");
        rpc.subscribe(call, new SubscriptionListener() {
            @Override
            public void onValue(JsonValue log) {
                logs.add(new BigInteger(member(log, "data").substring(2), 16).intValueExact());
            }

            @Override
            public void onGap(Throwable cause) {
                gaps.add(String.valueOf(cause));
            }
        });
        int cuts = 0;
        List<CompletableFuture<JsonValue>> block = new ArrayList<>();
        for (int i = 0; i < LOGS; i++) {
            block.add(send(account, 1 + i, Map.of("to", contract, "data", "0x" + String.format("%064x", i))));
            if (block.size() == LOGS_OF_A_BLOCK) {
                for (CompletableFuture<JsonValue> sent : block) get(sent);
                block.clear();
                get(direct.call("evm_mine"));
                if (i == LOGS / 2 - 1) restart();
            }
            if (i % 200 == 150) {
                proxy.cut();
                cuts++;
            }
        }
        await(() -> logs.size() >= LOGS);
        for (int i = 0; i < LOGS; i++) assertEquals(i, logs.get(i));
        assertEquals(LOGS, logs.size());
        assertEquals(List.of(), gaps);
        System.out.println(LOGS + " logs once and in order, " + cuts + " cuts and a restart, in blocks up to "
                + new BigInteger(get(direct.call("eth_blockNumber")).text().substring(2), 16));
    }
}

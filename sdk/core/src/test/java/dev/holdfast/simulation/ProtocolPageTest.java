package dev.holdfast.simulation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.holdfast.CloseReason;
import dev.holdfast.HoldfastClient;
import dev.holdfast.HoldfastListener;
import dev.holdfast.OutboundQueue;
import dev.holdfast.Session;
import dev.holdfast.TestHooks;
import dev.holdfast.internal.resume.EnvelopeSchema;
import dev.holdfast.internal.runtime.Environment;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import okio.ByteString;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The client says, byte by byte, what the exchanges in {@code docs/protocol.md} have it say. */
class ProtocolPageTest {
    private static final Pattern BLOCK = Pattern.compile("(?ms)^### ([^\n]+)$(?:(?!^###).)*?^```exchange\n(.*?)^```$");
    private static final String LOST = " (lost)";
    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
            .build();

    /** An exchange of the page. */
    record Example(String title, List<String> lines) {
        boolean hasBatch() {
            return lines.stream().anyMatch(line -> line.startsWith("C: ["));
        }

        @Override
        public String toString() {
            return title;
        }
    }

    static List<Example> examples() {
        String page;
        try {
            page = Files.readString(Path.of("..", "..", "docs", "protocol.md"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        List<Example> examples = new ArrayList<>();
        Matcher matcher = BLOCK.matcher(page);
        while (matcher.find()) {
            examples.add(new Example(matcher.group(1), matcher.group(2).lines().toList()));
        }
        return examples;
    }

    @Test
    void thePageHasAnExampleOfEverything() {
        List<String> titles = examples().stream().map(Example::title).collect(Collectors.toList());
        assertEquals(
                List.of(
                        "Open, send, receive, end",
                        "Resume",
                        "A session that has expired",
                        "Reject",
                        "Batch",
                        "Binary"),
                titles);
    }

    @ParameterizedTest
    @MethodSource("examples")
    void everyEnvelopeOfAnExampleMatchesTheSchema(Example example) {
        for (String line : example.lines()) {
            String said = line.substring(3).replace(LOST, "");
            if (!said.startsWith("{") && !said.startsWith("[")) continue;
            assertNull(
                    line.startsWith("C") ? EnvelopeSchema.faultFromClient(said) : EnvelopeSchema.faultFromServer(said),
                    line);
        }
    }

    @ParameterizedTest
    @MethodSource("examples")
    void theClientSaysWhatAnExampleHasItSay(Example example) {
        World world = new World(1);
        Player player = new Player(world, example);
        SimTransport transport = new SimTransport(world, player);
        Environment environment =
                new Environment(world.ticker, world.scheduler, world.threads, new Random(1), new Random(1), transport);
        OutboundQueue queue = OutboundQueue.ofBytes(100_000);
        HoldfastClient client = TestHooks.in(environment, HoldfastClient.builder("ws://simulated.example/"))
                .session(Session.resumable())
                .queue(example.hasBatch() ? queue.withBatching(Duration.ofMillis(5)) : queue)
                .listener(player)
                .build();
        player.use(client);
        client.connect();
        long end = world.now() + World.seconds(60);
        while (world.step(end)) {
            // Until nothing happens any more.
        }
        player.checkEnd();
    }

    /** The server of an example, and the application of its client. */
    private static final class Player implements SimServer, HoldfastListener {
        private final World world;
        private final List<String> lines;
        private HoldfastClient client;
        private SimConnection connection;
        private int at;
        /** The highest seq that the application's messages have in this session. */
        private long sent;

        Player(World world, Example example) {
            this.world = world;
            this.lines = example.lines();
        }

        void use(HoldfastClient user) {
            client = user;
        }

        void checkEnd() {
            assertEquals(lines.size(), at, () -> "the client never said " + lines.get(at));
        }

        @Override
        public void onConnect(SimConnection opened) {
            connection = opened;
        }

        @Override
        public void onText(SimConnection from, String text) {
            heard(text);
        }

        @Override
        public void onBinary(SimConnection from, ByteString bytes) {
            heard("hex " + spaced(bytes));
        }

        private static String spaced(ByteString bytes) {
            return bytes.hex().replaceAll("..(?=.)", "$0 ");
        }

        private void heard(String text) {
            assertTrue(at < lines.size(), () -> "the client also said " + text);
            assertEquals(lines.get(at).replace(LOST, ""), "C: " + text);
            at++;
            goOn();
        }

        @Override
        public void onDisconnect(SimConnection gone) {}

        @Override
        public void onClosed(HoldfastClient from, CloseReason reason) {
            List<String> rest = lines.subList(at, lines.size());
            // What is thrown here is the client's to report: the end of the test sees lines that are left.
            if (rest.equals(List.of("C: close " + reason.code(), "S: close " + reason.code()))) at = lines.size();
        }

        /** Up to the next line of the client's. */
        private void goOn() {
            while (at < lines.size() && !lines.get(at).startsWith("C: ")) {
                String line = lines.get(at++);
                if (line.startsWith("--- ")) {
                    connection.cut();
                } else if (!line.endsWith(LOST)) {
                    say(line.substring(3));
                }
            }
            if (at < lines.size()) ask(lines.get(at).substring(3).replace(LOST, ""));
        }

        private void say(String said) {
            if (said.startsWith("hex ")) {
                connection.serverSends(
                        Item.binary(ByteString.decodeHex(said.substring(4).replace(" ", ""))));
                return;
            }
            JsonNode envelope = json(said);
            if (envelope.path("t").asText().equals("welcome")
                    && !envelope.path("resumed").asBoolean()) sent = 0;
            connection.serverSends(Item.text(said));
        }

        /** Has the application do what makes the client say this. */
        private void ask(String wanted) {
            // Later: the client has not heard yet what the server just said.
            world.schedule(() -> askNow(wanted), World.millis(100));
        }

        private void askNow(String wanted) {
            if (wanted.startsWith("hex ")) {
                ByteString bytes = ByteString.decodeHex(wanted.substring(4).replace(" ", ""));
                sent++;
                assertNotNull(client.send(bytes.substring(9)));
            } else if (wanted.startsWith("[")) {
                for (JsonNode message : json(wanted)) send(message);
            } else if (wanted.startsWith("{")) {
                JsonNode envelope = json(wanted);
                switch (envelope.path("t").asText()) {
                    case "msg":
                        send(envelope);
                        break;
                    case "bye":
                        client.close();
                        break;
                    default:
                    // The client does it by itself.
                }
            }
        }

        private void send(JsonNode message) {
            long seq = message.path("c").asLong();
            if (seq <= sent) return;
            sent = seq;
            JsonNode payload = message.path("d");
            assertNotNull(payload.isTextual() ? client.send(payload.asText()) : client.send(payload));
        }

        private static JsonNode json(String text) {
            try {
                return JSON.readTree(text);
            } catch (IOException e) {
                return fail(text, e);
            }
        }
    }
}

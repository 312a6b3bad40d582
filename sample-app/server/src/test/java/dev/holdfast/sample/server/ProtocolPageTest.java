package dev.holdfast.sample.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.holdfast.server.HandlerResult;
import dev.holdfast.server.Payload;
import dev.holdfast.server.ServerSession;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The reference server says, byte by byte, what the exchanges in {@code docs/protocol.md} have a server say. Only the
 * names that a server makes up, of sessions, keys and entries, are exchanged for those of the page.
 */
@Timeout(300)
class ProtocolPageTest extends ServerHarness {
    private static final Pattern BLOCK = Pattern.compile("(?ms)^### ([^\n]+)$(?:(?!^###).)*?^```exchange\n(.*?)^```$");
    private static final HexFormat HEX = HexFormat.ofDelimiter(" ");
    /** As exact as the server's: every digit of a number counts. */
    private static final ObjectMapper JSON = JsonMapper.builder()
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
            .build();

    private static final String LOST = " (lost)";

    private final Map<String, String> actual = new LinkedHashMap<>();
    private final Map<String, String> printed = new LinkedHashMap<>();
    private final Map<Long, HandlerResult> rejections = new HashMap<>();
    private final List<String> payloads = new ArrayList<>();
    private @Nullable ServerSession session;

    /** An exchange of the page. */
    record Example(String title, List<String> lines) {
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

    @ParameterizedTest
    @MethodSource("examples")
    void theServerSaysWhatAnExampleHasItSay(Example example) throws Exception {
        List<String> lines = example.lines();
        ReferenceServer server = start(options());
        server.onMessage((from, seq, payload) -> {
            handled.add(new Handled(from.sid(), seq, payload));
            return rejections.getOrDefault(seq, HandlerResult.accepted());
        });
        lines.stream().filter(line -> line.startsWith("S: {\"t\":\"reject\"")).forEach(this::refuse);
        HandClient client = keep(HandClient.connect(server.url()));
        boolean replaying = false;
        for (int at = 0; at < lines.size(); at++) {
            String line = lines.get(at);
            String said = line.substring(3).replace(LOST, "");
            if (line.equals("--- connection lost")) {
                client.abort();
                ServerSession left = session();
                session = left;
                await(() -> !left.connected());
                lines.subList(at, at + lines.subList(at, lines.size()).indexOf("S: {\"t\":\"live\"}"))
                        .forEach(this::appendIfEntry);
                client = keep(HandClient.connect(server.url()));
            } else if (line.equals("--- session expired")) {
                server.expireSessions();
                client.expectClose(1001);
                client = keep(HandClient.connect(server.url()));
            } else if (line.equals("C: close 1000")) {
                client.closeNormally();
            } else if (line.startsWith("S: close ")) {
                client.expectClose(Integer.parseInt(line.substring("S: close ".length())));
            } else if (line.startsWith("C: ")) {
                if (!line.endsWith(LOST)) {
                    send(client, said);
                }
            } else {
                assertTrue(line.startsWith("S: "), line);
                replaying = said.startsWith("{\"t\":\"welcome\"") || (replaying && !said.equals("{\"t\":\"live\"}"));
                if (!replaying) {
                    appendIfEntry(line);
                }
                assertEquals(said, heard(client, said));
            }
        }
        List<String> handledPayloads = new ArrayList<>();
        while (handledPayloads.size() < payloads.size()) {
            Payload payload = handled().payload();
            handledPayloads.add(
                    payload instanceof Payload.Binary binary
                            ? HEX.formatHex(binary.bytes())
                            : ((Payload.Json) payload).value().toString());
        }
        assertEquals(payloads, handledPayloads);
    }

    private static JsonNode read(String json) {
        try {
            return JSON.readTree(json);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static JsonNode envelope(String line) {
        return read(line.substring(line.indexOf('{')));
    }

    private void refuse(String line) {
        JsonNode reject = envelope(line);
        rejections.put(
                reject.get("c").asLong(),
                HandlerResult.rejected(
                        reject.get("code").asText(), reject.get("message").asText()));
    }

    /** The server's application sends what the line says. */
    private void appendIfEntry(String line) {
        try {
            if (line.startsWith("S: {\"t\":\"msg\"")) {
                String unused = current().send(envelope(line).get("d"));
            } else if (line.startsWith("S: hex ")) {
                byte[] message = HEX.parseHex(line.substring("S: hex ".length()));
                byte[] payload = new byte[message.length - 2 - message[1]];
                System.arraycopy(message, 2 + message[1], payload, 0, payload.length);
                String unused = current().sendBinary(payload);
            }
        } catch (Exception e) {
            throw new AssertionError(line, e);
        }
    }

    private ServerSession current() throws Exception {
        ServerSession newest = session;
        if (newest == null) {
            newest = session();
            session = newest;
            // The harness hands each session out once.
            sessions.add(newest);
        }
        return newest;
    }

    private void send(HandClient client, String said) throws Exception {
        if (said.startsWith("hex ")) {
            byte[] message = HEX.parseHex(said.substring(4));
            payloads.add(HEX.formatHex(message, 9, message.length));
            client.binary(message);
            return;
        }
        JsonNode messages = read(said);
        for (JsonNode message : messages.isArray() ? messages : List.of(messages)) {
            if (message.path("t").asText().equals("msg")) {
                payloads.add(message.get("d").toString());
            }
        }
        client.sendRaw(exchange(said, actual));
    }

    /** The next thing that the server says, in the page's names. */
    private String heard(HandClient client, String expected) throws Exception {
        if (expected.startsWith("hex ")) {
            return "hex " + HEX.formatHex(printed(client.expectBinary(), HEX.parseHex(expected.substring(4))));
        }
        JsonNode wanted = read(expected);
        HandClient.Envelope envelope;
        do {
            envelope = assertInstanceOf(HandClient.Envelope.class, client.next());
        } while (isEarlierAck(envelope.json(), wanted));
        for (String name : List.of("sid", "key", "last", "id")) {
            if (wanted.has(name)) {
                JsonNode value = envelope.json().get(name);
                assertNotNull(value, envelope::text);
                bind(wanted.get(name).asText(), value.asText());
            }
        }
        return exchange(envelope.text(), printed);
    }

    /** A server may acknowledge in more steps than the page shows. */
    private static boolean isEarlierAck(JsonNode heard, JsonNode wanted) {
        return heard.path("t").asText().equals("ack")
                && wanted.path("t").asText().equals("ack")
                && heard.path("c").asLong() < wanted.path("c").asLong();
    }

    private byte[] printed(byte[] heard, byte[] wanted) {
        String id = new String(heard, 2, heard[1], StandardCharsets.US_ASCII);
        bind(new String(wanted, 2, wanted[1], StandardCharsets.US_ASCII), id);
        byte[] printedId = printed.getOrDefault(id, id).getBytes(StandardCharsets.US_ASCII);
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        bytes.write(heard[0]);
        bytes.write(printedId.length);
        bytes.writeBytes(printedId);
        bytes.write(heard, 2 + heard[1], heard.length - 2 - heard[1]);
        return bytes.toByteArray();
    }

    private void bind(String page, String real) {
        String before = actual.putIfAbsent(page, real);
        assertTrue(before == null || before.equals(real), () -> page + " was " + before + " and is " + real);
        printed.put(real, page);
    }

    private static String exchange(String text, Map<String, String> names) {
        String exchanged = text;
        for (var name : names.entrySet()) {
            exchanged = exchanged.replace("\"" + name.getKey() + "\"", "\"" + name.getValue() + "\"");
        }
        return exchanged;
    }
}

package dev.holdfast.fuzz;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.FuzzTest;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.holdfast.Backoff;
import dev.holdfast.Heartbeat;
import dev.holdfast.OutboundQueue;
import dev.holdfast.internal.frame.ProtocolViolation;
import dev.holdfast.internal.frame.Texts;
import dev.holdfast.internal.resume.ResumeProtocol;
import dev.holdfast.internal.session.Effect;
import dev.holdfast.internal.session.Open;
import dev.holdfast.internal.session.Outbound;
import dev.holdfast.internal.session.Payload;
import dev.holdfast.internal.session.RecordingEffects;
import dev.holdfast.internal.session.SessionEvent;
import dev.holdfast.internal.session.SessionMachine;
import dev.holdfast.internal.session.SessionProtocol;
import dev.holdfast.internal.session.SessionSettings;
import dev.holdfast.internal.session.WaitingQueue;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import okio.ByteString;
import okio.Utf8;
import org.junit.jupiter.api.Tag;

/**
 * Any text, and any bytes, are an envelope or a protocol error, as a tree of the same JSON says, and neither breaks the
 * session. A payload arrives as it was sent, in both directions.
 */
@Tag("slow")
class EnvelopeFuzzTest {
    private static final JsonMapper TREES = JsonMapper.builder(JsonFactory.builder()
                    .streamReadConstraints(StreamReadConstraints.builder()
                            .maxNestingDepth(Integer.MAX_VALUE)
                            .maxNumberLength(Integer.MAX_VALUE)
                            .maxNameLength(Integer.MAX_VALUE)
                            .build())
                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                    .build())
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    private static final String ID = "[0-9A-Za-z_.:-]{1,64}";
    private static final int MAX_TEXT = 1024;
    private static final long MAX_SEQ = (1L << 53) - 1;

    private final ResumeProtocol protocol = new ResumeProtocol(url -> url.contains(":"));

    @FuzzTest
    void anyMessage(byte[] bytes) throws JsonProcessingException {
        String text = new String(bytes, StandardCharsets.UTF_8);
        checkText(text, false);
        checkText(text, true);
        checkBinary(ByteString.of(bytes));
        checkWritten(text);
    }

    private SessionEvent read(String text) {
        try {
            return protocol.readText(Texts.text(text));
        } catch (ProtocolViolation e) {
            throw new AssertionError(e);
        }
    }

    private void checkText(String text, boolean welcomed) throws JsonProcessingException {
        RecordingEffects effects = applied(read(text), session(welcomed));
        boolean refused = isRefused(effects);
        JsonNode tree;
        try {
            tree = TREES.readTree(text);
        } catch (JsonProcessingException e) {
            // Which of two members of one name counts is not said anywhere.
            if (!e.getOriginalMessage().startsWith("Duplicate field")) assertTrue(refused);
            return;
        }
        assertEquals(!isEnvelope(tree) || !hasAPlace(tree, welcomed), refused);
        if (!refused && tree.get("t").textValue().equals("msg")) {
            assertEquals(tree.get("id").textValue(), effects.lastDelivered().id());
            checkPayload(tree.get("d"), effects.lastDelivered().payload(), text);
        }
    }

    private void checkPayload(JsonNode sent, Payload payload, String text) throws JsonProcessingException {
        if (sent.isTextual()) {
            assertEquals(Payload.Kind.JSON_STRING, payload.kind());
            assertEquals(sent.textValue(), payload.text());
            assertTextWritten(payload.text());
        } else {
            assertEquals(Payload.Kind.JSON, payload.kind());
            assertTrue(text.contains(payload.text()), payload.text());
            assertEquals(sent, TREES.readTree(payload.text()));
            assertEquals(sent, written(payload).get("d"));
        }
    }

    private void checkBinary(ByteString bytes) {
        RecordingEffects effects = applied(protocol.readBinary(bytes), session(true));
        int payloadAt = bytes.size() < 2 ? 2 : 2 + (bytes.getByte(1) & 0xff);
        String id =
                bytes.size() < payloadAt ? "" : bytes.substring(2, payloadAt).string(StandardCharsets.ISO_8859_1);
        if (!bytes.startsWith(ByteString.of((byte) 1)) || !id.matches(ID)) {
            assertTrue(isRefused(effects));
            return;
        }
        assertFalse(isRefused(effects));
        assertEquals(id, effects.lastDelivered().id());
        assertEquals(
                bytes.substring(payloadAt), effects.lastDelivered().payload().bytes());
    }

    /** What {@code docs/protocol.md} asks of what a server sends. */
    private static boolean isEnvelope(JsonNode tree) {
        if (!tree.isObject() || !isText(tree.path("t"))) return false;
        return switch (tree.get("t").textValue()) {
            case "msg" -> isId(tree.path("id")) && tree.has("d");
            case "ack" -> isNumber(tree.path("c"), MAX_SEQ);
            case "reject" -> isId(tree.path("id")) && isNumber(tree.path("c"), MAX_SEQ) && isText(tree.path("code"));
            case "welcome" -> isWelcome(tree);
            case "reconnect" -> isTime(tree.path("afterMs")) && isUrlIfAny(tree.path("url"));
            case "auth" -> tree.path("ok").isBoolean() && isAuthTimeIfAny(tree);
            case "live", "error" -> true;
            default -> false;
        };
    }

    /** In a session that has sent nothing yet. */
    private static boolean hasAPlace(JsonNode tree, boolean welcomed) {
        return switch (tree.get("t").textValue()) {
            case "welcome" ->
                !welcomed
                        && tree.get("c").longValue() == 0
                        && !tree.path("resumed").asBoolean();
            case "msg", "live" -> welcomed;
            case "ack" -> welcomed && tree.get("c").longValue() == 0;
            case "reject" -> false;
            default -> true;
        };
    }

    private static boolean isWelcome(JsonNode tree) {
        JsonNode last = tree.path("last");
        return isName(tree.path("sid"))
                && isName(tree.path("key"))
                && isNumber(tree.path("c"), MAX_SEQ)
                && tree.path("resumed").isBoolean()
                && (last.isMissingNode() || last.isNull() || isId(last))
                && Stream.of("maxUnacked", "maxBytes", "batch", "maxMessage")
                        .allMatch(limit -> isNumberIfAny(tree.path(limit)));
    }

    private static boolean isName(JsonNode node) {
        return isText(node) && !node.textValue().isEmpty();
    }

    private static boolean isText(JsonNode node) {
        return node.isTextual() && node.textValue().length() <= MAX_TEXT;
    }

    private static boolean isId(JsonNode node) {
        return node.isTextual() && node.textValue().matches(ID);
    }

    private static boolean isNumberIfAny(JsonNode node) {
        return node.isMissingNode() || node.isNull() || isNumber(node, MAX_SEQ);
    }

    /** A time over a day counts as a day. */
    private static boolean isTime(JsonNode node) {
        return node.isIntegralNumber() && node.bigIntegerValue().signum() >= 0;
    }

    /** An accepted credential needs no time. */
    private static boolean isAuthTimeIfAny(JsonNode auth) {
        JsonNode time = auth.path("inMs");
        return auth.path("ok").asBoolean() || time.isMissingNode() || time.isNull() || isTime(time);
    }

    private static boolean isUrlIfAny(JsonNode node) {
        return node.isMissingNode()
                || node.isNull()
                || (isName(node) && node.textValue().contains(":"));
    }

    private static boolean isNumber(JsonNode node, long max) {
        return node.isIntegralNumber() && node.canConvertToLong() && node.longValue() >= 0 && node.longValue() <= max;
    }

    private void checkWritten(String text) throws JsonProcessingException {
        assertTextWritten(text);
        List<String> open = new ArrayList<>();
        protocol.writeOpen(new Open(text, text, text, text), wire(open));
        JsonNode tree = TREES.readTree(open.get(0));
        for (String member : List.of("sid", "key", "last"))
            assertEquals(text, tree.get(member).textValue());
    }

    /** In UTF-8 an unpaired surrogate is a question mark. */
    private void assertTextWritten(String text) throws JsonProcessingException {
        String utf8 = new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8);
        assertEquals(utf8, written(Payload.text(text)).get("d").textValue());
    }

    private JsonNode written(Payload payload) throws JsonProcessingException {
        List<String> texts = new ArrayList<>();
        protocol.writeMessage(new Outbound(payload, payload.size(), "receipt"), wire(texts));
        return TREES.readTree(texts.get(0));
    }

    private static SessionProtocol.Wire wire(List<String> texts) {
        return new SessionProtocol.Wire() {
            @Override
            public void text(String text, long utf8Length) {
                assertEquals(Utf8.size(text), utf8Length);
                texts.add(text);
            }

            @Override
            public void binary(ByteString bytes) {
                throw new AssertionError("binary");
            }
        };
    }

    private static boolean isRefused(RecordingEffects effects) {
        return effects.take().stream().anyMatch(effect -> effect.startsWith("close 4400"));
    }

    private static RecordingEffects applied(SessionEvent event, SessionMachine machine) {
        return performed(event.apply(machine, 1, 0));
    }

    private static RecordingEffects performed(List<Effect> all) {
        RecordingEffects effects = new RecordingEffects();
        for (Effect effect : all) effect.perform(effects);
        return effects;
    }

    /** A session that waits for its welcome, or has it. */
    private SessionMachine session(boolean welcomed) {
        SessionMachine machine = new SessionMachine(
                new SessionSettings(
                        true,
                        Backoff.exponential(Duration.ofSeconds(1), Duration.ofSeconds(1)),
                        Heartbeat.every(Duration.ofSeconds(20)),
                        1024,
                        null,
                        1_000_000_000,
                        1_000_000_000),
                new Random(1),
                new WaitingQueue(OutboundQueue.ofBytes(1_000)));
        performed(machine.connect(0));
        performed(machine.onOpen(1, 0));
        if (welcomed) {
            String welcome = "{\"t\":\"welcome\",\"sid\":\"s\",\"key\":\"k\",\"resumed\":false,\"c\":0}";
            applied(read(welcome), machine);
        }
        return machine;
    }
}

package dev.holdfast.internal.resume;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.FuzzTest;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.holdfast.internal.frame.ProtocolViolation;
import dev.holdfast.internal.frame.Texts;
import dev.holdfast.internal.session.Inbound;
import dev.holdfast.internal.session.Payload;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;

/**
 * What the reader without a parser makes of any bytes, Jackson makes of the same bytes. And the reader leaves nothing to the
 * parser that has neither escapes nor more depth than it reads.
 */
@Tag("slow")
class MessageReaderFuzzTest {
    /** One for all texts, as for those of a connection. */
    private final MessageReader reader = new MessageReader(Texts.text(""));

    private static final JsonMapper JACKSON = JsonMapper.builder(JsonFactory.builder()
                    .streamReadConstraints(StreamReadConstraints.builder()
                            .maxNumberLength(Integer.MAX_VALUE)
                            .maxNameLength(Integer.MAX_VALUE)
                            .build())
                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                    .build())
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    private static final String ID = "[0-9A-Za-z_.:-]{1,64}";
    private static final int MAX_DEPTH = 64;

    @FuzzTest
    void anyBytes(byte[] bytes) {
        boolean isUtf8 = Texts.isUtf8(bytes);
        Inbound found;
        try {
            found = reader.read(Texts.text(bytes));
        } catch (ProtocolViolation e) {
            assertFalse(isUtf8, "refused, and is UTF-8");
            return;
        }
        JsonNode tree = isUtf8 ? tree(bytes) : null;
        if (found == null) {
            assertFalse(tree != null && isPlain(tree, bytes), "left to the parser");
            return;
        }
        assertTrue(isUtf8, "read, and is not UTF-8");
        String text = new String(bytes, StandardCharsets.UTF_8);
        if (tree == null) {
            assertTrue(hasDuplicate(bytes), "read, and is no JSON");
            return;
        }
        assertEquals("msg", tree.path("t").textValue());
        assertEquals(tree.path("id").textValue(), found.id());
        checkPayload(tree.get("d"), found.payload(), text);
    }

    private static void checkPayload(@Nullable JsonNode sent, Payload payload, String text) {
        assertNotNull(sent);
        assertEquals(payload.text().getBytes(StandardCharsets.UTF_8).length, payload.size());
        if (sent.isTextual()) {
            assertEquals(Payload.Kind.JSON_STRING, payload.kind());
            assertEquals(sent.textValue(), payload.text());
        } else {
            assertEquals(Payload.Kind.JSON, payload.kind());
            assertTrue(text.contains(payload.text()));
            assertEquals(sent, tree(payload.text().getBytes(StandardCharsets.UTF_8)));
        }
    }

    private static @Nullable JsonNode tree(byte[] bytes) {
        try {
            return JACKSON.readTree(bytes);
        } catch (IOException e) {
            return null;
        }
    }

    /** Which of two members of one name counts is not said anywhere, if it is none that a message needs. */
    private static boolean hasDuplicate(byte[] bytes) {
        try {
            JACKSON.readTree(bytes);
            return false;
        } catch (IOException e) {
            return String.valueOf(e.getMessage()).startsWith("Duplicate field");
        }
    }

    private static boolean isPlain(JsonNode tree, byte[] bytes) {
        for (byte b : bytes) {
            if (b == '\\') return false;
        }
        String id = tree.path("id").textValue();
        return tree.isObject()
                && "msg".equals(tree.path("t").textValue())
                && id != null
                && id.matches(ID)
                && tree.has("d")
                && depth(tree) <= MAX_DEPTH;
    }

    private static int depth(JsonNode tree) {
        int deepest = 0;
        for (JsonNode child : tree) deepest = Math.max(deepest, depth(child) + 1);
        return deepest;
    }
}

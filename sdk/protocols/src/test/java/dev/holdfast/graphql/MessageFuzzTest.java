package dev.holdfast.graphql;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.code_intelligence.jazzer.junit.FuzzTest;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonPointer;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.holdfast.JacksonCodec;
import dev.holdfast.internal.protocols.BadMessageException;
import dev.holdfast.internal.protocols.Json;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Whatever a server sends, the parser gives a message or the one exception that names a fault; and it reads JSON as Jackson does. */
class MessageFuzzTest {
    private static final ObjectMapper JACKSON = new ObjectMapper();
    private static final ObjectMapper UNIQUE_NAMES = new ObjectMapper(JsonFactory.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .build());
    private static final int MUTANTS = 20_000;
    private static final String[] SEEDS = {
        "{\"type\":\"connection_ack\",\"payload\":{\"a\":[1,-2.5e+3,true,null,\"x\\\"\\\\\"]}}",
        "{\"id\":\"q1\",\"type\":\"next\",\"payload\":{\"data\":{\"m\":{\"id\":17}},\"errors\":[{\"message\":\"e\","
                + "\"path\":[\"a\",0],\"extensions\":{\"code\":\"C\"}}],\"extensions\":{ }} }",
        "{ \"payload\" : [ {\"message\":\"no\"} , {\"message\":\"\\u00e4\"}], \"type\":\"error\", \"id\":\"s2.1\"}",
        "{\"type\":\"complete\",\"id\":\"s2.1\"}",
        "{\"type\":\"ping\",\"payload\":null}"
    };

    @FuzzTest
    void messages(FuzzedDataProvider data) {
        check(data.consumeRemainingAsString());
    }

    @Test
    void changedMessages() {
        Random random = new Random(42);
        int good = 0;
        for (int i = 0; i < MUTANTS; i++) {
            StringBuilder text = new StringBuilder(SEEDS[random.nextInt(SEEDS.length)]);
            for (int change = random.nextInt(4); change > 0; change--) {
                int at = random.nextInt(text.length());
                if (random.nextBoolean()) {
                    text.deleteCharAt(at);
                } else {
                    text.insert(at, "{}[]\",:\\ 01ea.\u00e4".charAt(random.nextInt(15)));
                }
            }
            if (check(text.toString())) good++;
        }
        assertTrue(good > MUTANTS / 20, good + " good messages");
    }

    private static boolean check(String text) {
        IncomingMessage message;
        try {
            message = IncomingMessage.parse(text, JacksonCodec::lenient);
        } catch (BadMessageException e) {
            assertFalse(e.getMessage().isEmpty());
            return false;
        }
        JsonNode whole = tree(text);
        if (message.result != null) {
            Result result = message.result;
            assertEquals(whole.get("payload"), tree(result.json()));
            if (result.data() != null) {
                assertEquals(whole.get("payload").get("data"), tree(result.data()));
            }
            for (String pointer : new String[] {"/data/m/id", "/errors/0/path/1", "/data", ""}) {
                JsonNode node = whole.get("payload").at(pointer);
                String actual = Json.textAt(result.json(), JsonPointer.compile(pointer));
                // Of members with the same name, Jackson's tree has the last.
                if (repeats(text)) continue;
                assertEquals(node.isTextual() || node.isNumber(), actual != null, text);
                if (node.isTextual()) assertEquals(node.asText(), actual);
            }
        }
        for (GraphQlError error : message.errors)
            assertEquals(tree(error.json()).get("message").asText(), error.message());
        return true;
    }

    /** Returns whether a name stands twice in an object. */
    private static boolean repeats(String json) {
        try {
            JsonNode unused = UNIQUE_NAMES.readTree(json);
            return false;
        } catch (java.io.IOException e) {
            return true;
        }
    }

    private static JsonNode tree(String json) {
        try {
            return JACKSON.readTree(json);
        } catch (java.io.IOException e) {
            throw new AssertionError("the parser accepted what is not JSON: " + json, e);
        }
    }

    @Test
    void scalarsAndStructuresAreCutAsTheyCame() throws Exception {
        Map<String, String> members = Json.members(
                " { \"a\" : -1.50E+2 , \"b\":[ 1 , {\"x\":\"]\"} ] ,\"c\":\"q\\\"\\\\\" , \"d\" :null,\"e\":true,\"f\":{} } ");
        assertEquals(
                Map.of(
                        "a",
                        "-1.50E+2",
                        "b",
                        "[ 1 , {\"x\":\"]\"} ]",
                        "c",
                        "\"q\\\"\\\\\"",
                        "d",
                        "null",
                        "e",
                        "true",
                        "f",
                        "{}"),
                members);
        StringBuilder large = new StringBuilder("[");
        for (int i = 0; i < 20_000; i++) large.append(i).append(", \"\u00e4\u4e2d\" ,");
        assertEquals(40_001, Json.elements(large.append("{}]").toString()).size());
        assertEquals("\"\u00e4\u4e2d\"", Json.elements(large.toString()).get(39_999));
    }
}

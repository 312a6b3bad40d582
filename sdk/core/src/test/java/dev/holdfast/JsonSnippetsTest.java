package dev.holdfast;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.util.RawValue;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import com.google.gson.Gson;
import com.google.gson.JsonElement;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import com.google.gson.reflect.TypeToken;
import dev.holdfast.internal.session.Payload;
import java.io.IOException;
import java.lang.reflect.Type;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.json.JSONObject;
import org.junit.jupiter.api.Test;

/** The examples of {@code docs/json.md}, compiled and used; and the check that they are the page's. */
class JsonSnippetsTest {
    private static final Path PAGE = Path.of("..", "..", "docs", "json.md");
    private static final Path SOURCE = Path.of("src", "test", "java", "dev", "holdfast", "JsonSnippetsTest.java");

    private final List<Object> shown = new ArrayList<>();

    private void show(Object what) {
        shown.add(what);
    }

    // spotless:off
    private void send(HoldfastClient client, JSONObject json) {
        // json
        client.send(json.toString()); // text
        client.send(new RawValue(json.toString())); // a JSON value, also in a resumable session
        // end
    }

    private void read(Message message) {
        // json
        List<ChatLine> lines = message.read(new TypeRef<List<ChatLine>>() {});
        // end
        show(lines);
    }

    private HoldfastClient table() {
        // json
        HoldfastClient client = HoldfastClient.builder("wss://example.com/live")
                .typed(TypedMessages.discriminator("/type")
                        .on("prices", new TypeRef<Map<String, Object>>() {}, this::show))
                .build();
        // end
        return client;
    }

    private HoldfastClient mapper() {
        // json
        ObjectMapper mapper = JsonMapper.builder()
                .addModule(new JavaTimeModule()) // com.fasterxml.jackson.datatype:jackson-datatype-jsr310
                .disable(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS) // "2026-01-31T12:00:00Z"
                .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES) // a server may add members
                .build();
        HoldfastClient client = HoldfastClient.builder("wss://example.com/live")
                .payloadCodec(JacksonCodec.of(mapper))
                .build();
        // end
        return client;
    }

    // json
    @HoldfastMessage
    public static final class ChatLine {
        private String from;
        private String text;

        private ChatLine() {} // for Jackson

        public ChatLine(String from, String text) {
            this.from = from;
            this.text = text;
        }

        public String getFrom() {
            return from;
        }

        public String getText() {
            return text;
        }
    }
    // end

    private HoldfastClient unannotated() {
        // json
        HoldfastClient client = HoldfastClient.builder("wss://example.com/live")
                .payloadCodec(JacksonCodec.lenient().withUnannotatedMessages())
                .build();
        // end
        return client;
    }

    // json
    public record Price(
            @JsonProperty("symbol") String symbol,
            @JsonProperty("cents") long cents) {}
    // end

    // json
    public static final class GsonCodec implements PayloadCodec {
        private final Gson gson;

        public GsonCodec(Gson gson) {
            this.gson = gson;
        }

        @Override
        public EncodedPayload encode(Object object) {
            try {
                return EncodedPayload.json(gson.toJson(object));
            } catch (JsonParseException e) {
                throw new PayloadException(object.getClass().getSimpleName() + " cannot be written", e);
            }
        }

        @Override
        public Object decode(EncodedPayload payload, Type type) {
            try {
                return gson.fromJson(payload.text(), type);
            } catch (JsonParseException e) {
                throw new PayloadException("message is not a " + type, e);
            }
        }

        @Override
        public String textAt(EncodedPayload payload, String pointer) { // for TypedMessages; names without ~ or /
            if (payload.kind() == EncodedPayload.Kind.BINARY) return null;
            try {
                JsonElement at = JsonParser.parseString(payload.text());
                for (String name : pointer.substring(1).split("/", -1)) {
                    if (!at.isJsonObject() || !at.getAsJsonObject().has(name)) return null;
                    at = at.getAsJsonObject().get(name);
                }
                boolean found = at.isJsonPrimitive() && !at.getAsJsonPrimitive().isBoolean();
                return found ? at.getAsString() : null;
            } catch (JsonParseException e) {
                throw new PayloadException("message is not JSON", e);
            }
        }
    }
    // end
    // spotless:on

    @Test
    void areThePages() throws IOException {
        List<String> documented = SnippetsTest.blocks(PAGE, "```java", "```");
        assertFalse(documented.isEmpty());
        assertEquals(
                String.join("\n\n", documented), String.join("\n\n", SnippetsTest.blocks(SOURCE, "// json", "// end")));
    }

    @Test
    void theExamplesBuildClients() {
        for (HoldfastClient client : List.of(table(), mapper(), unannotated())) {
            send(client, new JSONObject(Map.of()));
            assertEquals(2, client.metrics().queuedMessages());
            client.cancel();
        }
    }

    @Test
    void annotatedTypesAreAcceptedOnAndroid() {
        Payloads android = new Payloads(JacksonCodec.lenient().withNames(MemberNames.ANDROID));
        assertEquals(
                "[{\"from\":\"ada\",\"text\":\"hello\"}]",
                android.payload(List.of(new ChatLine("ada", "hello"))).text());
        assertEquals(
                "{\"symbol\":\"ACME\",\"cents\":1}",
                android.payload(new Price("ACME", 1)).text());
        read(new Message(null, Payload.text("[{\"from\":\"ada\",\"text\":\"hello\"}]"), android));
        assertEquals(1, ((List<?>) shown.get(0)).size());
    }

    @Test
    void aMapperWithTimesWritesThem() {
        JacksonCodec codec = JacksonCodec.of(JsonMapper.builder()
                .addModule(new JavaTimeModule())
                .disable(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS)
                .build());
        Instant time = Instant.parse("2026-01-31T12:00:00Z");
        assertEquals("\"2026-01-31T12:00:00Z\"", codec.encode(time).text());
        assertEquals(time, codec.decode(EncodedPayload.json("\"2026-01-31T12:00:00Z\""), Instant.class));
        assertThrows(PayloadException.class, () -> JacksonCodec.lenient().encode(time));
    }

    @Test
    void gsonWritesAndReads() {
        Payloads payloads = new Payloads(new GsonCodec(new Gson()));
        Payload payload = payloads.payload(List.of(new ChatLine("ada", "hello")));
        assertEquals("[{\"from\":\"ada\",\"text\":\"hello\"}]", payload.text());
        List<ChatLine> lines = new Message(null, payload, payloads).read(new TypeRef<List<ChatLine>>() {});
        assertEquals("hello", lines.get(0).getText());
        assertEquals(
                lines.getClass(),
                new Gson()
                        .fromJson(payload.text(), new TypeToken<List<ChatLine>>() {}.getType())
                        .getClass());
        Message typed = new Message(null, Payload.text("{\"a\":{\"type\":\"chat\"},\"n\":1,\"b\":true}"), payloads);
        assertEquals("chat", typed.textAt("/a/type"));
        assertEquals("1", typed.textAt("/n"));
        assertNull(typed.textAt("/b"));
        assertNull(typed.textAt("/missing"));
        Message broken = new Message(null, Payload.text("{\"a\""), payloads);
        assertThrows(PayloadException.class, () -> broken.textAt("/a"));
        assertThrows(PayloadException.class, () -> broken.read(ChatLine.class));
    }
}

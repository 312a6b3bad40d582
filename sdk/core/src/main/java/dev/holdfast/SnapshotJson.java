package dev.holdfast;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import dev.holdfast.internal.resume.Redaction;
import dev.holdfast.internal.resume.UnlimitedJson;
import dev.holdfast.internal.session.Payload;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import okio.ByteString;
import org.jspecify.annotations.Nullable;

/** The content of a saved {@link SessionSnapshot}: JSON, written and read with Jackson's streaming API. */
final class SnapshotJson {
    /** The maximum nesting of a snapshot's JSON; payloads are strings in it. */
    private static final int MAX_DEPTH = 16;

    /** Longer numbers are not read: no snapshot has one. */
    private static final int MAX_DIGITS = 20;

    private SnapshotJson() {}

    // ---- writing ----

    static byte[] write(SessionSnapshot snapshot, Map<String, Payload> startMessages) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (JsonGenerator json = UnlimitedJson.factory().createGenerator(bytes)) {
            json.writeStartObject();
            json.writeStringField("sid", snapshot.sid);
            json.writeStringField("key", snapshot.key);
            json.writeStringField("position", snapshot.position);
            json.writeBooleanField("handled", snapshot.handled);
            json.writeNumberField("next", snapshot.nextSeq);
            if (!snapshot.messages.isEmpty()) {
                json.writeArrayFieldStart("messages");
                for (SessionSnapshot.Saved message : snapshot.messages) write(message, json);
                json.writeEndArray();
            }
            json.writeObjectFieldStart("standing");
            for (Map.Entry<String, Payload> one : startMessages.entrySet()) {
                json.writeObjectFieldStart(one.getKey());
                write(one.getValue(), json);
                json.writeEndObject();
            }
            json.writeEndObject();
            json.writeEndObject();
        } catch (IOException e) {
            throw new IllegalStateException("writing to memory failed", e);
        }
        return bytes.toByteArray();
    }

    private static void write(SessionSnapshot.Saved message, JsonGenerator json) throws IOException {
        json.writeStartObject();
        write(message.payload, json);
        json.writeStringField("priority", message.priority.name());
        json.writeStringField("key", message.conflationKey);
        json.writeBooleanField("standing", message.sessionStart);
        json.writeBooleanField("givenUp", message.givenUp);
        if (message.seq > 0) json.writeNumberField("c", message.seq);
        if (message.idempotencyKey != null) json.writeStringField("k", message.idempotencyKey);
        json.writeEndObject();
    }

    private static void write(Payload payload, JsonGenerator json) throws IOException {
        boolean binary = payload.kind() == Payload.Kind.BINARY;
        json.writeStringField("kind", payload.kind().name());
        json.writeStringField("d", binary ? payload.bytes().base64() : payload.text());
    }

    // ---- reading ----

    /** An object of the JSON: strings, {@link Long}s, {@link Boolean}s, objects and lists by name. What is null is not in it. */
    static final class Members {
        private final Map<String, Object> values = new LinkedHashMap<>();

        String text(String name) {
            String text = textOrNull(name);
            if (text == null) throw new IllegalArgumentException("no " + name + " in the snapshot");
            return text;
        }

        @Nullable
        String textOrNull(String name) {
            Object value = values.get(name);
            return value instanceof String ? (String) value : null;
        }

        long positive(String name) {
            Object value = values.get(name);
            if (value instanceof Long && (Long) value > 0) return (Long) value;
            throw new IllegalArgumentException("no " + name + " in the snapshot");
        }

        boolean has(String name) {
            return values.containsKey(name);
        }

        boolean isTrue(String name) {
            return Boolean.TRUE.equals(values.get(name));
        }

        <E extends Enum<E>> E constant(Class<E> type, String name) {
            String text = text(name);
            for (E constant : type.getEnumConstants()) {
                if (constant.name().equals(text)) return constant;
            }
            throw new IllegalArgumentException("unknown " + name + " in the snapshot");
        }

        /** Returns the elements of a list, none if there is no such list. */
        List<Members> list(String name) {
            List<Members> elements = new ArrayList<>();
            Object value = values.get(name);
            if (value instanceof List) {
                for (Object element : (List<?>) value) elements.add(members(element));
            }
            return elements;
        }

        /** Returns the payloads in an object by their names, none if there is no such object. */
        Map<String, Payload> payloads(String name) {
            Map<String, Payload> payloads = new LinkedHashMap<>();
            Object value = values.get(name);
            if (value instanceof Members) {
                ((Members) value)
                        .values.forEach(
                                (key, one) -> payloads.put(key, members(one).payload()));
            }
            return payloads;
        }

        Payload payload() {
            String content = text("d");
            switch (constant(Payload.Kind.class, "kind")) {
                case BINARY:
                    ByteString bytes = ByteString.decodeBase64(content);
                    if (bytes == null) throw new IllegalArgumentException("no base64");
                    return Payload.binary(bytes);
                case JSON:
                    return Payload.json(content);
                case JSON_STRING:
                    return Payload.jsonString(content);
                default:
                    return Payload.text(content);
            }
        }

        private static Members members(@Nullable Object value) {
            if (value instanceof Members) return (Members) value;
            throw new IllegalArgumentException("not an object where the snapshot has one");
        }
    }

    /**
     * Reads the content from {@code start} on.
     *
     * @throws IllegalArgumentException if it is no JSON object. The exception does not quote it
     */
    static Members read(byte[] bytes, int start) {
        try (JsonParser json = UnlimitedJson.factory().createParser(bytes, start, bytes.length - start)) {
            json.nextToken();
            Members root = Members.members(value(json, 1));
            if (json.nextToken() != null) throw new IllegalArgumentException("session snapshot goes on after its end");
            return root;
        } catch (JsonProcessingException e) {
            // Without its cause, whose words quote the session's secret if the damage is there.
            throw new IllegalArgumentException("session snapshot is not JSON at " + Redaction.place(e));
        } catch (IOException e) {
            throw new IllegalStateException("reading from memory failed", e);
        }
    }

    private static @Nullable Object value(JsonParser json, int depth) throws IOException {
        JsonToken token = json.currentToken();
        if (token == null) return null;
        if (depth > MAX_DEPTH) throw new IllegalArgumentException("session snapshot nests deeper than any");
        switch (token) {
            case START_OBJECT:
                Members members = new Members();
                while (json.nextToken() == JsonToken.FIELD_NAME) {
                    String name = json.currentName();
                    json.nextToken();
                    Object value = value(json, depth + 1);
                    if (value != null) members.values.put(name, value);
                }
                return members;
            case START_ARRAY:
                List<@Nullable Object> elements = new ArrayList<>();
                while (json.nextToken() != JsonToken.END_ARRAY) elements.add(value(json, depth + 1));
                return elements;
            case VALUE_STRING:
                return json.getText();
            case VALUE_NUMBER_INT:
                return json.getTextLength() < MAX_DIGITS ? json.getLongValue() : null;
            case VALUE_TRUE:
                return true;
            case VALUE_FALSE:
                return false;
            default:
                return null;
        }
    }
}

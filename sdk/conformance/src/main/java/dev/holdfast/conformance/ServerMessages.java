package dev.holdfast.conformance;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.regex.Pattern;

/** Reads what a server sends, by the tables of section 2, and fails for what they do not allow. */
final class ServerMessages {
    private static final int MAX_NAME = 1024;
    private static final int MIN_KEY = 43; // 256 bits in base64url
    private static final long MAX_INTEGER = (1L << 53) - 1;
    private static final int MAX_NESTING = 5000;
    private static final Pattern ID = Pattern.compile("[0-9A-Za-z_.:-]{1,64}");

    private static final ObjectMapper JSON = JsonMapper.builder(com.fasterxml.jackson.core.JsonFactory.builder()
                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                    .streamReadConstraints(StreamReadConstraints.builder()
                            .maxNestingDepth(MAX_NESTING)
                            .maxStringLength(Integer.MAX_VALUE)
                            .build())
                    .build())
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
            .build();

    /** Each type's members: the name, ! if it is required, and what its value must be. */
    private static final Map<String, String> MEMBERS = Map.of(
            "welcome",
            "sid!name key!key resumed!boolean reason?word last?id c!count ttl?count maxUnacked?count maxBytes?count"
                    + " maxMessage?count batch?count",
            "msg",
            "id!id d!any",
            "live",
            "",
            "ack",
            "c!count",
            "reject",
            "id!id c!seq code!name message?text",
            "auth",
            "ok!boolean code?name message?text inMs?count",
            "reconnect",
            "afterMs!count url?name",
            "error",
            "code!name message!text retryAfterMs?count");

    private ServerMessages() {}

    /** Parses JSON without rounding a number. */
    static JsonNode json(String text) {
        try (JsonParser parser = JSON.createParser(text)) {
            JsonNode value = JSON.readTree(parser);
            if (value == null || parser.nextToken() != null) throw new Failure("2: not JSON: " + excerpt(text));
            return value;
        } catch (JsonProcessingException e) {
            throw new Failure("2: not JSON, or with a member that is repeated: " + excerpt(text));
        } catch (java.io.IOException e) {
            throw new AssertionError(e);
        }
    }

    /** Reads a text message and checks its form. */
    static JsonNode envelope(String text) {
        JsonNode envelope = json(text);
        if (!envelope.isObject()) throw new Failure("2, 7: the server sent no object: " + excerpt(text));
        String members = MEMBERS.get(envelope.path("t").asText());
        if (members == null) throw new Failure("2: unknown type: " + excerpt(text));
        for (String member : members.split(" ", -1)) {
            if (member.isEmpty()) continue;
            int mark = member.indexOf('!') > 0 ? member.indexOf('!') : member.indexOf('?');
            String name = member.substring(0, mark);
            JsonNode value = envelope.get(name);
            if (value == null) {
                if (member.charAt(mark) == '!') throw new Failure("2: " + name + " is missing: " + excerpt(text));
            } else if (!fits(member.substring(mark + 1), value)) {
                throw new Failure("2: " + name + " must not be " + excerpt(value.toString()) + ": " + excerpt(text));
            }
        }
        return envelope;
    }

    private static boolean fits(String kind, JsonNode value) {
        int length = value.textValue() == null ? -1 : value.textValue().length();
        return switch (kind) {
            case "name" -> length >= 1 && length <= MAX_NAME;
            case "key" -> length >= MIN_KEY && length <= MAX_NAME;
            case "word" -> length >= 0 && length <= MAX_NAME;
            case "text" -> length >= 0;
            case "id" -> length >= 1 && ID.matcher(value.textValue()).matches();
            case "boolean" -> value.isBoolean();
            case "count" -> isInteger(value) && value.longValue() >= 0;
            case "seq" -> isInteger(value) && value.longValue() >= 1;
            default -> true;
        };
    }

    private static boolean isInteger(JsonNode value) {
        return value.isIntegralNumber() && value.canConvertToLong() && value.longValue() <= MAX_INTEGER;
    }

    /** Reads a binary message as an envelope {@code {"t":"binary","id":…}}; its payload follows the id. */
    static JsonNode binary(byte[] bytes) {
        int idLength = bytes.length < 2 ? 0 : bytes[1] & 0xff;
        if (idLength == 0 || bytes[0] != 1 || bytes.length < 2 + idLength) {
            throw new Failure("6: not a binary message of the protocol: " + bytes.length + " bytes");
        }
        String id = new String(bytes, 2, idLength, StandardCharsets.ISO_8859_1);
        if (!ID.matcher(id).matches()) throw new Failure("1: not an id: " + id);
        return JsonNodeFactory.instance.objectNode().put("t", "binary").put("id", id);
    }

    static byte[] payload(byte[] binary) {
        return Arrays.copyOfRange(binary, 2 + (binary[1] & 0xff), binary.length);
    }

    static String excerpt(String text) {
        return text.length() <= 200 ? text : text.substring(0, 200) + "… (" + text.length() + " characters)";
    }
}

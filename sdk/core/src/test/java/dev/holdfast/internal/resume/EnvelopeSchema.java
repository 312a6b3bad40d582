package dev.holdfast.internal.resume;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;

/**
 * Checks text messages against {@code docs/resume.v1.schema.json}. It knows the keywords that the schema uses, fails on any
 * other, and takes about a microsecond, so that the simulation can check every message of every schedule. It is stricter
 * than JSON Schema in two points: an integer has no fraction, and an object has no members that the schema does not list.
 */
public final class EnvelopeSchema {
    private static final Path FILE = Path.of("..", "..", "docs", "resume.v1.schema.json");
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Set<String> ANNOTATIONS = Set.of("title", "description", "$comment", "$schema", "$defs");
    private static final JsonNode SCHEMA = read();
    private static final Map<String, Pattern> PATTERNS = new ConcurrentHashMap<>();
    /** What each reference leads to. To compile its JSON pointer for every envelope took a fifth of the simulation's time. */
    private static final Map<String, JsonNode> REFERENCES = new ConcurrentHashMap<>();

    private EnvelopeSchema() {}

    private static JsonNode read() {
        try {
            return JSON.readTree(FILE.toFile());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Returns what is wrong with a text message from a client, or null. */
    public static String faultFromClient(String text) {
        return fault("#/$defs/fromClient", text);
    }

    /** Returns what is wrong with a text message from a server, or null. */
    public static String faultFromServer(String text) {
        return fault("#/$defs/fromServer", text);
    }

    private static String fault(String side, String text) {
        try {
            return check(referenced(side), JSON.readTree(text), "");
        } catch (IOException e) {
            return "not JSON: " + e.getMessage();
        }
    }

    private static JsonNode referenced(String reference) {
        return REFERENCES.computeIfAbsent(reference, r -> SCHEMA.at(r.substring(1)));
    }

    private static String check(JsonNode schema, JsonNode value, String at) {
        for (Map.Entry<String, JsonNode> keyword : schema.properties()) {
            String fault = check(keyword.getKey(), keyword.getValue(), value, at);
            if (fault != null) return fault;
        }
        return null;
    }

    private static String check(String keyword, JsonNode wanted, JsonNode value, String at) {
        switch (keyword) {
            case "$ref":
                return check(referenced(wanted.asText()), value, at);
            case "oneOf":
                return one(wanted, value, at);
            case "const":
                return value.equals(wanted) ? null : at + " is " + value + ", not " + wanted;
            case "type":
                return isOf(wanted.asText(), value) ? null : at + " is no " + wanted.asText();
            case "required":
                for (JsonNode member : wanted) {
                    if (!value.has(member.asText())) return at + "/" + member.asText() + " is missing";
                }
                return null;
            case "properties":
                return properties(wanted, value, at);
            case "items":
                for (int i = 0; i < value.size(); i++) {
                    String fault = check(wanted, value.get(i), at + "/" + i);
                    if (fault != null) return fault;
                }
                return null;
            case "minItems":
                return value.size() >= wanted.asInt() ? null : at + " has too few items";
            case "minimum":
                return value.asLong() >= wanted.asLong() ? null : at + " is too small";
            case "maximum":
                return value.asLong() <= wanted.asLong() ? null : at + " is too large";
            case "minLength":
                return value.asText().length() >= wanted.asInt() ? null : at + " is too short";
            case "maxLength":
                return value.asText().length() <= wanted.asInt() ? null : at + " is too long";
            case "pattern":
                Pattern pattern = PATTERNS.computeIfAbsent(wanted.asText(), Pattern::compile);
                return pattern.matcher(value.asText()).find() ? null : at + " does not match " + pattern;
            default:
                if (ANNOTATIONS.contains(keyword)) return null;
                throw new IllegalStateException("the schema uses a keyword that this check does not know: " + keyword);
        }
    }

    /** Envelopes of other types are passed over: what is wrong with them says nothing. */
    private static String one(JsonNode alternatives, JsonNode value, String at) {
        Set<String> faults = new LinkedHashSet<>();
        int matches = 0;
        for (JsonNode reference : alternatives) {
            JsonNode alternative = referenced(reference.get("$ref").asText());
            if (value.isArray() != alternative.path("type").asText().equals("array")) continue;
            JsonNode type = value.path("t");
            if (!type.isMissingNode()
                    && !type.equals(alternative.path("properties").path("t").path("const"))
                    && !value.isArray()) continue;
            String fault = check(alternative, value, at);
            if (fault == null) matches++;
            else faults.add(fault);
        }
        if (matches == 1) return null;
        return faults.isEmpty() ? at + " is none of the alternatives" : String.join("; ", faults);
    }

    private static boolean isOf(String type, JsonNode value) {
        switch (type) {
            case "object":
                return value.isObject();
            case "array":
                return value.isArray();
            case "string":
                return value.isTextual();
            case "boolean":
                return value.isBoolean();
            case "integer":
                return value.isIntegralNumber() && value.canConvertToLong();
            default:
                throw new IllegalStateException("the schema uses a type that this check does not know: " + type);
        }
    }

    private static String properties(JsonNode known, JsonNode value, String at) {
        for (Map.Entry<String, JsonNode> member : value.properties()) {
            JsonNode schema = known.get(member.getKey());
            String place = at + "/" + member.getKey();
            String fault = schema == null ? place + " is not in the schema" : check(schema, member.getValue(), place);
            if (fault != null) return fault;
        }
        return null;
    }
}

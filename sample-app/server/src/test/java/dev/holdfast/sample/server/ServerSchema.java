package dev.holdfast.sample.server;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * {@code docs/resume.v1.schema.json} for what a server says. Stricter than the schema: a member that it does not list is a
 * fault too, since this server has no newer version of the protocol to speak.
 */
final class ServerSchema {
    static final JsonNode SCHEMA = read();
    private static final JsonSchema FROM_SERVER = side("fromServer");

    private ServerSchema() {}

    private static JsonNode read() {
        try {
            return new ObjectMapper()
                    .readTree(
                            Path.of("..", "..", "docs", "resume.v1.schema.json").toFile());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static JsonSchema side(String name) {
        ObjectNode schema = SCHEMA.deepCopy();
        schema.remove("anyOf");
        schema.put("$ref", "#/$defs/" + name);
        for (JsonNode definition : schema.get("$defs")) {
            if (definition.has("properties")) {
                ((ObjectNode) definition).put("additionalProperties", false);
            }
        }
        return JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V202012).getSchema(schema);
    }

    /** Returns what is wrong with an envelope of the server's; null if nothing is. */
    static @Nullable String fault(JsonNode envelope) {
        var faults = FROM_SERVER.validate(envelope);
        return faults.isEmpty() ? null : faults.stream().map(Object::toString).collect(Collectors.joining("; "));
    }
}

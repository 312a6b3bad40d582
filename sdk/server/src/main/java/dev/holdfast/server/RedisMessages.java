package dev.holdfast.server;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.nio.charset.StandardCharsets;

/** Conversion of messages to and from entries of a Redis stream: one field, named after the kind of the message. */
final class RedisMessages {
    private static final String JSON = "json";
    private static final String BINARY = "binary";
    private static final String REJECT = "reject";

    private RedisMessages() {}

    static String kind(StreamMessage message) {
        if (message instanceof StreamMessage.Json) {
            return JSON;
        }
        return message instanceof StreamMessage.Binary ? BINARY : REJECT;
    }

    static byte[] value(StreamMessage message) {
        if (message instanceof StreamMessage.Json json) {
            return json.text().getBytes(StandardCharsets.UTF_8);
        }
        if (message instanceof StreamMessage.Binary binary) {
            return binary.bytes();
        }
        StreamMessage.Rejection rejection = (StreamMessage.Rejection) message;
        return Envelopes.write(JsonNodeFactory.instance
                        .arrayNode()
                        .add(rejection.seq())
                        .add(rejection.code())
                        .add(rejection.message()))
                .getBytes(StandardCharsets.UTF_8);
    }

    static StreamMessage read(String kind, byte[] value) {
        return switch (kind) {
            case JSON -> new StreamMessage.Json(new String(value, StandardCharsets.UTF_8));
            case BINARY -> new StreamMessage.Binary(value);
            case REJECT -> {
                JsonNode rejection = Envelopes.read(new String(value, StandardCharsets.UTF_8));
                yield new StreamMessage.Rejection(
                        rejection.path(0).asLong(),
                        rejection.path(1).asText(),
                        rejection.path(2).asText());
            }
            default -> throw new IllegalArgumentException("no message is " + kind);
        };
    }
}

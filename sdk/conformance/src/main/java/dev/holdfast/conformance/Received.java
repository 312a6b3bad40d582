package dev.holdfast.conformance;

import com.fasterxml.jackson.databind.JsonNode;

/**
 * An envelope of the server, or a binary message.
 *
 * @param type its {@code t}; {@code binary} for a binary message
 * @param text the text of an envelope
 * @param payload the payload of a binary message
 * @param nanos when it came
 */
@SuppressWarnings("ArrayRecordComponent") // handed over, never compared
record Received(String type, JsonNode json, String text, byte[] payload, long nanos) {
    boolean isEntry() {
        return type.equals("msg") || type.equals("reject") || type.equals("binary");
    }

    String id() {
        return json.path("id").asText();
    }

    JsonNode d() {
        return json.path("d");
    }
}

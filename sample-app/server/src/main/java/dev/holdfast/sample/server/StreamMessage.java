package dev.holdfast.sample.server;

import com.fasterxml.jackson.databind.JsonNode;

/** One message of the stream from server to client, in the form in which it is kept and, if need be, sent again. */
public sealed interface StreamMessage {
    /** A JSON payload, already written out: what the application changes later does not change what was sent. */
    record Json(String text) implements StreamMessage {}

    /** A JSON payload. */
    static StreamMessage json(JsonNode value) {
        return new Json(Envelopes.write(value));
    }

    /** A binary payload. */
    @SuppressWarnings("ArrayRecordComponent") // handed over, never compared
    record Binary(byte[] bytes) implements StreamMessage {}

    /** The refusal of the client's message {@code seq}. */
    record Rejection(long seq, String code, String message) implements StreamMessage {}
}

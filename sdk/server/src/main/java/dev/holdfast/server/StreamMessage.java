package dev.holdfast.server;

import com.fasterxml.jackson.databind.JsonNode;

/** One message of the stream from server to client, in the form in which it is stored and, if necessary, sent again. */
public sealed interface StreamMessage {
    /** A JSON payload, already serialized: later changes by the application do not change what was sent. */
    record Json(String text) implements StreamMessage {
        /**
         * Creates a message.
         *
         * @param text the payload. Surrogates without a partner are escaped
         */
        public Json {
            text = Envelopes.escapeUnpairedSurrogates(text);
        }
    }

    /**
     * {@return a message with a JSON payload}
     *
     * @param value the payload
     */
    static StreamMessage json(JsonNode value) {
        return new Json(Envelopes.write(value));
    }

    /** A binary payload. */
    @SuppressWarnings("ArrayRecordComponent") // handed over, never compared
    record Binary(byte[] bytes) implements StreamMessage {}

    /** The rejection of the client's message {@code seq}. */
    record Rejection(long seq, String code, String message) implements StreamMessage {}
}

package dev.holdfast.server;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** An envelope from a client. */
sealed interface ClientEnvelope {
    /** The first message on every connection; it resumes a session if there is a {@code sid}. */
    record Open(
            @Nullable String sid,
            @Nullable String key,
            @Nullable String last,
            @Nullable JsonNode auth) implements ClientEnvelope {
        /** Returns the fields without the secrets. */
        @Override
        public String toString() {
            return "Open[sid=" + sid + ", last=" + last + "]";
        }
    }

    /** An application message, from a {@code msg} envelope or a binary message of {@code size} bytes. */
    record Message(long seq, Payload payload, @Nullable String idempotencyKey, int size) implements ClientEnvelope {}

    /** Several application messages in one text message. */
    record Batch(List<Message> messages) implements ClientEnvelope {}

    /** An acknowledgement of everything up to and including {@code last}. */
    record Ack(String last) implements ClientEnvelope {}

    /** A fresh credential. */
    record Auth(JsonNode auth) implements ClientEnvelope {
        /** Returns the name only, without the secret. */
        @Override
        public String toString() {
            return "Auth";
        }
    }

    /** The client's end of the session. */
    record Bye() implements ClientEnvelope {}
}

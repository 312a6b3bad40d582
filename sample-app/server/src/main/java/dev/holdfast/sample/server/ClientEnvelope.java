package dev.holdfast.sample.server;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a client may say. */
sealed interface ClientEnvelope {
    /** The first message on every connection; resumes if there is a {@code sid}. */
    record Open(
            @Nullable String sid,
            @Nullable String key,
            @Nullable String last,
            @Nullable JsonNode auth) implements ClientEnvelope {
        /** Without the secrets. */
        @Override
        public String toString() {
            return "Open[sid=" + sid + ", last=" + last + "]";
        }
    }

    /** An application message, from a {@code msg} envelope or a binary message of {@code size} bytes. */
    record Message(long seq, Payload payload, @Nullable String idempotencyKey, int size) implements ClientEnvelope {}

    /** Several application messages in one text message. */
    record Batch(List<Message> messages) implements ClientEnvelope {}

    /** Everything up to and with {@code last} is handled. */
    record Ack(String last) implements ClientEnvelope {}

    /** A fresh credential. */
    record Auth(JsonNode auth) implements ClientEnvelope {
        /** Without the secret. */
        @Override
        public String toString() {
            return "Auth";
        }
    }

    /** The session ends. */
    record Bye() implements ClientEnvelope {}
}

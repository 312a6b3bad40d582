package dev.holdfast.server;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** The codec of envelopes: reads those of clients and writes those of the server. */
final class Envelopes {
    /** The maximum number of messages in one frame. */
    static final int MAX_BATCH = 256;

    private static final byte BINARY_PREFIX = 0x01;
    private static final int BINARY_HEADER = 1 + Long.BYTES;
    private static final String UNICODE_ESCAPE = "\\u%04x";
    private static final long MAX_SEQ = (1L << 53) - 1;

    /** The maximum length of a name, key or id from a client. */
    private static final int MAX_TEXT = 1024;

    /** Numbers keep every digit, because a server must not round what passes through it. */
    private static final ObjectMapper JSON = JsonMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
            .build();

    private Envelopes() {}

    static ClientEnvelope parse(Frame frame) throws ProtocolException {
        if (frame instanceof Frame.Text text) {
            return parseText(text.text());
        }
        return parseBinary(((Frame.Binary) frame).bytes());
    }

    private static ClientEnvelope parseText(String text) throws ProtocolException {
        JsonNode said;
        try {
            said = JSON.readTree(text);
        } catch (JsonProcessingException e) {
            throw new ProtocolException("malformed", "not JSON");
        }
        return said.isArray() ? batch(said, text.length()) : envelope(said, text.length());
    }

    private static ClientEnvelope batch(JsonNode said, int size) throws ProtocolException {
        if (said.isEmpty() || said.size() > MAX_BATCH) {
            throw new ProtocolException("malformed", "a batch of " + said.size());
        }
        List<ClientEnvelope.Message> messages = new ArrayList<>();
        for (JsonNode each : said) {
            if (!(envelope(each, size / said.size()) instanceof ClientEnvelope.Message message)) {
                throw new ProtocolException("malformed", "only messages may share a frame");
            }
            messages.add(message);
        }
        return new ClientEnvelope.Batch(messages);
    }

    private static ClientEnvelope envelope(JsonNode envelope, int size) throws ProtocolException {
        if (!envelope.isObject()) {
            throw new ProtocolException("malformed", "not a JSON object");
        }
        String type = string(envelope, "t");
        return switch (type) {
            case "open" ->
                new ClientEnvelope.Open(
                        optionalString(envelope, "sid"),
                        optionalString(envelope, "key"),
                        optionalString(envelope, "last"),
                        optional(envelope, "auth"));
            case "msg" ->
                new ClientEnvelope.Message(
                        seq(envelope), new Payload.Json(required(envelope, "d")), optionalString(envelope, "k"), size);
            case "ack" -> new ClientEnvelope.Ack(string(envelope, "last"));
            case "auth" -> new ClientEnvelope.Auth(required(envelope, "auth"));
            case "bye" -> new ClientEnvelope.Bye();
            default -> throw new ProtocolException("unknown-envelope", "no envelope of this type");
        };
    }

    private static ClientEnvelope parseBinary(byte[] bytes) throws ProtocolException {
        if (bytes.length < BINARY_HEADER || bytes[0] != BINARY_PREFIX) {
            throw new ProtocolException("malformed", "not a binary message of this protocol");
        }
        ByteBuffer buffer = ByteBuffer.wrap(bytes, 1, bytes.length - 1);
        long seq = checkedSeq(buffer.getLong());
        byte[] payload = new byte[buffer.remaining()];
        buffer.get(payload);
        return new ClientEnvelope.Message(seq, new Payload.Binary(payload), null, bytes.length);
    }

    private static long seq(JsonNode envelope) throws ProtocolException {
        JsonNode seq = required(envelope, "c");
        if (!seq.isIntegralNumber() || !seq.canConvertToLong()) {
            throw new ProtocolException("malformed", "c is not a whole number");
        }
        return checkedSeq(seq.longValue());
    }

    private static long checkedSeq(long seq) throws ProtocolException {
        if (seq < 1 || seq > MAX_SEQ) {
            throw new ProtocolException("malformed", "seq out of range");
        }
        return seq;
    }

    private static JsonNode required(JsonNode envelope, String member) throws ProtocolException {
        JsonNode value = envelope.get(member);
        if (value == null) {
            throw new ProtocolException("malformed", "no member " + member);
        }
        return value;
    }

    private static String string(JsonNode envelope, String member) throws ProtocolException {
        JsonNode value = required(envelope, member);
        if (!value.isTextual()) {
            throw new ProtocolException("malformed", member + " is not a string");
        }
        if (value.textValue().length() > MAX_TEXT) {
            throw new ProtocolException("malformed", member + " is longer than " + MAX_TEXT + " characters");
        }
        return value.textValue();
    }

    /** Returns an optional member; null if it is absent or a JSON null. */
    private static @Nullable JsonNode optional(JsonNode envelope, String member) {
        JsonNode value = envelope.get(member);
        return value == null || value.isNull() ? null : value;
    }

    private static @Nullable String optionalString(JsonNode envelope, String member) throws ProtocolException {
        return optional(envelope, member) == null ? null : string(envelope, member);
    }

    static String welcome(Welcome welcome, ServerOptions options) {
        ObjectNode envelope = envelope("welcome").put("sid", welcome.sid()).put("key", welcome.key());
        envelope.put("resumed", welcome.reason() == null);
        if (welcome.reason() != null) {
            envelope.put("reason", welcome.reason());
        }
        if (welcome.last() != null) {
            envelope.put("last", welcome.last());
        }
        return write(envelope.put("c", welcome.handledSeq())
                .put("ttl", options.ttl().toMillis())
                .put("maxUnacked", options.maxUnacked())
                .put("maxBytes", options.maxBytes())
                .put("maxMessage", ServerConnection.MAX_PAYLOAD_BYTES)
                .put("batch", MAX_BATCH));
    }

    static String live() {
        return write(envelope("live"));
    }

    static String ack(long seq) {
        return write(envelope("ack").put("c", seq));
    }

    static String authAccepted() {
        return write(envelope("auth").put("ok", true));
    }

    static String authRefused(String code, String message) {
        return write(envelope("auth").put("ok", false).put("code", code).put("message", message));
    }

    static String authExpiring(Duration in) {
        return write(envelope("auth").put("ok", false).put("code", "expiring").put("inMs", in.toMillis()));
    }

    static String reconnect(Duration after, @Nullable String url) {
        ObjectNode envelope = envelope("reconnect").put("afterMs", after.toMillis());
        return write(url == null ? envelope : envelope.put("url", url));
    }

    static String error(String code, String message) {
        return write(envelope("error").put("code", code).put("message", message));
    }

    static String error(String code, String message, Duration retryAfter) {
        return write(
                envelope("error").put("code", code).put("message", message).put("retryAfterMs", retryAfter.toMillis()));
    }

    /** Returns the frame of a stream message. Ids are letters, digits and {@code _.:-}, so they need no escaping. */
    static Frame message(MessageLog.Entry entry) {
        StreamMessage message = entry.message();
        if (message instanceof StreamMessage.Json json) {
            return new Frame.Text("{\"t\":\"msg\",\"id\":\"" + entry.id() + "\",\"d\":" + json.text() + "}");
        }
        if (message instanceof StreamMessage.Rejection rejection) {
            return new Frame.Text(write(envelope("reject")
                    .put("id", entry.id())
                    .put("c", rejection.seq())
                    .put("code", rejection.code())
                    .put("message", rejection.message())));
        }
        byte[] id = entry.id().getBytes(StandardCharsets.US_ASCII);
        byte[] payload = ((StreamMessage.Binary) message).bytes();
        ByteBuffer buffer = ByteBuffer.allocate(2 + id.length + payload.length);
        buffer.put(BINARY_PREFIX).put((byte) id.length).put(id).put(payload);
        return new Frame.Binary(buffer.array());
    }

    static String write(JsonNode json) {
        try {
            return escapeUnpairedSurrogates(JSON.writeValueAsString(json));
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("cannot be written as JSON", e);
        }
    }

    /**
     * Escapes what is no character and therefore has no UTF-8 form. A client may send such text, escaped as well, and a
     * container may refuse to send it unescaped.
     */
    static String escapeUnpairedSurrogates(String json) {
        StringBuilder escaped = null;
        int copied = 0;
        for (int i = 0; i < json.length(); i++) {
            char next = json.charAt(i);
            if (!Character.isSurrogate(next)) {
                continue;
            }
            if (i + 1 < json.length() && Character.isSurrogatePair(next, json.charAt(i + 1))) {
                i++;
                continue;
            }
            escaped = escaped == null ? new StringBuilder(json.length() + UNICODE_ESCAPE.length()) : escaped;
            escaped.append(json, copied, i).append(String.format(Locale.ROOT, UNICODE_ESCAPE, (int) next));
            copied = i + 1;
        }
        return escaped == null
                ? json
                : escaped.append(json, copied, json.length()).toString();
    }

    /** Reads what {@link #write} wrote. */
    static JsonNode read(String json) {
        try {
            return JSON.readTree(json);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("not JSON", e);
        }
    }

    private static ObjectNode envelope(String type) {
        return JSON.createObjectNode().put("t", type);
    }
}

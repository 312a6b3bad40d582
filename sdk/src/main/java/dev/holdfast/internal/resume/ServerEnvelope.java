package dev.holdfast.internal.resume;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.holdfast.internal.session.Payload;
import dev.holdfast.internal.session.Welcome;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * One envelope from the server, read in one pass ({@code docs/resume-protocol.md}, section 2). The payload's text is
 * kept as it came, to be parsed once, into what the application wants. Unknown members are ignored.
 */
final class ServerEnvelope {
    private static final int MAX_ID = 64;
    /** What JSON numbers can count exactly. */
    private static final long MAX_SEQ = (1L << 53) - 1;
    /** A server that wants us to wait longer than a day is mistaken. */
    private static final long MAX_WAIT_MS = 86_400_000;

    private static final long UNSET = -1;

    private @Nullable String type;
    private @Nullable String id;
    private @Nullable String sid;
    private @Nullable String key;
    private @Nullable String reason;
    private @Nullable String last;
    private @Nullable String code;
    private @Nullable String message;
    private @Nullable Payload payload;
    private boolean resumed;
    private long seq = UNSET;
    private long maxUnacked = UNSET;
    private long maxBytes = UNSET;
    private long afterMs = UNSET;
    private long retryAfterMs = UNSET;

    private ServerEnvelope() {}

    static ServerEnvelope read(JsonFactory json, String text) throws IOException, BadEnvelopeException {
        ServerEnvelope envelope = new ServerEnvelope();
        try (JsonParser parser = json.createParser(text)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) throw new BadEnvelopeException("not a JSON object");
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                String member = parser.currentName();
                parser.nextToken();
                envelope.readMember(member, parser, text);
            }
            if (parser.nextToken() != null) throw new BadEnvelopeException("more than one JSON value");
        }
        return envelope;
    }

    private void readMember(String member, JsonParser parser, String text) throws IOException, BadEnvelopeException {
        switch (member) {
            case "t":
                type = string(member, parser);
                break;
            case "d":
                payload = payload(parser, text);
                break;
            case "id":
                id = idOf(member, parser);
                break;
            case "c":
                seq = number(member, parser, MAX_SEQ);
                break;
            case "sid":
                sid = string(member, parser);
                break;
            case "key":
                key = string(member, parser);
                break;
            case "resumed":
                if (!parser.currentToken().isBoolean()) throw new BadEnvelopeException("resumed is not a boolean");
                resumed = parser.getBooleanValue();
                break;
            case "reason":
                reason = string(member, parser);
                break;
            case "last":
                last = idOf(member, parser);
                break;
            case "maxUnacked":
                maxUnacked = number(member, parser, Integer.MAX_VALUE);
                break;
            case "maxBytes":
                maxBytes = number(member, parser, MAX_SEQ);
                break;
            case "afterMs":
                afterMs = number(member, parser, MAX_WAIT_MS);
                break;
            case "retryAfterMs":
                retryAfterMs = number(member, parser, MAX_WAIT_MS);
                break;
            case "code":
                code = parser.currentToken().isScalarValue() ? parser.getText() : string(member, parser);
                break;
            case "message":
                readMessage(parser);
                break;
            default:
                parser.skipChildren();
        }
    }

    /** The words of an error, or an object that holds them beside {@code retryAfterMs}. */
    private void readMessage(JsonParser parser) throws IOException, BadEnvelopeException {
        if (parser.currentToken() != JsonToken.START_OBJECT) {
            message = string("message", parser);
            return;
        }
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            String member = parser.currentName();
            parser.nextToken();
            if (member.equals("retryAfterMs")) {
                retryAfterMs = number(member, parser, MAX_WAIT_MS);
            } else if (member.equals("message") || member.equals("text")) {
                message = string(member, parser);
            } else {
                parser.skipChildren();
            }
        }
    }

    private static Payload payload(JsonParser parser, String text) throws IOException {
        JsonToken token = parser.currentToken();
        if (token == JsonToken.VALUE_STRING) return Payload.text(parser.getText());
        if (token.isScalarValue()) return Payload.json(parser.getText());
        int start = (int) parser.currentTokenLocation().getCharOffset();
        parser.skipChildren();
        int end = (int) parser.currentTokenLocation().getCharOffset() + 1;
        return Payload.json(text.substring(start, end));
    }

    private static @Nullable String string(String member, JsonParser parser) throws IOException, BadEnvelopeException {
        if (parser.currentToken() == JsonToken.VALUE_NULL) return null;
        if (parser.currentToken() != JsonToken.VALUE_STRING)
            throw new BadEnvelopeException(member + " is not a string");
        return parser.getText();
    }

    private static @Nullable String idOf(String member, JsonParser parser) throws IOException, BadEnvelopeException {
        String value = string(member, parser);
        if (value != null && !isId(value)) throw new BadEnvelopeException(member + " is not an id");
        return value;
    }

    private static long number(String member, JsonParser parser, long max) throws IOException, BadEnvelopeException {
        if (parser.currentToken() != JsonToken.VALUE_NUMBER_INT) {
            throw new BadEnvelopeException(member + " is not a whole number");
        }
        long value = parser.getLongValue();
        if (value < 0 || value > max) throw new BadEnvelopeException(member + " is out of range: " + value);
        return value;
    }

    /** 1 to 64 characters of {@code [0-9A-Za-z_.:-]}. */
    static boolean isId(String id) {
        if (id.isEmpty() || id.length() > MAX_ID) return false;
        for (int i = 0; i < id.length(); i++) {
            char c = id.charAt(i);
            boolean allowed = (c >= '0' && c <= '9')
                    || (c >= 'A' && c <= 'Z')
                    || (c >= 'a' && c <= 'z')
                    || c == '_'
                    || c == '.'
                    || c == ':'
                    || c == '-';
            if (!allowed) return false;
        }
        return true;
    }

    String type() throws BadEnvelopeException {
        return required("t", type);
    }

    String id() throws BadEnvelopeException {
        return required("id", id);
    }

    long seq() throws BadEnvelopeException {
        if (seq == UNSET) throw new BadEnvelopeException("c is missing");
        return seq;
    }

    Payload payload() throws BadEnvelopeException {
        return required("d", payload);
    }

    String code() throws BadEnvelopeException {
        return required("code", code);
    }

    @Nullable
    String message() {
        return message;
    }

    long afterMs() throws BadEnvelopeException {
        if (afterMs == UNSET) throw new BadEnvelopeException("afterMs is missing");
        return afterMs;
    }

    /** 0 where the server names none. */
    long retryAfterMs() {
        return Math.max(0, retryAfterMs);
    }

    Welcome welcome() throws BadEnvelopeException {
        return new Welcome(
                required("sid", sid),
                required("key", key),
                resumed,
                reason,
                last,
                seq(),
                maxUnacked == UNSET ? Integer.MAX_VALUE : (int) Math.max(1, maxUnacked),
                maxBytes == UNSET ? Long.MAX_VALUE : maxBytes);
    }

    private static <T> T required(String member, @Nullable T value) throws BadEnvelopeException {
        if (value == null) throw new BadEnvelopeException(member + " is missing");
        return value;
    }
}

package dev.holdfast.internal.resume;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.holdfast.internal.session.Payload;
import dev.holdfast.internal.session.Welcome;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An envelope from the server, read in one pass ({@code docs/protocol.md}, section 2). The payload's text stays as
 * received; it is parsed once, into the application's type. Members that a type does not have are ignored, whatever
 * they contain; only the members that a type needs are checked.
 */
final class ServerEnvelope {
    private static final int MAX_ID = 64;
    /** The largest integer that JSON numbers represent exactly. */
    private static final long MAX_SEQ = (1L << 53) - 1;
    /**
     * The maximum delay: a longer one counts as a day. A server that names one is wrong, and must not be contacted
     * sooner for it.
     */
    private static final long MAX_WAIT_MS = 86_400_000;

    private static final long UNSET = -1;

    /**
     * The maximum number of characters in the server's names, secrets and messages, which are kept, repeated and
     * shown.
     */
    private static final int MAX_TEXT = 1024;

    private @Nullable String type;
    private @Nullable String id;
    private @Nullable String sid;
    private @Nullable String key;
    private @Nullable String reason;
    private @Nullable String last;
    private @Nullable String code;
    private @Nullable String message;
    private @Nullable Payload payload;
    private @Nullable String url;
    private @Nullable Boolean resumed;
    private @Nullable Boolean ok;
    private long seq = UNSET;
    private long maxUnacked = UNSET;
    private long maxBytes = UNSET;
    private long batch = UNSET;
    private long maxMessage = UNSET;
    private long afterMs = UNSET;
    private long retryAfterMs = UNSET;
    private long inMs = UNSET;

    /** The faults of members, which count only if the type needs them. */
    private final Map<String, String> faults = new HashMap<>(0);

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

    private void readMember(String member, JsonParser parser, String text) throws IOException {
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
                sid = name(member, parser);
                break;
            case "key":
                key = name(member, parser);
                break;
            case "resumed":
                resumed = bool(member, parser);
                break;
            case "ok":
                ok = bool(member, parser);
                break;
            case "url":
                url = name(member, parser);
                break;
            case "inMs":
                inMs = delay(member, parser);
                break;
            case "reason":
                reason = string(member, parser);
                break;
            case "last":
                last = idOf(member, parser);
                break;
            case "maxUnacked":
                maxUnacked = number(member, parser, MAX_SEQ);
                break;
            case "maxBytes":
                maxBytes = number(member, parser, MAX_SEQ);
                break;
            case "batch":
                batch = number(member, parser, MAX_SEQ);
                break;
            case "maxMessage":
                maxMessage = number(member, parser, MAX_SEQ);
                break;
            case "afterMs":
                afterMs = delay(member, parser);
                break;
            case "retryAfterMs":
                retryAfterMs = delay(member, parser);
                break;
            case "code":
                code = string(member, parser);
                break;
            case "message":
                readMessage(parser);
                break;
            default:
                parser.skipChildren();
        }
    }

    /** Reads the text of an error, or an object that holds it beside {@code retryAfterMs}. */
    private void readMessage(JsonParser parser) throws IOException {
        if (parser.currentToken() != JsonToken.START_OBJECT) {
            message = string("message", parser);
            return;
        }
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            String member = parser.currentName();
            parser.nextToken();
            if (member.equals("retryAfterMs")) {
                retryAfterMs = delay(member, parser);
            } else if (member.equals("message") || member.equals("text")) {
                message = string(member, parser);
            } else {
                parser.skipChildren();
            }
        }
    }

    private static Payload payload(JsonParser parser, String text) throws IOException {
        JsonToken token = parser.currentToken();
        if (token == JsonToken.VALUE_STRING) return Payload.jsonString(parser.getText());
        if (token.isScalarValue()) return Payload.json(parser.getText());
        int start = offset(parser);
        parser.skipChildren();
        int end = offset(parser) + 1;
        return Payload.json(text.substring(start, end));
    }

    /** Returns where the current token begins. */
    @SuppressWarnings("deprecation") // Its successor came with Jackson 2.13.
    private static int offset(JsonParser parser) {
        return (int) parser.getTokenLocation().getCharOffset();
    }

    private @Nullable String string(String member, JsonParser parser) throws IOException {
        if (parser.currentToken() == JsonToken.VALUE_NULL) return null;
        if (parser.currentToken() != JsonToken.VALUE_STRING) return fault(member, "is not a string", parser);
        if (parser.getTextLength() <= MAX_TEXT) return parser.getText();
        return member.equals("message")
                ? parser.getText().substring(0, MAX_TEXT) + "…"
                : fault(member, "is too long", parser);
    }

    /** Reads a string that must not be empty. */
    private @Nullable String name(String member, JsonParser parser) throws IOException {
        String value = string(member, parser);
        return value == null || !value.isEmpty() ? value : fault(member, "is empty", parser);
    }

    private @Nullable String idOf(String member, JsonParser parser) throws IOException {
        String value = string(member, parser);
        return value == null || isId(value) ? value : fault(member, "is not an id", parser);
    }

    private @Nullable Boolean bool(String member, JsonParser parser) throws IOException {
        if (parser.currentToken().isBoolean()) return parser.getBooleanValue();
        if (parser.currentToken() != JsonToken.VALUE_NULL) faults.put(member, "is not a boolean");
        parser.skipChildren();
        return null;
    }

    private long number(String member, JsonParser parser, long max) throws IOException {
        if (parser.currentToken() == JsonToken.VALUE_NULL) return UNSET;
        if (parser.currentToken() != JsonToken.VALUE_NUMBER_INT) {
            fault(member, "is not a whole number", parser);
            return UNSET;
        }
        boolean fits = parser.getNumberType() != JsonParser.NumberType.BIG_INTEGER;
        long value = fits ? parser.getLongValue() : UNSET;
        if (value >= 0 && value <= max) return value;
        fault(member, "is out of range", parser);
        return UNSET;
    }

    /** Reads a time in milliseconds, at most a day. */
    private long delay(String member, JsonParser parser) throws IOException {
        if (parser.currentToken() == JsonToken.VALUE_NUMBER_INT
                && parser.getNumberType() == JsonParser.NumberType.BIG_INTEGER
                && parser.getText().charAt(0) != '-') {
            return MAX_WAIT_MS;
        }
        return Math.min(number(member, parser, Long.MAX_VALUE), MAX_WAIT_MS);
    }

    /** Skips the member's value and records the fault. Always returns null. */
    private @Nullable String fault(String member, String fault, JsonParser parser) throws IOException {
        parser.skipChildren();
        faults.put(member, fault);
        return null;
    }

    /** Returns whether it has 1 to 64 characters of {@code [0-9A-Za-z_.:-]}. */
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
        return required("c", seq);
    }

    Payload payload() throws BadEnvelopeException {
        return required("d", payload);
    }

    String code() throws BadEnvelopeException {
        return required("code", code);
    }

    /** Returns the server's description of the error, from its code and its message. */
    String error() {
        if (message == null) return code == null ? "error without a word" : code;
        return code == null ? message : code + ": " + message;
    }

    @Nullable
    String message() {
        return message;
    }

    long afterMs() throws BadEnvelopeException {
        return required("afterMs", afterMs);
    }

    /** Returns the URL to move to, null for the client's own endpoint. */
    @Nullable
    String url() throws BadEnvelopeException {
        requireSound("url");
        return url;
    }

    /** Returns whether the server accepted the credential. */
    boolean isOk() throws BadEnvelopeException {
        return required("ok", ok);
    }

    /** Returns how long the credential stays valid, 0 if the server names no time. */
    long inMs() throws BadEnvelopeException {
        requireSound("inMs");
        return Math.max(0, inMs);
    }

    /** Returns the delay that the server asks for, 0 for none. */
    long retryAfterMs() {
        return Math.max(0, retryAfterMs);
    }

    Welcome welcome() throws BadEnvelopeException {
        for (String member : new String[] {"resumed", "last", "maxUnacked", "maxBytes", "batch", "maxMessage"}) {
            requireSound(member);
        }
        return new Welcome(
                required("sid", sid),
                required("key", key),
                required("resumed", resumed),
                reason,
                last,
                seq(),
                // 0 says the same as leaving the limit out.
                maxUnacked <= 0 ? Integer.MAX_VALUE : (int) Math.min(Integer.MAX_VALUE, maxUnacked),
                maxBytes <= 0 ? Long.MAX_VALUE : maxBytes,
                (int) Math.min(Integer.MAX_VALUE, Math.max(0, batch)),
                maxMessage <= 0 ? Long.MAX_VALUE : maxMessage);
    }

    /** Checks a member that may be left out. */
    private void requireSound(String member) throws BadEnvelopeException {
        if (faults.containsKey(member)) throw missing(member);
    }

    private <T> T required(String member, @Nullable T value) throws BadEnvelopeException {
        if (value == null) throw missing(member);
        return value;
    }

    private long required(String member, long value) throws BadEnvelopeException {
        if (value == UNSET) throw missing(member);
        return value;
    }

    private BadEnvelopeException missing(String member) {
        String fault = faults.get(member);
        return new BadEnvelopeException(member + " " + (fault == null ? "is missing" : fault));
    }
}

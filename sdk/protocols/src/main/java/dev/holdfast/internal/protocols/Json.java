package dev.holdfast.internal.protocols;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonPointer;
import com.fasterxml.jackson.core.JsonToken;
import dev.holdfast.EncodedPayload;
import dev.holdfast.PayloadCodec;
import dev.holdfast.PayloadException;
import java.io.IOException;
import java.io.StringWriter;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import okio.ByteString;
import org.jspecify.annotations.Nullable;

/**
 * JSON as text: arrays and objects cut into the texts of their members, which are parsed only if they are read; and values
 * written.
 */
public final class Json {
    /** The maximum nesting. A deeper value could exhaust the stack of the codec that reads it. */
    public static final int MAX_DEPTH = 500;

    public static final JsonFactory FACTORY = new JsonFactory();

    private Json() {}

    // ---- reading ----

    /** Returns the first character of the value, 0 if there is none. */
    public static char first(String json) {
        for (int i = 0; i < json.length(); i++) {
            char c = json.charAt(i);
            if (!isSpace(c)) return c;
        }
        return 0;
    }

    /** Returns the texts of an array's elements. */
    public static List<String> elements(String json) throws BadMessageException {
        List<String> elements = new ArrayList<>();
        read(json, JsonToken.START_ARRAY, (name, value) -> elements.add(value));
        return elements;
    }

    /** Returns the texts of an object's members, by name. The last member of a name counts. */
    public static Map<String, String> members(String json) throws BadMessageException {
        Map<String, String> members = new LinkedHashMap<>();
        read(json, JsonToken.START_OBJECT, members::put);
        return members;
    }

    private interface Member {
        void add(String name, String value);
    }

    private static void read(String json, JsonToken start, Member member) throws BadMessageException {
        try (JsonParser parser = FACTORY.createParser(json)) {
            if (parser.nextToken() != start)
                throw new BadMessageException(
                        start == JsonToken.START_ARRAY ? "not a JSON array" : "not a JSON object");
            JsonToken end = start == JsonToken.START_ARRAY ? JsonToken.END_ARRAY : JsonToken.END_OBJECT;
            JsonToken token = next(parser);
            while (token != end) {
                String name = "";
                if (token == JsonToken.FIELD_NAME) {
                    name = parser.getText();
                    next(parser);
                }
                int from = position(parser);
                skip(parser);
                token = next(parser);
                member.add(name, upTo(json, from, position(parser)));
            }
            if (parser.nextToken() != null) throw new BadMessageException("more than one JSON value");
        } catch (IOException e) {
            throw new BadMessageException("not JSON");
        }
    }

    /** Skips the rest of the value that the parser is at. */
    private static void skip(JsonParser parser) throws IOException, BadMessageException {
        int depth = 0;
        for (JsonToken token = parser.currentToken(); ; token = next(parser)) {
            if (token.isStructStart()) depth++;
            if (token.isStructEnd()) depth--;
            if (depth > MAX_DEPTH) throw new BadMessageException("nested deeper than " + MAX_DEPTH);
            if (depth == 0) return;
        }
    }

    private static JsonToken next(JsonParser parser) throws IOException, BadMessageException {
        JsonToken token = parser.nextToken();
        if (token == null) throw new BadMessageException("not JSON");
        return token;
    }

    @SuppressWarnings("deprecation") // Its replacement came with Jackson 2.13.
    private static int position(JsonParser parser) {
        return (int) parser.getTokenLocation().getCharOffset();
    }

    /** Returns the value that starts at {@code start} and is followed by a comma or bracket, and space, up to {@code next}. */
    private static String upTo(String json, int start, int next) {
        int end = next;
        while (end > start && (json.charAt(end - 1) == ',' || isSpace(json.charAt(end - 1)))) end--;
        return json.substring(start, end);
    }

    private static boolean isSpace(char c) {
        return c == ' ' || c == '\t' || c == '\n' || c == '\r';
    }

    /** Returns the content of a JSON string, null if the text is another value or none. */
    public static @Nullable String string(@Nullable String json) {
        if (json == null || json.isEmpty() || json.charAt(0) != '"') return null;
        if (isPlainString(json)) return json.substring(1, json.length() - 1);
        try (JsonParser parser = FACTORY.createParser(json)) {
            return parser.nextToken() == JsonToken.VALUE_STRING ? parser.getText() : null;
        } catch (IOException e) {
            return null;
        }
    }

    /** Returns whether the text is a string without escapes, which needs no parser. Most names and ids are. */
    private static boolean isPlainString(String json) {
        int last = json.length() - 1;
        if (last == 0 || json.charAt(last) != '"') return false;
        for (int i = 1; i < last; i++) {
            char c = json.charAt(i);
            if (c < ' ' || c == '"' || c == '\\') return false;
        }
        return true;
    }

    public static boolean isNull(@Nullable String json) {
        return json == null || json.equals("null");
    }

    public static boolean isObject(@Nullable String json) {
        return json != null && json.startsWith("{");
    }

    /** Returns the string or number at a place in a value, as text; null if there is none. */
    public static @Nullable String textAt(String json, JsonPointer pointer) {
        try (JsonParser parser = FACTORY.createParser(json)) {
            JsonPointer rest = pointer;
            JsonToken token = parser.nextToken();
            while (!rest.matches()) {
                if (token == JsonToken.START_OBJECT) {
                    token = toMember(parser, rest.getMatchingProperty());
                } else if (token == JsonToken.START_ARRAY) {
                    token = toElement(parser, rest.getMatchingIndex());
                } else {
                    return null;
                }
                rest = rest.tail();
            }
            boolean isText = token == JsonToken.VALUE_STRING || (token != null && token.isNumeric());
            return isText ? parser.getText() : null;
        } catch (IOException e) {
            return null;
        }
    }

    private static @Nullable JsonToken toMember(JsonParser parser, String name) throws IOException {
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            boolean found = parser.getText().equals(name);
            JsonToken token = parser.nextToken();
            if (found) return token;
            parser.skipChildren();
        }
        return null;
    }

    private static @Nullable JsonToken toElement(JsonParser parser, int index) throws IOException {
        for (int at = 0; ; at++) {
            JsonToken token = parser.nextToken();
            if (token == null || token == JsonToken.END_ARRAY) return null;
            if (at == index) return token;
            parser.skipChildren();
        }
    }

    // ---- writing ----

    /** Returns a JSON string. */
    public static String quoted(String text) {
        return text(out -> out.writeString(text));
    }

    /** The values that only one protocol has. */
    public interface Special {
        /** Writes a value. Returns false if it is none of the protocol's own. */
        boolean write(Object value, JsonGenerator out) throws IOException;

        /** Writes bytes of the codec's. Default: they are refused. */
        default void writeBytes(ByteString bytes, JsonGenerator out) throws IOException {
            throw new PayloadException("the codec must write JSON, but wrote bytes", null);
        }
    }

    /** A writer of a JSON text. */
    public interface Body {
        void write(JsonGenerator out) throws IOException;
    }

    /**
     * Returns what {@code body} writes.
     *
     * @throws PayloadException if it cannot be written
     */
    public static String text(Body body) {
        StringWriter text = new StringWriter();
        try (JsonGenerator out = FACTORY.createGenerator(text)) {
            body.write(out);
        } catch (IOException e) {
            throw new PayloadException("a value cannot be written: " + e.getMessage(), e);
        }
        return text.toString();
    }

    /** Returns the same as {@link #of(Object, Supplier, Special)}, without values of the protocol's own. */
    public static String of(@Nullable Object value, Supplier<PayloadCodec> codec) {
        return of(value, codec, (own, out) -> false);
    }

    /**
     * Returns a value as JSON.
     *
     * @param value null, text, numbers, booleans, lists, arrays of objects and maps of these, and what {@code special} or the codec
     *     can write
     * @throws PayloadException if it cannot be written
     */
    public static String of(@Nullable Object value, Supplier<PayloadCodec> codec, Special special) {
        return text(out -> write(value, out, codec, special));
    }

    /** Writes a value as {@link #of(Object, Supplier, Special)} does. */
    public static void write(@Nullable Object value, JsonGenerator out, Supplier<PayloadCodec> codec, Special special)
            throws IOException {
        if (value == null) {
            out.writeNull();
        } else if (value instanceof CharSequence || value instanceof Character) {
            out.writeString(value.toString());
        } else if (value instanceof Boolean) {
            out.writeBoolean((Boolean) value);
        } else if (value instanceof Number && writeNumber((Number) value, out)) {
            return;
        } else if (special.write(value, out)) {
            return;
        } else if (value instanceof Map) {
            out.writeStartObject();
            for (Map.Entry<?, ?> entry : ((Map<?, ?>) value).entrySet()) {
                out.writeFieldName(String.valueOf(entry.getKey()));
                write(entry.getValue(), out, codec, special);
            }
            out.writeEndObject();
        } else if (value instanceof List || value instanceof Object[]) {
            List<?> all = value instanceof List ? (List<?>) value : Arrays.asList((Object[]) value);
            out.writeStartArray();
            for (Object element : all) write(element, out, codec, special);
            out.writeEndArray();
        } else {
            EncodedPayload encoded = codec.get().encode(value);
            if (encoded.kind() == EncodedPayload.Kind.BINARY) {
                special.writeBytes(encoded.bytes(), out);
            } else {
                out.writeRawValue(encoded.text());
            }
        }
    }

    private static boolean writeNumber(Number value, JsonGenerator out) throws IOException {
        if (value instanceof Integer || value instanceof Long || value instanceof Short || value instanceof Byte) {
            out.writeNumber(value.longValue());
        } else if (value instanceof Double) {
            out.writeNumber(value.doubleValue());
        } else if (value instanceof Float) {
            out.writeNumber(value.floatValue());
        } else if (value instanceof BigDecimal) {
            out.writeNumber((BigDecimal) value);
        } else if (value instanceof BigInteger) {
            out.writeNumber((BigInteger) value);
        } else {
            return false;
        }
        return true;
    }
}

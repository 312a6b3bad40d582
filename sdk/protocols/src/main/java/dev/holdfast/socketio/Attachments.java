package dev.holdfast.socketio;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.holdfast.internal.protocols.Json;
import java.io.IOException;
import java.io.StringWriter;
import java.util.List;
import okio.ByteString;

/** Attachments in the JSON of packets, each a placeholder with the number of a binary message. */
final class Attachments {
    private static final String PLACEHOLDER = "_placeholder";

    private Attachments() {}

    /** Returns the number of the attachment that a value stands for, -1 if it stands for none. */
    static int number(String json) {
        if (!json.contains(PLACEHOLDER)) return -1;
        try (JsonParser parser = Json.FACTORY.createParser(json)) {
            return parser.nextToken() == JsonToken.START_OBJECT && parser.nextToken() == JsonToken.FIELD_NAME
                    ? number(parser)
                    : -1;
        } catch (IOException e) {
            return -1;
        }
    }

    /** Reads the rest of an object whose first name the parser is at. Returns -1 if it is no placeholder. */
    private static int number(JsonParser parser) throws IOException {
        if (!parser.getText().equals(PLACEHOLDER) || parser.nextToken() != JsonToken.VALUE_TRUE) return -1;
        boolean named =
                parser.nextToken() == JsonToken.FIELD_NAME && parser.getText().equals("num");
        if (!named || parser.nextToken() != JsonToken.VALUE_NUMBER_INT) return -1;
        int number = parser.getIntValue();
        return parser.nextToken() == JsonToken.END_OBJECT ? number : -1;
    }

    /**
     * Returns the value with each attachment in its place, as a string in Base64, which codecs read as bytes.
     *
     * @throws IllegalArgumentException if it names an attachment that is not there
     */
    static String inlined(String json, List<ByteString> attachments) {
        if (attachments.isEmpty() || !json.contains(PLACEHOLDER)) return json;
        StringWriter text = new StringWriter();
        try (JsonParser parser = Json.FACTORY.createParser(json);
                JsonGenerator out = Json.FACTORY.createGenerator(text)) {
            for (JsonToken token; (token = parser.nextToken()) != null; ) copy(parser, token, out, attachments);
        } catch (IOException e) {
            throw new IllegalArgumentException("not JSON", e);
        }
        return text.toString();
    }

    private static void copy(JsonParser parser, JsonToken token, JsonGenerator out, List<ByteString> attachments)
            throws IOException {
        if (token != JsonToken.START_OBJECT) {
            out.copyCurrentEvent(parser);
            return;
        }
        JsonToken first = parser.nextToken();
        if (first == JsonToken.FIELD_NAME && parser.getText().equals(PLACEHOLDER)) {
            int number = number(parser);
            if (number < 0 || number >= attachments.size()) {
                throw new IllegalArgumentException("the packet has no attachment " + number);
            }
            out.writeString(attachments.get(number).base64());
            return;
        }
        out.writeStartObject();
        if (first != null) copy(parser, first, out, attachments);
    }
}

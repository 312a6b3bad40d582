package dev.holdfast.server;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/** The members of a request that a client sends over HTTP. Envelopes are kept as they came. */
final class HttpMembers {
    /** One more level than {@link Envelopes} accepts, for the array around the envelopes. */
    private static final int MAX_DEPTH = 1001;

    private static final JsonFactory JSON = JsonFactory.builder()
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(MAX_DEPTH)
                    .maxStringLength(HttpCarrier.MAX_BODY_BYTES)
                    .build())
            .build();

    private HttpMembers() {}

    sealed interface Member {}

    /** A message of the protocol. */
    record Message(Frame frame) implements Member {}

    record Ping(long number) implements Member {}

    record Close(int code, String reason) implements Member {}

    /**
     * Reads the members of a body.
     *
     * @throws IOException if it is no JSON array of members
     */
    static List<Member> read(String body) throws IOException {
        List<Member> members = new ArrayList<>();
        try (JsonParser json = JSON.createParser(body)) {
            if (json.nextToken() != JsonToken.START_ARRAY) throw new IOException("not a JSON array");
            for (JsonToken next = json.nextToken(); next != JsonToken.END_ARRAY; next = json.nextToken()) {
                members.add(member(json, next, body));
            }
            if (json.nextToken() != null) throw new IOException("something follows the array");
        } catch (IllegalArgumentException e) {
            throw new IOException("not base64", e);
        }
        return members;
    }

    private static Member member(JsonParser json, JsonToken first, String body) throws IOException {
        int from = (int) json.currentTokenLocation().getCharOffset();
        return switch (first) {
            case VALUE_STRING ->
                new Message(new Frame.Binary(Base64.getDecoder().decode(json.getText())));
            case START_ARRAY -> text(json, body, from);
            case START_OBJECT -> {
                String name = json.nextFieldName();
                if ("ping".equals(name)) {
                    long number = number(json, Long.MAX_VALUE);
                    if (json.nextToken() != JsonToken.END_OBJECT) throw new IOException("too much in ping");
                    yield new Ping(number);
                }
                if ("close".equals(name)) yield close(json);
                while (name != null) {
                    json.nextToken();
                    json.skipChildren();
                    name = json.nextFieldName();
                }
                yield text(json, body, from);
            }
            default -> throw new IOException("no such member");
        };
    }

    /** Returns what the parser is at the end of, or at the begin of if it is an array. */
    private static Member text(JsonParser json, String body, int from) throws IOException {
        json.skipChildren();
        int to = (int) json.currentTokenLocation().getCharOffset() + 1;
        return new Message(new Frame.Text(body.substring(from, to)));
    }

    private static Member close(JsonParser json) throws IOException {
        int code = (int) number(json, 4999);
        String reason = "";
        String name = json.nextFieldName();
        if ("reason".equals(name)) {
            if (json.nextToken() != JsonToken.VALUE_STRING) throw new IOException("reason must be a string");
            reason = json.getText();
            name = json.nextFieldName();
        }
        if (name != null || json.currentToken() != JsonToken.END_OBJECT) throw new IOException("too much in close");
        return new Close(code, reason);
    }

    private static long number(JsonParser json, long max) throws IOException {
        if (json.nextToken() != JsonToken.VALUE_NUMBER_INT) throw new IOException("not a whole number");
        long number = json.getLongValue();
        if (number < 0 || number > max) throw new IOException("out of range");
        return number;
    }
}

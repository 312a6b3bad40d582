package dev.holdfast.simulation;

import com.fasterxml.jackson.databind.JsonNode;
import dev.holdfast.Message;
import java.util.function.LongConsumer;
import okio.ByteString;
import okio.Utf8;

/** Messages that carry a stream's name and a number, as text, JSON or bytes. */
final class Numbered {
    final String stream;
    final long number;

    private Numbered(String stream, long number) {
        this.stream = stream;
        this.number = number;
    }

    static String text(String stream, long number, int padding) {
        return stream + "/" + number + "/" + "é".repeat(padding);
    }

    static ByteString bytes(String stream, long number, int padding) {
        return ByteString.encodeUtf8(text(stream, number, padding));
    }

    /** The bytes of a text. */
    static long size(String text) {
        return Utf8.size(text);
    }

    static Numbered parse(String text) {
        String[] parts = text.split("/", 3);
        return new Numbered(parts[0], Long.parseLong(parts[1]));
    }

    static Numbered parse(Message message) {
        if (message.isBinary()) return parse(message.bytes().utf8());
        String text = message.text();
        return parse(
                text.startsWith("{") ? message.read(JsonNode.class).path("m").asText() : text);
    }

    /** Finds the messages of the stream in what goes over the wire. */
    static void forEach(String stream, Item item, LongConsumer found) {
        String text = item.kind == Item.Kind.BINARY ? item.bytes().utf8() : item.text();
        String prefix = stream + "/";
        for (int at = text.indexOf(prefix); at >= 0; at = text.indexOf(prefix, at)) {
            at += prefix.length();
            int end = text.indexOf('/', at);
            found.accept(Long.parseLong(text.substring(at, end)));
        }
    }

    @Override
    public String toString() {
        return stream + "/" + number;
    }
}

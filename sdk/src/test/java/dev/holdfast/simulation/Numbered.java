package dev.holdfast.simulation;

import okio.ByteString;

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

    static Numbered parse(String text) {
        String[] parts = text.split("/", 3);
        return new Numbered(parts[0], Long.parseLong(parts[1]));
    }

    @Override
    public String toString() {
        return stream + "/" + number;
    }
}

package dev.holdfast.conformance;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** Reads a stream of events as the HTML standard defines it. Used by one thread. */
final class Events {
    /**
     * An event, or a comment line.
     *
     * @param name the name; empty if it has none, and {@code :} for a comment
     */
    record Event(String name, String data) {
        static final String COMMENT = ":";
    }

    private final InputStream in;
    private boolean skipLineFeed;

    Events(InputStream in) {
        this.in = new BufferedInputStream(in, 1 << 16);
    }

    /** Returns the next event or comment, or null at the orderly end. An event that is not complete counts for nothing. */
    @Nullable
    Event next() throws IOException {
        String name = "";
        StringBuilder data = new StringBuilder();
        while (true) {
            String line = line();
            if (line == null) return null;
            if (line.isEmpty()) {
                if (data.length() > 0) return new Event(name, data.substring(0, data.length() - 1));
                name = "";
                continue;
            }
            int colon = line.indexOf(':');
            if (colon == 0 && (data.length() > 0 || !name.isEmpty())) continue;
            if (colon == 0) return new Event(Event.COMMENT, line.substring(1));
            String field = colon < 0 ? line : line.substring(0, colon);
            String value = colon < 0 ? "" : line.substring(colon + 1);
            if (value.startsWith(" ")) value = value.substring(1);
            if (field.equals("event")) name = value;
            if (field.equals("data")) data.append(value).append('\n');
        }
    }

    private @Nullable String line() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        while (true) {
            int b = in.read();
            if (b == '\n' && skipLineFeed) {
                skipLineFeed = false;
                continue;
            }
            skipLineFeed = b == '\r';
            if (b == -1) return null;
            if (b == '\n' || b == '\r') break;
            bytes.write(b);
        }
        return StandardCharsets.UTF_8
                .newDecoder()
                .decode(ByteBuffer.wrap(bytes.toByteArray()))
                .toString();
    }
}

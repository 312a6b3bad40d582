package dev.holdfast.sample.connect;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** Lines of UTF-8 from a stream, whatever the platform's charset is. For one thread, except {@link #isWaiting}. */
final class StreamLines implements Lines {
    private static final int BUFFER_BYTES = 64 * 1024;
    private static final int END = -1;

    private final InputStream input;
    private final byte[] buffer = new byte[BUFFER_BYTES];
    private int position;
    private int limit;
    private long number;

    /** Whether a thread reads the input, and may wait there. */
    private volatile boolean reading;

    StreamLines(InputStream input) {
        this.input = input;
    }

    @Override
    public @Nullable String next() throws IOException, UnsendableException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        boolean begun = false;
        long length = 0;
        while (fill()) {
            begun = true;
            int end = position;
            while (end < limit && buffer[end] != '\n') end++;
            int part = end - position;
            length += part;
            // The rest of a line that is too long is read and not kept.
            if (length <= MAX_BYTES) line.write(buffer, position, part);
            position = end + 1;
            if (end < limit) break;
        }
        if (!begun) return null;
        number++;
        if (length > MAX_BYTES) {
            throw new UnsendableException(
                    "line " + number + " has " + length + " bytes, at most " + MAX_BYTES + " are possible");
        }
        return decode(line.toByteArray());
    }

    /** Returns false at the end of the input. */
    private boolean fill() throws IOException {
        if (position < limit) return true;
        position = 0;
        reading = true;
        try {
            limit = input.read(buffer);
        } finally {
            reading = false;
        }
        return limit != END;
    }

    @Override
    public boolean isWaiting() {
        try {
            return reading && input.available() == 0;
        } catch (IOException e) {
            // The thread that reads notices it too.
            return false;
        }
    }

    private String decode(byte[] line) throws UnsendableException {
        int length = line.length > 0 && line[line.length - 1] == '\r' ? line.length - 1 : line.length;
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(line, 0, length))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new UnsendableException("line " + number + " is not UTF-8");
        }
    }
}

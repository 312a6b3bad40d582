package dev.holdfast.server;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * The message whose parts arrive. Of one that is too large, it passes on as much as shows that, and drops the rest.
 *
 * <p>Not thread-safe: used by those who receive.
 */
final class PartialMessage {
    private final int max;
    private final StringBuilder text = new StringBuilder();
    private ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private boolean dropping;

    PartialMessage(int max) {
        this.max = max;
    }

    /** Returns the whole message, or null until its last part has come. */
    @Nullable
    Frame text(String part, boolean last) {
        if (last && text.length() == 0 && !dropping) {
            return new Frame.Text(part);
        }
        if (!dropping) {
            text.append(part);
        }
        return passes(last, text.length()) ? new Frame.Text(takeText()) : null;
    }

    /** Returns the whole message, or null until its last part has come. */
    @Nullable
    Frame binary(ByteBuffer part, boolean last) {
        byte[] copy = new byte[part.remaining()];
        part.get(copy);
        if (last && bytes.size() == 0 && !dropping) {
            return new Frame.Binary(copy);
        }
        if (!dropping) {
            bytes.writeBytes(copy);
        }
        return passes(last, bytes.size()) ? new Frame.Binary(takeBytes()) : null;
    }

    private boolean passes(boolean last, int size) {
        boolean passes = !dropping && (last || size > max);
        dropping = !last && (dropping || passes);
        return passes;
    }

    private String takeText() {
        String whole = text.toString();
        text.setLength(0);
        text.trimToSize();
        return whole;
    }

    private byte[] takeBytes() {
        byte[] whole = bytes.toByteArray();
        bytes = new ByteArrayOutputStream();
        return whole;
    }
}

package dev.holdfast.internal.frame;

import java.io.IOException;
import java.io.UncheckedIOException;
import okio.Buffer;

/** Frames that were written, as bytes that have come in. */
public final class Wire {
    private Wire() {}

    /** All that is in {@code frames}, taken from it. */
    public static Buffer take(FrameBuffer frames) {
        Buffer wire = new Buffer();
        try {
            frames.writeTo(wire.outputStream());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return wire;
    }
}

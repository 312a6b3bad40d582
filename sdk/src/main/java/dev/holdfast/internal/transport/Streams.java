package dev.holdfast.internal.transport;

import java.io.Closeable;
import java.io.IOException;

/** The ends of streams whose connection is over. */
final class Streams {
    private Streams() {}

    /** Closes what is broken already: an error of close tells nothing new. */
    static void close(Closeable stream) {
        try {
            stream.close();
        } catch (IOException | RuntimeException e) {
            // The connection has ended and its reason is told; nobody waits for this one.
        }
    }

    /** A sentence for an exception that may have no message. */
    static String describe(IOException e) {
        String message = e.getMessage();
        return message == null ? e.getClass().getSimpleName() : message;
    }
}

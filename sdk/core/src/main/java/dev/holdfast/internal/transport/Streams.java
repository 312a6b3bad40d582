package dev.holdfast.internal.transport;

import dev.holdfast.internal.concurrent.Uncaught;
import java.io.Closeable;
import java.io.IOException;

/** Closes streams, and describes I/O errors. */
final class Streams {
    private Streams() {}

    /**
     * Closes a stream whose connection has ended. Throws nothing, because the reason for the end is known already. I/O errors
     * are ignored. Other exceptions are bugs, most likely of the application's OkHttp event listener, which is notified of the
     * end here; they go to the thread's uncaught exception handler.
     */
    static void close(Closeable stream) {
        try {
            stream.close();
        } catch (IOException e) {
            // The reason for the end of the connection is known.
        } catch (Throwable e) {
            Uncaught.report(e);
        }
    }

    /** Returns the message of an exception, or its class if it has none. */
    static String describe(IOException e) {
        String message = e.getMessage();
        return message == null ? e.getClass().getSimpleName() : message;
    }
}

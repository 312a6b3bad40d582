package dev.holdfast.internal.transport;

import dev.holdfast.internal.concurrent.Uncaught;
import java.io.Closeable;
import java.io.IOException;

/** The ends of streams whose connection is over. */
final class Streams {
    private Streams() {}

    /**
     * Closes a stream whose connection is over. Throws nothing, so that closing never decides what is reported. An I/O error
     * adds nothing to the reason that is known. Anything else is a bug, most likely of the application's OkHttp event
     * listener, which hears of the end here; the thread's uncaught exception handler gets it.
     */
    static void close(Closeable stream) {
        try {
            stream.close();
        } catch (IOException e) {
            // The connection has ended for a reason that is known.
        } catch (Throwable e) {
            Uncaught.report(e);
        }
    }

    /** A sentence for an exception that may have no message. */
    static String describe(IOException e) {
        String message = e.getMessage();
        return message == null ? e.getClass().getSimpleName() : message;
    }
}

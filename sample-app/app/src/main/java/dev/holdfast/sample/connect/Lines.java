package dev.holdfast.sample.connect;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** A source of lines to send. */
interface Lines {
    /** The maximum length of a line, in bytes of UTF-8. A longer one is not kept in memory. */
    int MAX_BYTES = 16 * 1024 * 1024;

    /**
     * Returns the next line without its end, waiting for it; null if there are no more.
     *
     * @throws UnsendableException if there is a line and it cannot be sent; the next call returns the one after it
     * @throws IOException if the input cannot be read any more
     */
    @Nullable
    String next() throws IOException, UnsendableException;

    /**
     * Returns whether {@link #next} waits for a line that has not come yet. Any thread may call it. Default: yes, for a person at a
     * terminal, who sees what is not sent.
     */
    default boolean isWaiting() {
        return true;
    }

    /** Returns whether the user asked for the end, rather than the input came to its own. */
    default boolean isInterrupted() {
        return false;
    }

    /** A line cannot be sent. Its message is a sentence for the user. */
    final class UnsendableException extends Exception {
        private static final long serialVersionUID = 1L;

        UnsendableException(String message) {
            super(message);
        }
    }
}

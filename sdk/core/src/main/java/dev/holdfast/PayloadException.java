package dev.holdfast;

import org.jspecify.annotations.Nullable;

/**
 * Thrown if a {@link PayloadCodec} cannot write an object, or cannot read a message as the type asked for. Message and cause
 * may quote what was read.
 */
public final class PayloadException extends RuntimeException {
    private static final long serialVersionUID = 1;

    /**
     * Creates an exception, for a codec of the application's.
     *
     * @param message what could not be written or read, and why
     * @param cause what the codec's library threw; null if nothing
     */
    public PayloadException(@Nullable String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}

package dev.holdfast;

import org.jspecify.annotations.Nullable;

/**
 * An object that Jackson could not write as JSON, or a message that it could not read as the type asked for. Message and
 * cause are Jackson's and quote what it read.
 */
public final class PayloadException extends RuntimeException {
    private static final long serialVersionUID = 1;

    PayloadException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}

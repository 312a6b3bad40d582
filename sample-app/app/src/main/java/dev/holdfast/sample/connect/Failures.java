package dev.holdfast.sample.connect;

import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/** The words of exceptions. */
final class Failures {
    private Failures() {}

    /** Returns the message of what a future failed with. */
    static String words(@Nullable Throwable failure) {
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        if (cause == null) return "no result";
        return cause.getMessage() == null ? cause.toString() : cause.getMessage();
    }
}

package dev.holdfast.graphql;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A report that an operation has failed: the server answered with errors instead of a result, or it can't be sent. Nothing
 * further comes of the operation.
 */
public final class OperationException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final transient List<GraphQlError> errors;

    /**
     * Creates a report of the server's errors.
     *
     * @param errors the errors, at least one
     */
    public OperationException(List<GraphQlError> errors) {
        super(String.valueOf(errors));
        this.errors = Collections.unmodifiableList(new ArrayList<>(errors));
    }

    /**
     * Creates a report of another failure.
     *
     * @param message what happened
     * @param cause why, null if nothing threw
     */
    public OperationException(String message, @Nullable Throwable cause) {
        super(message, cause);
        this.errors = Collections.emptyList();
    }

    /** {@return the server's errors; empty if the failure is another one; unmodifiable} */
    public List<GraphQlError> errors() {
        return errors;
    }
}

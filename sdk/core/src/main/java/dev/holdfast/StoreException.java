package dev.holdfast;

import java.io.IOException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The failure of a {@link SessionStore}. Its message says what failed, where, and what to do; it quotes no record. */
public final class StoreException extends IOException {
    /** The kinds of failure. More constants may be added: keep a default branch. */
    public enum Kind {
        /** Another client or another process has the store open. */
        IN_USE,
        /** The disk, or the space that the store may use, is full. */
        FULL,
        /** The content cannot be read: it is damaged, of another format, or encrypted with another key. */
        DAMAGED,
        /** A call of the store took longer than 30 s. The client goes on without it, and the store is closed when it returns. */
        TIMED_OUT,
        /** Anything else: no permission, a disk that fails. */
        FAILED
    }

    private static final long serialVersionUID = 1;

    /** The kind of failure. */
    private final Kind kind;

    /**
     * Creates an exception, for a store of the application's.
     *
     * @param kind what a program needs to know
     * @param message what failed and where, for people and logs
     * @param cause what the storage engine threw; null if nothing
     */
    public StoreException(Kind kind, String message, @Nullable Throwable cause) {
        super(Objects.requireNonNull(message, "message"), cause);
        this.kind = Objects.requireNonNull(kind, "kind");
    }

    /** {@return what kind of failure it is} */
    public Kind kind() {
        return kind;
    }
}

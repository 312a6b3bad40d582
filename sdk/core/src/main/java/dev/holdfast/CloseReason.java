package dev.holdfast;

import dev.holdfast.internal.text.Printable;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The close code and reason text with which a client ended (RFC 6455 section 7.4). Immutable. */
public final class CloseReason {
    private final int code;
    private final String reason;

    /**
     * Creates a close reason.
     *
     * @param code the status code; 1006 if there was no closing handshake
     * @param reason the reason text, may be empty
     */
    public CloseReason(int code, String reason) {
        this.code = code;
        this.reason = Objects.requireNonNull(reason, "reason");
    }

    /** Returns the status code; 1005 if the server sent none, 1006 if there was no closing handshake. */
    public int code() {
        return code;
    }

    /** Returns the reason text as the server sent it, unescaped; empty if there is none. */
    public String reason() {
        return reason;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        if (!(other instanceof CloseReason)) return false;
        CloseReason that = (CloseReason) other;
        return code == that.code && reason.equals(that.reason);
    }

    @Override
    public int hashCode() {
        return code * 31 + reason.hashCode();
    }

    /** Returns the code and the escaped reason text. */
    @Override
    public String toString() {
        return reason.isEmpty() ? Integer.toString(code) : code + " " + Printable.value(reason);
    }
}

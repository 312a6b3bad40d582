package dev.holdfast;

import dev.holdfast.internal.text.Printable;
import java.util.Objects;

/** Why a client ended: a close code and a reason, RFC 6455 section 7.4. Immutable. */
public final class CloseReason {
    private final int code;
    private final String reason;

    /**
     * @param code the status code; 1006 where the connection was let go without a closing handshake
     * @param reason the text beside it, may be empty
     */
    public CloseReason(int code, String reason) {
        this.code = code;
        this.reason = Objects.requireNonNull(reason, "reason");
    }

    /** The status code; 1005 where the server gave none, 1006 where there was no closing handshake. */
    public int code() {
        return code;
    }

    /** Returns the text beside the code as the server sent it, unescaped; empty if there is none. */
    public String reason() {
        return reason;
    }

    /** Returns the code and the escaped reason. */
    @Override
    public String toString() {
        return reason.isEmpty() ? Integer.toString(code) : code + " " + Printable.value(reason);
    }
}

package dev.holdfast;

import dev.holdfast.internal.text.Printable;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * How a client ended: a close code and a reason text (RFC 6455 section 7.4). {@link HoldfastListener#onClosed} and {@link
 * HoldfastClient#closed} give it.
 *
 * <table border="1">
 *   <caption>Codes</caption>
 *   <tr><th>the client ended by</th><th>code</th></tr>
 *   <tr><td>{@link HoldfastClient#close}, with a closing handshake</td><td>the server's, normally that of {@code close}</td></tr>
 *   <tr><td>{@code close()}, without a connection and with nothing left to send, as in {@link ClientState#IDLE}</td>
 *       <td>1000</td></tr>
 *   <tr><td>{@code close()}, but something could not be sent, or the server did not finish in time</td><td>1006</td></tr>
 *   <tr><td>{@link HoldfastClient#cancel}</td><td>1006</td></tr>
 *   <tr><td>an error inside the SDK ({@link ConnectionFailure.Phase#INTERNAL})</td><td>1006</td></tr>
 * </table>
 *
 * Immutable.
 */
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

    /** {@return the status code; 1005 if the server sent none, 1006 if there was no closing handshake} */
    public int code() {
        return code;
    }

    /**
     * {@return the reason text, unescaped: the server's if it closed, otherwise the client's own, for example {@code
     * cancelled}} Empty if there is none.
     */
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

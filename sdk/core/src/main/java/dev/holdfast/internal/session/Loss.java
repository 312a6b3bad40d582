package dev.holdfast.internal.session;

import dev.holdfast.ConnectionFailure.Phase;
import dev.holdfast.internal.text.Printable;
import org.jspecify.annotations.Nullable;

/** The known facts about the end of a connection. Immutable; the {@code with} methods return copies. */
public final class Loss {
    private final Phase phase;
    private final String message;
    private final int httpStatus;
    private final int closeCode;
    private final long retryAfterNanos;
    private final long sinceInboundNanos;
    private final long sinceOutboundNanos;
    private final boolean violation;
    private final boolean unselected;
    private final boolean ofLastWritten;
    private final @Nullable Throwable cause;
    /** Set once, before other code can see this object. */
    private @Nullable Outbound suspect;
    /** Set once, as {@code suspect}. */
    private boolean stale;

    private Loss(
            Phase phase,
            String message,
            int httpStatus,
            int closeCode,
            long retryAfterNanos,
            long sinceInboundNanos,
            long sinceOutboundNanos,
            boolean violation,
            boolean unselected,
            boolean ofLastWritten,
            @Nullable Throwable cause) {
        this.phase = phase;
        this.message = Printable.message(message);
        this.httpStatus = httpStatus;
        this.closeCode = closeCode;
        this.retryAfterNanos = retryAfterNanos;
        this.sinceInboundNanos = sinceInboundNanos;
        this.sinceOutboundNanos = sinceOutboundNanos;
        this.violation = violation;
        this.unselected = unselected;
        this.ofLastWritten = ofLastWritten;
        this.cause = cause;
    }

    /** Returns a loss without a close frame from the server. */
    public static Loss of(Phase phase, String message, @Nullable Throwable cause) {
        return of(phase, message, 0, cause);
    }

    /** Returns a loss without a close frame from a server that has asked for a delay before the next attempt; 0 for none. */
    public static Loss of(Phase phase, String message, long retryAfterNanos, @Nullable Throwable cause) {
        return new Loss(phase, message, 0, 0, retryAfterNanos, 0, 0, false, false, false, cause);
    }

    /** Returns a loss because the server broke a protocol, which it may do again at the same place. */
    public static Loss violation(Phase phase, String message, @Nullable Throwable cause) {
        return new Loss(phase, message, 0, 0, 0, 0, 0, true, false, false, cause);
    }

    /** Returns a loss because the server did not select the subprotocol that the session needs. */
    public static Loss unselected(String message, @Nullable Throwable cause) {
        return new Loss(Phase.UPGRADE, message, 0, 0, 0, 0, 0, false, true, false, cause);
    }

    /** Returns a loss because the server refused the upgrade. */
    public static Loss refused(String message, int httpStatus, long retryAfterNanos, @Nullable Throwable cause) {
        return new Loss(Phase.UPGRADE, message, httpStatus, 0, retryAfterNanos, 0, 0, false, false, false, cause);
    }

    /** Returns a loss by a close frame from the server. */
    public static Loss closed(Phase phase, int closeCode, String reason) {
        return closed(phase, closeCode, reason, false);
    }

    /**
     * Returns a loss by a close.
     *
     * @param ofLastWritten whether the message that was written last is known to be the reason
     */
    public static Loss closed(Phase phase, int closeCode, String reason, boolean ofLastWritten) {
        String message = "server closed with " + closeCode + (reason.isEmpty() ? "" : " " + Printable.value(reason));
        return new Loss(phase, message, 0, closeCode, 0, 0, 0, false, false, ofLastWritten, null);
    }

    /** Returns a copy with the time since the last bytes in either direction. */
    public Loss withSilence(long sinceInbound, long sinceOutbound) {
        return new Loss(
                phase,
                message,
                httpStatus,
                closeCode,
                retryAfterNanos,
                sinceInbound,
                sinceOutbound,
                violation,
                unselected,
                ofLastWritten,
                cause);
    }

    Loss withPhase(Phase phase) {
        return new Loss(
                phase,
                message,
                httpStatus,
                closeCode,
                retryAfterNanos,
                sinceInboundNanos,
                sinceOutboundNanos,
                violation,
                unselected,
                ofLastWritten,
                cause);
    }

    /** Returns a copy with the server's earlier words about it. */
    Loss withServerError(String error, long retryAfter) {
        return new Loss(
                phase,
                message + " (" + Printable.value(error) + ")",
                httpStatus,
                closeCode,
                Math.max(retryAfterNanos, retryAfter),
                sinceInboundNanos,
                sinceOutboundNanos,
                violation,
                unselected,
                ofLastWritten,
                cause);
    }

    /** Returns a copy with the message that probably caused the loss. */
    Loss withSuspect(Outbound message) {
        Loss copy = withPhase(phase);
        copy.suspect = message;
        return copy;
    }

    /** Returns a copy for a server that refused the position from which the client asked to go on. */
    Loss asStale() {
        Loss copy = withPhase(phase);
        copy.suspect = suspect;
        copy.stale = true;
        return copy;
    }

    boolean isStale() {
        return stale;
    }

    /** Returns the message that probably caused the loss, null for none. */
    public @Nullable Outbound suspect() {
        return suspect;
    }

    boolean isViolation() {
        return violation;
    }

    boolean isOfLastWritten() {
        return ofLastWritten;
    }

    boolean isUnselected() {
        return unselected;
    }

    public Phase phase() {
        return phase;
    }

    public String message() {
        return message;
    }

    /** Returns the HTTP status, 0 if there was none. */
    public int httpStatus() {
        return httpStatus;
    }

    /** Returns the close code, 0 if there was none. */
    public int closeCode() {
        return closeCode;
    }

    /** Returns the delay that the server asked for, 0 for none. */
    public long retryAfterNanos() {
        return retryAfterNanos;
    }

    public long sinceInboundNanos() {
        return sinceInboundNanos;
    }

    public long sinceOutboundNanos() {
        return sinceOutboundNanos;
    }

    public @Nullable Throwable cause() {
        return cause;
    }
}

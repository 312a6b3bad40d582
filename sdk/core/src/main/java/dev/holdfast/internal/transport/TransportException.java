package dev.holdfast.internal.transport;

import dev.holdfast.ConnectionFailure.Phase;
import dev.holdfast.internal.frame.ProtocolViolation;
import dev.holdfast.internal.text.Printable;
import java.io.IOException;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/** The failure of a connection that could not be opened, or ended without a closing handshake. */
public final class TransportException extends IOException {
    private static final long serialVersionUID = 1;
    private static final int NONE = 0;

    private final Phase phase;
    private final int httpStatus;
    private final long retryAfterNanos;
    private final boolean unselected;

    private TransportException(
            Phase phase, String message, int httpStatus, long retryAfterNanos, @Nullable Throwable cause) {
        this(phase, message, httpStatus, retryAfterNanos, cause, false);
    }

    private TransportException(
            Phase phase,
            String message,
            int httpStatus,
            long retryAfterNanos,
            @Nullable Throwable cause,
            boolean unselected) {
        super(Printable.message(message), cause);
        this.phase = phase;
        this.httpStatus = httpStatus;
        this.retryAfterNanos = retryAfterNanos;
        this.unselected = unselected;
    }

    public static TransportException of(Phase phase, String message, @Nullable Throwable cause) {
        return of(phase, message, NONE, cause);
    }

    /**
     * Returns the failure of a connection to a server that has asked for a delay before the next attempt.
     *
     * @param retryAfterNanos the delay in nanoseconds, 0 for none
     */
    public static TransportException of(Phase phase, String message, long retryAfterNanos, @Nullable Throwable cause) {
        return new TransportException(phase, message, NONE, retryAfterNanos, cause);
    }

    /**
     * Returns the failure for an exception of code that must not throw: a bug, or incompatible libraries. Another attempt
     * would fail as well, so its phase is {@link Phase#CONFIGURATION}, unless the virtual machine itself failed.
     *
     * @param phase the phase of the connection
     */
    public static TransportException thrown(Phase phase, Throwable thrown) {
        String shown = Printable.value(thrown.toString());
        if (thrown instanceof VirtualMachineError) return of(phase, shown, thrown);
        String message = thrown instanceof LinkageError
                ? "the libraries on the class path do not fit together, or OkHttp is too old: " + shown
                : "the application's configuration or code failed: " + shown;
        return of(Phase.CONFIGURATION, message, thrown);
    }

    /**
     * Returns the failure of a connection whose task the I/O executor has refused. A pool that is full, or a process without room
     * for a thread, may take the next one. An executor that is shut down, or throws anything else, never will: then its phase is
     * {@link Phase#CONFIGURATION}.
     *
     * @param phase the phase of the connection
     */
    public static TransportException noTasks(Executor executor, Phase phase, Throwable refusal) {
        if (isShutDown(executor)) {
            return of(Phase.CONFIGURATION, "the I/O executor is shut down", refusal);
        }
        boolean passes = refusal instanceof RejectedExecutionException || refusal instanceof VirtualMachineError;
        return of(passes ? phase : Phase.CONFIGURATION, "the I/O executor rejected a task", refusal);
    }

    private static boolean isShutDown(Executor executor) {
        if (!(executor instanceof ExecutorService)) return false;
        try {
            return ((ExecutorService) executor).isShutdown();
        } catch (Throwable e) {
            // The executor of a container does not say.
            return false;
        }
    }

    /**
     * Returns whether the failure says nothing of the network or the server: the executor refused a task, or the virtual machine
     * failed.
     */
    public boolean isOfThisProcess() {
        return getCause() instanceof RejectedExecutionException || getCause() instanceof VirtualMachineError;
    }

    /** Returns the failure for an upgrade that the server answered with another status than 101. */
    public static TransportException refused(int httpStatus, long retryAfterNanos, String message) {
        return refused(httpStatus, retryAfterNanos, message, null);
    }

    /** Returns the same failure with a cause. */
    public static TransportException refused(
            int httpStatus, long retryAfterNanos, String message, @Nullable Throwable cause) {
        return new TransportException(Phase.UPGRADE, message, httpStatus, retryAfterNanos, cause);
    }

    /** Returns the failure for an upgrade in which the server did not select {@code subprotocol}, which the session needs. */
    public static TransportException unselected(String subprotocol) {
        String message = "the server did not select the subprotocol " + subprotocol + ": use Session.none(), or add "
                + subprotocol + " to the server";
        return new TransportException(Phase.UPGRADE, message, NONE, NONE, null, true);
    }

    /** Returns whether the server did not select the subprotocol that the session needs. */
    public boolean isUnselected() {
        return unselected;
    }

    /** Returns whether the server violated RFC 6455. */
    public boolean isViolation() {
        return getCause() instanceof ProtocolViolation;
    }

    public Phase phase() {
        return phase;
    }

    /** Returns the HTTP status of a refused upgrade, 0 for none. */
    public int httpStatus() {
        return httpStatus;
    }

    /** Returns the delay that the server has asked for, as by {@code Retry-After}, in nanoseconds; 0 for none. */
    public long retryAfterNanos() {
        return retryAfterNanos;
    }
}

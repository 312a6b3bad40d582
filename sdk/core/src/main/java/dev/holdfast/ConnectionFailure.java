package dev.holdfast;

import dev.holdfast.internal.session.Decision;
import dev.holdfast.internal.session.Loss;
import dev.holdfast.internal.session.Outbound;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A report of a connection that could not be made or was lost: what happened, and what the client does next. {@link
 * HoldfastListener#onConnectionFailure} receives one for each failure. Immutable.
 */
public final class ConnectionFailure {
    /** How far the connection had come. More constants may be added: keep a default branch. */
    public enum Phase {
        /**
         * Preparing the attempt. The application's configuration or code forbids it, so that another attempt would fail in
         * the same way: cleartext traffic that the platform forbids, a missing permission, a library of the wrong version, an
         * interceptor that throws an unchecked exception. The client stops.
         */
        CONFIGURATION,
        /** Asking the application for a credential. */
        CREDENTIAL,
        /** Asking the application for an endpoint. */
        ENDPOINT,
        /** Looking up the host's address. */
        DNS,
        /** Connecting, to the host or its proxy. */
        TCP,
        /** The TLS handshake. */
        TLS,
        /** The WebSocket opening handshake, RFC 6455 section 4. */
        UPGRADE,
        /** The {@code open} of a resumable session, until its {@code welcome}. */
        OPEN,
        /** In use. */
        SESSION,
        /**
         * The client's {@link SessionStore} failed, and the client has no permission to go on without it. The client is {@link
         * ClientState#CLOSED}; {@link #cause} is the {@link StoreException}.
         */
        STORAGE,
        /**
         * An error inside the SDK, or an I/O executor that refused a task. The client is {@link ClientState#CLOSED}; {@link
         * #cause} has the exception.
         */
        INTERNAL
    }

    private final Loss loss;
    private final Decision decision;

    ConnectionFailure(Loss loss, Decision decision) {
        this.loss = loss;
        this.decision = decision;
    }

    /** {@return how far the connection had come} */
    public Phase phase() {
        return loss.phase();
    }

    /** {@return what happened, in a sentence} It contains no credential. */
    public String message() {
        return loss.message();
    }

    /** {@return the HTTP status of a refused upgrade, 0 if there was none} */
    public int httpStatus() {
        return loss.httpStatus();
    }

    /** {@return the code of the server's close frame, 0 if there was none} */
    public int closeCode() {
        return loss.closeCode();
    }

    /** {@return the exception that caused the failure, null if there was none} */
    public @Nullable Throwable cause() {
        return loss.cause();
    }

    /**
     * {@return the time between the last byte received and the moment at which the client noticed the failure; counted
     * from the start of the attempt if no byte was received}
     */
    public Duration sinceLastInbound() {
        return Duration.ofNanos(loss.sinceInboundNanos());
    }

    /** {@return the same as {@link #sinceLastInbound} for bytes sent} */
    public Duration sinceLastOutbound() {
        return Duration.ofNanos(loss.sinceOutboundNanos());
    }

    /**
     * {@return whether another attempt follows by itself} If none does, the client is {@link ClientState#IDLE}, or
     * {@link ClientState#CLOSED} after {@link Phase#INTERNAL}.
     */
    public boolean willRetry() {
        return decision.isRetry();
    }

    /** {@return the delay before the next attempt; zero if none follows} */
    public Duration retryIn() {
        return Duration.ofNanos(decision.delayNanos());
    }

    /**
     * {@return the number of the next attempt, 1 after the first failure; 0 if none follows} The count starts over
     * after a connection has lasted for {@link Backoff#resetAfter}.
     */
    public int attempt() {
        return decision.attempt();
    }

    /**
     * {@return the message that probably ended the connection, null if none is suspected: after the server refused a
     * message for its size (close code 4413 or 1009) the largest that was under way, over plain HTTP after a status 413
     * (close code 1009) the one that was refused, and after three losses in a row with the same message first and
     * unacknowledged, that one} It would go first again. {@link Delivery#giveUp} lets the others go on without it;
     * afterwards {@link HoldfastClient#connect} is needed if no retry follows.
     */
    public @Nullable Delivery suspect() {
        Outbound suspect = loss.suspect();
        return suspect == null ? null : (Delivery) suspect.receipt();
    }

    /** {@return the reason for what the client does next, in a few words} */
    public String reason() {
        return decision.reason();
    }

    /** Compares every property; two exceptions and two deliveries are equal if they are the same object. */
    @Override
    public boolean equals(@Nullable Object other) {
        if (!(other instanceof ConnectionFailure)) return false;
        ConnectionFailure that = (ConnectionFailure) other;
        return properties().equals(that.properties());
    }

    @Override
    public int hashCode() {
        return properties().hashCode();
    }

    private List<@Nullable Object> properties() {
        return Arrays.asList(
                phase(),
                message(),
                httpStatus(),
                closeCode(),
                cause(),
                sinceLastInbound(),
                sinceLastOutbound(),
                willRetry(),
                retryIn(),
                attempt(),
                suspect(),
                reason());
    }

    @Override
    public String toString() {
        String next = willRetry()
                ? "attempt " + attempt() + " in " + retryIn().toMillis() + " ms (" + reason() + ")"
                : "no further attempt (" + reason() + ")";
        // Before the upgrade there is no byte of ours to speak of.
        String silence = phase().compareTo(Phase.UPGRADE) < 0 || phase() == Phase.INTERNAL
                ? ""
                : "last byte in " + sinceLastInbound().toMillis() + " ms ago, out "
                        + sinceLastOutbound().toMillis() + " ms ago; ";
        Outbound suspect = loss.suspect();
        String suspected = suspect == null ? "" : "suspected: a message of " + suspect.bytes() + " bytes; ";
        return loss.phase() + ": " + loss.message() + "; " + silence + suspected + next;
    }
}

package dev.holdfast;

import dev.holdfast.internal.session.Decision;
import dev.holdfast.internal.session.Loss;
import dev.holdfast.internal.session.Outbound;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Why a connection could not be made or was lost, and what happens next. Told for each failure by {@link
 * HoldfastListener#onConnectionFailure}. Immutable.
 */
public final class ConnectionFailure {
    /** How far the connection had come. */
    public enum Phase {
        /**
         * Preparing the attempt. The application's configuration or code forbids it, so that another attempt would fail in
         * the same way: cleartext traffic that the platform forbids, a missing permission, a library of the wrong version, an
         * interceptor that throws an unchecked exception. The client stops.
         */
        CONFIGURATION,
        /** Asking the application for a credential. */
        CREDENTIAL,
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

    /** How far the connection had come. */
    public Phase phase() {
        return loss.phase();
    }

    /** What happened, in a sentence. Holds no credential. */
    public String message() {
        return loss.message();
    }

    /** The HTTP status of a refused upgrade, 0 where there was none. */
    public int httpStatus() {
        return loss.httpStatus();
    }

    /** The code of the server's close frame, 0 where there was none. */
    public int closeCode() {
        return loss.closeCode();
    }

    /** The exception behind it, null where there was none. */
    public @Nullable Throwable cause() {
        return loss.cause();
    }

    /** How long ago a byte had last come in when the failure was noticed; counted from the attempt's start if none had. */
    public Duration sinceLastInbound() {
        return Duration.ofNanos(loss.sinceInboundNanos());
    }

    /** The same for bytes that went out. */
    public Duration sinceLastOutbound() {
        return Duration.ofNanos(loss.sinceOutboundNanos());
    }

    /**
     * Returns whether another attempt follows by itself. If none does, the client is {@link ClientState#IDLE}, or {@link
     * ClientState#CLOSED} after {@link Phase#INTERNAL}.
     */
    public boolean willRetry() {
        return decision.isRetry();
    }

    /** How long until the next attempt; zero where none follows. */
    public Duration retryIn() {
        return Duration.ofNanos(decision.delayNanos());
    }

    /** The number of the attempt to come since a connection last held, from 1; 0 where none follows. */
    public int attempt() {
        return decision.attempt();
    }

    /**
     * Returns the message that probably ended the connection, null if none is suspected: after the server refused a message for
     * its size (close code 4413 or 1009) the largest that was under way, and after three losses in a row with the same
     * message first and unacknowledged, that one. It would go first again. {@link Delivery#giveUp} lets the others go on without
     * it; afterwards {@link HoldfastClient#connect} is needed if no retry follows.
     */
    public @Nullable Delivery suspect() {
        Outbound suspect = loss.suspect();
        return suspect == null ? null : (Delivery) suspect.receipt();
    }

    /** Why it was decided so, in a few words. */
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

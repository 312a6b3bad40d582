package dev.holdfast;

import dev.holdfast.internal.CheckReturnValue;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A client's reaction to one kind of failure, see {@link ReconnectPolicy}. A delay that the server asked for, such as
 * {@code Retry-After}, always takes precedence. Immutable.
 */
@CheckReturnValue
public final class Reaction {
    /** The kinds of reaction. More constants may be added: keep a default branch. */
    public enum Kind {
        /** Retry after the {@link Backoff}. */
        BACKOFF,
        /** Retry at once; after the backoff if the attempt before failed as well. */
        NOW,
        /**
         * Ask for a fresh credential, or a fresh endpoint, and retry at once; stop if that one is refused as well. A close counts as a refusal if
         * it comes before the server has accepted the credential, see {@code docs/reconnecting.md}.
         */
        REFRESH_CREDENTIALS,
        /**
         * Retry at a moment drawn evenly from a window. Until a connection lasts again, later attempts are spread over the
         * same window with the backoff on top, whatever they fail of, so that a restarting server does not meet all its
         * clients at once.
         */
        SPREAD,
        /** Make no further attempt before {@link HoldfastClient#connect}. */
        STOP
    }

    private static final Reaction BACKOFF = new Reaction(Kind.BACKOFF, null, "backoff");
    private static final Reaction NOW = new Reaction(Kind.NOW, null, "at once");
    private static final Reaction REFRESH = new Reaction(Kind.REFRESH_CREDENTIALS, null, "with a fresh credential");

    private final Kind kind;
    private final @Nullable Duration window;
    private final String reason;

    private Reaction(Kind kind, @Nullable Duration window, String reason) {
        this.kind = kind;
        this.window = window;
        this.reason = reason;
    }

    /** {@return the reaction to retry after the backoff} */
    public static Reaction backoff() {
        return BACKOFF;
    }

    /** {@return the reaction to retry at once} */
    public static Reaction now() {
        return NOW;
    }

    /**
     * {@return the reaction to retry with a fresh credential} Without a {@link CredentialProvider} and an
     * {@link EndpointProvider} the client stops.
     */
    public static Reaction refreshCredentials() {
        return REFRESH;
    }

    /**
     * {@return the reaction to retry within {@code window}, each client at its own moment}
     *
     * @param window the longest delay, positive
     * @throws IllegalArgumentException if {@code window} is not positive
     */
    public static Reaction spread(Duration window) {
        Checks.positive("window", window);
        return new Reaction(Kind.SPREAD, window, "spread over " + window);
    }

    /**
     * {@return the reaction to stop} The queue keeps its messages.
     *
     * @param reason why, for {@link ConnectionFailure#reason}
     */
    public static Reaction stop(String reason) {
        return new Reaction(Kind.STOP, null, Objects.requireNonNull(reason, "reason"));
    }

    /** {@return the kind of reaction} */
    public Kind kind() {
        return kind;
    }

    /** {@return the window of {@link Kind#SPREAD}, null for every other kind} */
    public @Nullable Duration window() {
        return window;
    }

    /** {@return the reason in a few words, for people and logs} */
    public String reason() {
        return reason;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        if (!(other instanceof Reaction)) return false;
        Reaction that = (Reaction) other;
        return kind == that.kind && Objects.equals(window, that.window) && reason.equals(that.reason);
    }

    @Override
    public int hashCode() {
        return Objects.hash(kind, window, reason);
    }

    @Override
    public String toString() {
        return kind + " (" + reason + ")";
    }
}

package dev.holdfast;

import dev.holdfast.internal.time.Durations;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * What a client does about one kind of failure, see {@link ReconnectPolicy}. Whatever it is, a delay that the server
 * asked for comes first. Immutable.
 */
public final class Reaction {
    /** The ways to react. */
    public enum Kind {
        /** Try again after the {@link Backoff}. */
        BACKOFF,
        /** Try again at once; after the backoff where that has just failed as well. */
        NOW,
        /**
         * Ask for a fresh credential and try again at once; stop if that one is refused as well. A close counts as a
         * refusal if it comes before the server has accepted the credential, see {@code docs/reconnecting.md}.
         */
        REFRESH_CREDENTIALS,
        /**
         * Try again at a moment drawn evenly from a window. Until a connection holds again, later attempts are spread over
         * it as well, whatever they fail of, with the backoff on top: a server that is coming back is not to meet all its
         * clients at once.
         */
        SPREAD,
        /** Make no further attempt before {@link HoldfastClient#connect}. */
        STOP
    }

    private static final Reaction BACKOFF = new Reaction(Kind.BACKOFF, 0, "backoff");
    private static final Reaction NOW = new Reaction(Kind.NOW, 0, "at once");
    private static final Reaction REFRESH = new Reaction(Kind.REFRESH_CREDENTIALS, 0, "with a fresh credential");

    private final Kind kind;
    private final long windowNanos;
    private final String reason;

    private Reaction(Kind kind, long windowNanos, String reason) {
        this.kind = kind;
        this.windowNanos = windowNanos;
        this.reason = reason;
    }

    /** Try again after the backoff. */
    public static Reaction backoff() {
        return BACKOFF;
    }

    /** Try again at once. */
    public static Reaction now() {
        return NOW;
    }

    /** Try again with a fresh credential. Without {@link CredentialProvider} there is none, and it is {@link #stop}. */
    public static Reaction refreshCredentials() {
        return REFRESH;
    }

    /** Try again within {@code window}, each client at a moment of its own. */
    public static Reaction spread(Duration window) {
        long nanos = Durations.positiveNanos("window", window);
        return new Reaction(Kind.SPREAD, nanos, "spread over " + TimeUnit.NANOSECONDS.toMillis(nanos) + " ms");
    }

    /** Stop. The queue is kept. */
    public static Reaction stop(String reason) {
        return new Reaction(Kind.STOP, 0, Objects.requireNonNull(reason, "reason"));
    }

    /** Which way. */
    public Kind kind() {
        return kind;
    }

    /** Of {@link Kind#SPREAD}, in nanoseconds; 0 for every other kind. */
    public long windowNanos() {
        return windowNanos;
    }

    /** In a few words, for people and logs. */
    public String reason() {
        return reason;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        if (!(other instanceof Reaction)) return false;
        Reaction that = (Reaction) other;
        return kind == that.kind && windowNanos == that.windowNanos && reason.equals(that.reason);
    }

    @Override
    public int hashCode() {
        return kind.hashCode() * 31 + reason.hashCode();
    }

    @Override
    public String toString() {
        return kind + " (" + reason + ")";
    }
}

package dev.holdfast;

import dev.holdfast.internal.time.Durations;
import java.time.Duration;
import java.util.Objects;

/** What proves to the server who the client is, and where it goes. Its text appears in no log. Immutable. */
public final class Credential {
    /** Where it goes. */
    public enum Place {
        /** A header of the opening handshake. */
        HEADER,
        /** The session's first envelope, {@code docs/protocol.md} section 2; resumable sessions only. */
        OPEN,
        /** The query of the URL, where servers and proxies may log it: for servers that leave no choice. */
        QUERY
    }

    private final Place place;
    private final String name;
    private final String value;
    private final long lifeNanos;

    private Credential(Place place, String name, String value, long lifeNanos) {
        this.place = place;
        this.name = Objects.requireNonNull(name, "name");
        this.value = Objects.requireNonNull(value, "value");
        this.lifeNanos = lifeNanos;
    }

    /** A bearer token in the {@code Authorization} header, RFC 6750 section 2.1. */
    public static Credential bearer(String token) {
        return header("Authorization", "Bearer " + Objects.requireNonNull(token, "token"));
    }

    /** Returns a credential in a header of the opening handshake. It follows a redirect to another origin only if a {@link RedirectPolicy} allows that. */
    public static Credential header(String name, String value) {
        return new Credential(Place.HEADER, name, value, Long.MAX_VALUE);
    }

    /**
     * A token in the {@code auth} member of the session's first envelope. It can be renewed on the same connection. Only a
     * {@link Session#resumable} session can carry it: with any other the client stops at once, with a failure of the phase
     * {@link ConnectionFailure.Phase#CONFIGURATION}.
     */
    public static Credential inOpen(String token) {
        return new Credential(Place.OPEN, "auth", Objects.requireNonNull(token, "token"), Long.MAX_VALUE);
    }

    /** A parameter of the URL's query. */
    public static Credential query(String name, String value) {
        return new Credential(Place.QUERY, name, value, Long.MAX_VALUE);
    }

    /**
     * How long it is good for, from now. It is used again for that long; before that is over a resumable session asks for
     * the next, so that the server need not close. Without it the supplier is asked at every attempt.
     */
    public Credential expiresIn(Duration life) {
        return new Credential(place, name, value, Durations.positiveNanos("life", life));
    }

    /** Where it goes. */
    public Place place() {
        return place;
    }

    /** The header's or parameter's name. */
    public String name() {
        return name;
    }

    /** The secret. Not for a log. */
    public String value() {
        return value;
    }

    /** How long it is good for from when it was given, in nanoseconds; {@link Long#MAX_VALUE} where that is not known. */
    public long lifeNanos() {
        return lifeNanos;
    }

    /** Where it goes, and nothing of the secret. */
    @Override
    public String toString() {
        return "credential in " + place + " " + name;
    }
}

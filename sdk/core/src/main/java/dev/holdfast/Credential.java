package dev.holdfast;

import dev.holdfast.internal.CheckReturnValue;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A secret that proves to the server who the client is, and the place where it is sent. No log and no {@link #toString}
 * shows the secret. Immutable.
 */
@CheckReturnValue
public final class Credential {
    /** The places where a credential can be sent. More constants may be added: keep a default branch. */
    public enum Place {
        /** A header of the opening handshake. */
        HEADER,
        /** The session's first envelope ({@code docs/protocol.md}, section 2); resumable sessions only. */
        OPEN,
        /** The query of the URL. Servers and proxies may log it; use it only if the server leaves no choice. */
        QUERY
    }

    private final Place place;
    private final String name;
    private final String value;
    private final @Nullable Duration lifetime;

    private Credential(Place place, String name, String value, @Nullable Duration lifetime) {
        this.place = place;
        this.name = Objects.requireNonNull(name, "name");
        this.value = Objects.requireNonNull(value, "value");
        this.lifetime = lifetime;
    }

    /**
     * {@return a bearer token, sent in the {@code Authorization} header (RFC 6750 section 2.1)}
     *
     * @param token the token, without the word Bearer
     */
    public static Credential bearer(String token) {
        return header("Authorization", "Bearer " + Objects.requireNonNull(token, "token"));
    }

    /**
     * {@return a credential that is sent in a header of the opening handshake} It follows a redirect to another origin
     * only if a {@link RedirectPolicy} allows that.
     *
     * @param name the name of the header
     * @param value the value of the header
     */
    public static Credential header(String name, String value) {
        return new Credential(Place.HEADER, name, value, null);
    }

    /**
     * {@return a token that is sent in the {@code auth} member of the session's first envelope} It can be renewed on
     * the same connection. Only a {@link Session#resumable} session can carry it, and a protocol with an opening exchange
     * ({@link Session#of}), which does not renew it. In any other session the client stops at once with a failure of the phase {@link ConnectionFailure.Phase#CONFIGURATION}.
     *
     * @param token the token, as the server expects it
     */
    public static Credential inOpen(String token) {
        return new Credential(Place.OPEN, "auth", Objects.requireNonNull(token, "token"), null);
    }

    /**
     * {@return a credential that is sent as a parameter of the URL's query}
     *
     * @param name the name of the parameter, unescaped
     * @param value the value of the parameter, unescaped
     */
    public static Credential query(String name, String value) {
        return new Credential(Place.QUERY, name, value, null);
    }

    /**
     * {@return a credential that is valid for {@code lifetime} from the moment at which the provider supplies it} The
     * client uses it again until then. Before it expires, a resumable session asks for the next one, so that the server
     * need not close the connection. Default: unknown; the provider is asked before every attempt.
     *
     * @param lifetime the time until the credential expires
     * @throws IllegalArgumentException if {@code lifetime} is not positive
     */
    public Credential withLifetime(Duration lifetime) {
        return new Credential(place, name, value, Checks.positive("lifetime", lifetime));
    }

    /** {@return the place where it is sent} */
    public Place place() {
        return place;
    }

    /** {@return the name of the header or parameter} */
    public String name() {
        return name;
    }

    /** {@return the secret} Do not log it. */
    public String value() {
        return value;
    }

    /** {@return how long it is valid from the moment at which it was supplied, null if that is unknown} */
    public @Nullable Duration lifetime() {
        return lifetime;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        if (!(other instanceof Credential)) return false;
        Credential that = (Credential) other;
        return place == that.place
                && name.equals(that.name)
                && value.equals(that.value)
                && Objects.equals(lifetime, that.lifetime);
    }

    @Override
    public int hashCode() {
        return Objects.hash(place, name, value, lifetime);
    }

    /** Returns the place, the name and the lifetime, and nothing of the secret. */
    @Override
    public String toString() {
        String text = "credential in " + place + " " + name;
        return lifetime == null ? text : text + ", valid for " + lifetime;
    }
}

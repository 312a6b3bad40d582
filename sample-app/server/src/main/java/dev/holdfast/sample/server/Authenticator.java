package dev.holdfast.sample.server;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Says whose credential came with an {@code open} or {@code auth} envelope, or as a bearer token with the upgrade, where it
 * counts for an {@code open} without one. A session belongs to one user.
 */
@FunctionalInterface
public interface Authenticator {
    /** Checks a credential; null if there was none. May block. */
    Outcome authenticate(@Nullable JsonNode credential);

    /** Takes everybody, with any credential or none, for one and the same user. */
    static Authenticator anyone() {
        return credential -> new User("anyone");
    }

    /** What became of a credential. */
    sealed interface Outcome permits User, Unauthenticated, Forbidden {}

    /**
     * It is this user's.
     *
     * @param expires when it ends, and with it the connection unless another one has come; null for never
     */
    record User(String name, @Nullable Instant expires) implements Outcome {
        /** It is this user's, for ever. */
        public User(String name) {
            this(name, null);
        }
    }

    /** It is missing or no longer valid: a fresh one may help. Told as close code 4401, or HTTP 401. */
    record Unauthenticated(String code, String message) implements Outcome {}

    /** It is valid, and not good enough. Told as close code 4403, or HTTP 403. */
    record Forbidden(String code, String message) implements Outcome {}
}

package dev.holdfast.server;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A check of the credential that came with an {@code open} or {@code auth} envelope. A bearer token with the upgrade
 * counts for an {@code open} without a credential. A session belongs to one user.
 */
@FunctionalInterface
public interface Authenticator {
    /**
     * Checks a credential; null if there was none. May block.
     *
     * @param credential the credential as JSON; a bearer token is a string
     * @return whose credential it is, or why it is refused
     */
    Outcome authenticate(@Nullable JsonNode credential);

    /** {@return an authenticator that accepts every client, with any credential or none, as the same user} */
    static Authenticator anyone() {
        return credential -> new User("anyone");
    }

    /** The result of checking a credential. */
    sealed interface Outcome permits User, Unauthenticated, Forbidden {}

    /**
     * The credential belongs to this user.
     *
     * @param expires when the credential expires and its connection is closed, unless another one has replaced it; null
     *     for never
     */
    record User(String name, @Nullable Instant expires) implements Outcome {
        /**
         * Creates the result for a credential that never expires.
         *
         * @param name the name of the user
         */
        public User(String name) {
            this(name, null);
        }
    }

    /** The credential is missing or no longer valid: a fresh one may help. Reported as close code 4401 or HTTP 401. */
    record Unauthenticated(String code, String message) implements Outcome {}

    /** The credential is valid but not sufficient. Reported as close code 4403 or HTTP 403. */
    record Forbidden(String code, String message) implements Outcome {}
}

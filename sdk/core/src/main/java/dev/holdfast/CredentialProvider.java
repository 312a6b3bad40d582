package dev.holdfast;

import java.util.concurrent.CompletionStage;

/**
 * A source of {@link Credential}s, such as access tokens, which the application implements. The client asks it before an
 * attempt to connect, unless the last credential is known to be valid still, and before that one expires. {@link
 * HoldfastClientBuilder#credentialProvider} sets it.
 */
@FunctionalInterface
public interface CredentialProvider {
    /** The reason for which the client asks for a credential. */
    enum Reason {
        /** The client has had no credential yet. */
        FIRST,
        /** The client makes another attempt, and the last credential has expired, is about to, or has no known lifetime. */
        RECONNECT,
        /**
         * The server refused the last credential, or ended the connection because it is no longer valid: HTTP 401, close code
         * 4401, a close with 1008 before the server accepted the credential, or any failure whose reaction is {@link
         * Reaction#refreshCredentials}. A stored copy of the last credential is of no use: fetch a new one. {@code
         * docs/reconnecting.md} describes when a close is a refusal.
         */
        REFUSED,
        /** The connection is open, and the last credential is about to expire or the server asks for another one. */
        EXPIRING
    }

    /**
     * {@return a stage of a credential} It is called on an I/O thread of the SDK and must not block for long. The stage
     * may complete on any thread, within the client's connect timeout. If it fails or takes longer, the attempt has
     * failed, and the backoff applies.
     *
     * @param reason why the client asks
     */
    CompletionStage<Credential> credential(Reason reason);
}

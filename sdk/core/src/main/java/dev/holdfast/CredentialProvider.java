package dev.holdfast;

import java.util.concurrent.CompletionStage;

/** Where a client gets its {@link Credential}s from. */
@FunctionalInterface
public interface CredentialProvider {
    /** Why one is asked for. */
    enum Reason {
        /** The client's first attempt. */
        FIRST,
        /** A later attempt. */
        RECONNECT,
        /** The server refused the last one, by HTTP 401, close 4401 or an early 1008: a kept copy of it is of no use. */
        REFUSED,
        /** The last one is about to expire. */
        EXPIRING
    }

    /**
     * Asked on an I/O thread of the SDK's: must not block for long, the stage may complete on any thread. It has the
     * client's connect timeout. One that fails counts as a failed attempt, and the backoff applies.
     */
    CompletionStage<Credential> credential(Reason reason);
}

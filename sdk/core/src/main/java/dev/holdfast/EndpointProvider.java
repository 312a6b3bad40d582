package dev.holdfast;

import java.util.concurrent.CompletionStage;
import okhttp3.Request;

/**
 * A source of endpoints, which the application implements: the URL and the headers of each opening handshake. It is for
 * services that give out another URL for each connection, often with a secret in it. {@link
 * HoldfastClientBuilder#endpointProvider} sets it.
 *
 * <pre>{@code
 * EndpointProvider endpoints = reason -> service.openConnection()
 *         .thenApply(answer -> new Request.Builder().url(answer.url()).build());
 * }</pre>
 */
@FunctionalInterface
public interface EndpointProvider {
    /** The reason for which the client asks for an endpoint. More constants may be added: keep a default branch. */
    enum Reason {
        /** The client has had no endpoint yet. */
        FIRST,
        /** The connection was lost or closed, or the last attempt failed. */
        RECONNECT,
        /**
         * The client opens a connection beside the current one, which serves until the other is open: the network has
         * changed, the server or the application asked for another connection, or a credential is renewed.
         */
        MOVED,
        /**
         * The server refused the last handshake, or ended the connection because what proves the client's identity is no
         * longer valid: the cases of {@link CredentialProvider.Reason#REFUSED}. A stored copy of the last endpoint is of no
         * use.
         */
        REFUSED
    }

    /**
     * {@return a stage of a request, whose URL and headers are those of the opening handshake} It is called once for each
     * attempt, on an I/O thread of the SDK, and must not block for long. The stage may complete on any thread, within the
     * client's connect timeout. If it fails or takes longer, the attempt has failed with {@link
     * ConnectionFailure.Phase#ENDPOINT}, and the backoff applies. An answer that comes later is ignored. If the request's
     * method is not GET, the client stops with {@link ConnectionFailure.Phase#CONFIGURATION}.
     *
     * @param reason why the client asks
     */
    CompletionStage<Request> endpoint(Reason reason);
}

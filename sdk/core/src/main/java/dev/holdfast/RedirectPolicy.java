package dev.holdfast;

import okhttp3.HttpUrl;

/**
 * A callback that decides about redirects to another origin: whether a client follows the server there, and whether it sends
 * its secrets there. An origin is the scheme, the host and the port of a URL. {@link
 * HoldfastClientBuilder#redirectPolicy} sets the policy.
 *
 * <p>The client asks the policy about each HTTP redirect of an opening handshake, and about the URL of a session's {@code
 * reconnect} envelope. It does not ask
 *
 * <ul>
 *   <li>within the same origin, or about the origin of another endpoint of the same {@link HoldfastClient}: it follows, and
 *       sends its secrets;
 *   <li>about a redirect from {@code wss://} to {@code ws://}: it refuses;
 *   <li>about any HTTP redirect, if the {@code OkHttpClient} does not follow redirects.
 * </ul>
 *
 * <p>Implementations are called on SDK threads, possibly on several at once, and must not block. An attempt whose policy
 * throws fails with the phase {@link ConnectionFailure.Phase#CONFIGURATION}.
 */
@FunctionalInterface
public interface RedirectPolicy {
    /** An answer of a {@link RedirectPolicy}. */
    enum Answer {
        /**
         * The redirect is not followed: the attempt fails with the redirect's HTTP status, and the URL of a {@code reconnect}
         * is ignored.
         */
        REFUSE,
        /**
         * The redirect is followed without secrets. The request keeps the headers of the handshake, the id of the last
         * message, {@code Accept}, {@code Accept-Charset}, {@code Accept-Encoding}, {@code Accept-Language}, {@code Origin}
         * and {@code User-Agent}, and loses every other header, among them {@code Authorization}, {@code Cookie}, and a
         * {@code Sec-WebSocket-Protocol} of the application's own. Neither the client's {@link Credential} nor the id and key
         * of its session are sent to the other server, so that a resumable session begins anew there. The {@code
         * OkHttpClient}'s authenticator is not asked.
         */
        FOLLOW_WITHOUT_SECRETS,
        /**
         * The redirect is followed with everything that the first request had. A {@link Credential} or an id of the last
         * message in the query is added if the new URL has no such parameter.
         */
        FOLLOW_WITH_SECRETS
    }

    /**
     * {@return what to do about a redirect}
     *
     * @param from the URL that redirects; its scheme is {@code https} for {@code wss://} and {@code http} for {@code ws://}
     * @param to the URL to go to, at another origin
     */
    Answer answer(HttpUrl from, HttpUrl to);

    /** {@return a policy that refuses every redirect to another origin} */
    static RedirectPolicy sameOrigin() {
        return (from, to) -> Answer.REFUSE;
    }
}

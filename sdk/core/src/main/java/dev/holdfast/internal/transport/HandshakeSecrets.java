package dev.holdfast.internal.transport;

import dev.holdfast.RedirectPolicy;
import dev.holdfast.RedirectPolicy.Answer;
import dev.holdfast.internal.CheckReturnValue;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.Locale;
import java.util.Set;
import okhttp3.Headers;
import okhttp3.HttpUrl;
import okhttp3.Request;
import org.jspecify.annotations.Nullable;

/**
 * Which parts of an opening handshake must not be sent to another origin, and which must be kept when a redirect is followed.
 * A tag of the request. Immutable.
 */
@CheckReturnValue
public final class HandshakeSecrets {
    /** The secrets of a request without a tag. */
    static final HandshakeSecrets NONE =
            new HandshakeSecrets(Collections.emptySet(), Collections.emptySet(), null, false, false);

    /** The headers that hold no secret. Any other header may hold one. */
    private static final Set<String> HARMLESS = new HashSet<>(Arrays.asList(
            "upgrade",
            "connection",
            "origin",
            "user-agent",
            "accept",
            "accept-charset",
            "accept-encoding",
            "accept-language",
            "sec-websocket-extensions",
            "sec-websocket-key",
            "sec-websocket-version"));

    private final Set<String> harmless;
    private final Set<String> position;
    private final @Nullable String query;
    private final boolean offersSubprotocol;
    private final boolean withheld;

    private HandshakeSecrets(
            Set<String> harmless,
            Set<String> position,
            @Nullable String query,
            boolean offersSubprotocol,
            boolean withheld) {
        this.harmless = harmless;
        this.position = position;
        this.query = query;
        this.offersSubprotocol = offersSubprotocol;
        this.withheld = withheld;
    }

    /**
     * Returns the secrets of a request.
     *
     * @param harmless the names of headers that hold no secret, in addition to those of every handshake
     * @param position the names of the query parameters with the client's position in the server's stream
     * @param query the name of the query parameter with the credential, null for none
     */
    public static HandshakeSecrets of(Set<String> harmless, Set<String> position, @Nullable String query) {
        Set<String> lowerCase = harmless.isEmpty() ? Collections.emptySet() : new HashSet<>();
        for (String name : harmless) lowerCase.add(name.toLowerCase(Locale.ROOT));
        return new HandshakeSecrets(
                lowerCase, position.isEmpty() ? Collections.emptySet() : new HashSet<>(position), query, false, false);
    }

    /** Returns whether a header of this name holds no secret in any handshake. */
    public static boolean isAlwaysHarmless(String header) {
        return HARMLESS.contains(header.toLowerCase(Locale.ROOT));
    }

    /** Returns the tag of a request whose secrets have been removed. */
    public HandshakeSecrets withheld() {
        return new HandshakeSecrets(harmless, position, query, offersSubprotocol, true);
    }

    /** Returns the tag of a request that offers the SDK's own subprotocol. An application's subprotocol may be a token. */
    HandshakeSecrets offeringSubprotocol() {
        return new HandshakeSecrets(harmless, position, query, true, withheld);
    }

    public boolean areWithheld() {
        return withheld;
    }

    /** Asks the policy about a redirect, unless it is to the same origin or from TLS to cleartext. */
    public static Answer answer(RedirectPolicy policy, HttpUrl from, HttpUrl to) {
        if (isSameOrigin(from, to)) return Answer.FOLLOW_WITH_SECRETS;
        if (from.isHttps() && !to.isHttps()) return Answer.REFUSE;
        return policy.answer(from, to);
    }

    public static boolean isSameOrigin(HttpUrl one, HttpUrl other) {
        return origin(one).equals(origin(other));
    }

    /** Returns scheme, host and port of a URL. */
    static String origin(HttpUrl url) {
        return url.scheme() + "://" + url.host() + ":" + url.port();
    }

    /** Returns the request to another URL, with the secrets. */
    public static Request move(Request request, HttpUrl to) {
        Request.Builder moved = request.newBuilder().url(to);
        // The application's own Host header names the first server.
        if (!isSameOrigin(request.url(), to)) moved.removeHeader("Host");
        return moved.build();
    }

    /** Returns the request that follows a redirect, with the secrets and the position, even if its URL has another query. */
    Request follow(Request request, HttpUrl to) {
        HttpUrl url = keepPosition(request.url(), to);
        return move(request, query == null ? url : keep(query, request.url(), url));
    }

    private HttpUrl keepPosition(HttpUrl from, HttpUrl to) {
        HttpUrl url = to;
        for (String name : position) url = keep(name, from, url);
        return url;
    }

    private static HttpUrl keep(String name, HttpUrl from, HttpUrl to) {
        String value = from.queryParameter(name);
        if (value == null || to.queryParameterNames().contains(name)) return to;
        return to.newBuilder().setQueryParameter(name, value).build();
    }

    /** Returns the request to another URL without the secrets. */
    public Request withhold(Request request, HttpUrl to) {
        Headers.Builder kept = new Headers.Builder();
        Headers headers = request.headers();
        for (int i = 0; i < headers.size(); i++) {
            if (isHarmless(headers.name(i).toLowerCase(Locale.ROOT))) kept.add(headers.name(i), headers.value(i));
        }
        // The server may have copied the query of the first URL.
        HttpUrl url = query == null
                ? to
                : to.newBuilder().removeAllQueryParameters(query).build();
        return request.newBuilder()
                .url(keepPosition(request.url(), url))
                .headers(kept.build())
                .tag(HandshakeSecrets.class, withheld())
                .build();
    }

    private boolean isHarmless(String name) {
        return HARMLESS.contains(name)
                || harmless.contains(name)
                || (offersSubprotocol && name.equals("sec-websocket-protocol"));
    }
}

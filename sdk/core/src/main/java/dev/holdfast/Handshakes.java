package dev.holdfast;

import dev.holdfast.RedirectPolicy.Answer;
import dev.holdfast.internal.session.Attempt;
import dev.holdfast.internal.transport.HandshakeSecrets;
import dev.holdfast.internal.transport.Position;
import java.util.List;
import java.util.Objects;
import java.util.regex.Pattern;
import okhttp3.HttpUrl;
import okhttp3.Request;
import org.jspecify.annotations.Nullable;

/** The opening handshake of each attempt: where to, with which credential, and from where in the server's stream. */
final class Handshakes {
    private static final Pattern KNOWN_SCHEME = Pattern.compile("(wss?|https?):", Pattern.CASE_INSENSITIVE);

    private final List<Request> endpoints;

    private final Session session;

    private final @Nullable Position position;

    private final boolean opens;

    private final RedirectPolicy redirects;

    /**
     * @param endpoints nobody changes it
     * @param opens whether messages wait for an opening exchange, which can carry a credential
     */
    Handshakes(List<Request> endpoints, Session session, boolean opens, RedirectPolicy redirects) {
        this.endpoints = endpoints;
        this.session = session;
        this.position = session.position();
        this.opens = opens;
        this.redirects = redirects;
    }

    /** Returns the request of an opening handshake to a URL that the application gave. */
    static Request request(String url) {
        try {
            return new Request.Builder().url(Objects.requireNonNull(url, "url")).build();
        } catch (IllegalArgumentException e) {
            if (KNOWN_SCHEME.matcher(url).lookingAt()) throw e;
            // OkHttp's text names http and https alone.
            throw new IllegalArgumentException(
                    "url must start with wss:// or ws:// (https:// and http:// mean the same)", e);
        }
    }

    /**
     * Returns the policy that lets a client go to its own endpoints, which the application named itself.
     *
     * @param own nobody changes it
     */
    static RedirectPolicy trusting(List<Request> own, RedirectPolicy others) {
        return (from, to) -> own.stream().anyMatch(endpoint -> HandshakeSecrets.isSameOrigin(endpoint.url(), to))
                ? Answer.FOLLOW_WITH_SECRETS
                : others.answer(from, to);
    }

    /** Returns the request of an attempt, with what must not follow a redirect as its tag. */
    Request request(Attempt attempt) {
        Request endpoint = endpoint(attempt);
        HttpUrl moved = moved(endpoint, attempt.url());
        Answer answer = moved == null ? Answer.REFUSE : HandshakeSecrets.answer(redirects, endpoint.url(), moved);
        if (moved != null && answer == Answer.FOLLOW_WITH_SECRETS) {
            endpoint = HandshakeSecrets.move(endpoint, moved);
        }
        Credential credential = attempt.credential();
        HandshakeSecrets secrets = secrets(endpoint, attempt.last(), credential);
        if (moved != null && answer == Answer.FOLLOW_WITHOUT_SECRETS) {
            return position(secrets.withhold(endpoint, moved), attempt.last());
        }
        Request request = position(endpoint, attempt.last());
        if (credential != null) request = authorized(request, credential);
        return request.newBuilder()
                .tag(HandshakeSecrets.class, secrets)
                .tag(Position.class, position)
                .build();
    }

    /** Returns the request that the application gives for an attempt. */
    private Request endpoint(Attempt attempt) {
        Request supplied = (Request) attempt.supplied();
        if (supplied == null) return endpoints.get(attempt.endpoint());
        requireGet(supplied);
        return supplied;
    }

    /** @throws IllegalArgumentException if the request's method is not GET */
    static void requireGet(Request request) {
        if (!request.method().equals("GET")) {
            throw new IllegalArgumentException("an opening handshake must be a GET, but was a " + request.method());
        }
    }

    private Request position(Request request, @Nullable String last) {
        return last == null ? request : session.handshake(request, last);
    }

    /** The last message's id is no secret, and without it messages would be missed. */
    private HandshakeSecrets secrets(Request endpoint, @Nullable String last, @Nullable Credential credential) {
        HttpUrl url = endpoint.url().newBuilder().query(null).build();
        Request position = position(new Request.Builder().url(url).build(), last);
        String query = credential != null && credential.place() == Credential.Place.QUERY ? credential.name() : null;
        return HandshakeSecrets.of(position.headers().names(), position.url().queryParameterNames(), query);
    }

    /** Returns whether a connection can be opened to a URL that a server gives. */
    static boolean isUrl(String url) {
        try {
            Request unused = request(url);
            return true;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    /** Returns where the server sends the client; null for nowhere. */
    private static @Nullable HttpUrl moved(Request endpoint, @Nullable String url) {
        return url == null ? null : endpoint.newBuilder().url(url).build().url();
    }

    private Request authorized(Request request, Credential credential) {
        switch (credential.place()) {
            case HEADER:
                try {
                    return request.newBuilder()
                            .header(credential.name(), credential.value())
                            .build();
                } catch (IllegalArgumentException e) {
                    // Its text would hold the credential.
                    throw new IllegalArgumentException(credential + " has characters that no header can hold");
                }
            case QUERY:
                HttpUrl url = request.url()
                        .newBuilder()
                        .setQueryParameter(credential.name(), credential.value())
                        .build();
                return request.newBuilder().url(url).build();
            default:
                if (!opens) {
                    throw new IllegalArgumentException(
                            "a credential in the first envelope needs a resumable session, or a"
                                    + " protocol with an opening exchange");
                }
                return request;
        }
    }
}

package dev.holdfast.internal.transport;

import dev.holdfast.RedirectPolicy;
import dev.holdfast.RedirectPolicy.Answer;
import java.io.IOException;
import java.net.SocketException;
import okhttp3.Authenticator;
import okhttp3.Connection;
import okhttp3.HttpUrl;
import okhttp3.Interceptor;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.Response;
import okhttp3.ResponseBody;
import org.jspecify.annotations.Nullable;

/**
 * Follows the redirects of one opening handshake in place of OkHttp, which would send secrets to other origins. It is an
 * interceptor behind the application's own, so that those see one request and one response, as with OkHttp.
 */
final class Redirects implements Interceptor {
    /** OkHttp's limit. */
    private static final int MAX_REDIRECTS = 20;

    /** The time limit for reading the rest of a redirect's body, or closing its connection, before the next request. */
    private static final int CLOSE_TIMEOUT_MILLIS = 100;

    private final boolean follow;
    private final boolean followToOtherSchemes;
    private final RedirectPolicy policy;
    private final PhaseTracker phases;
    /** Kept here because an interceptor of the application may have built a request without tags. */
    private final HandshakeSecrets secrets;

    private volatile boolean secretsWithheld;
    /** The reason why a redirect was not followed, null if none was refused. */
    private volatile @Nullable String refusal;
    /** The exception of the application's policy or authenticator, null if there was none. */
    private volatile @Nullable Throwable thrown;

    /** @param client the application's client, whose settings decide whether redirects are followed at all */
    Redirects(OkHttpClient client, RedirectPolicy policy, PhaseTracker phases, HandshakeSecrets secrets) {
        this.follow = client.followRedirects();
        this.followToOtherSchemes = client.followSslRedirects();
        this.policy = policy;
        this.phases = phases;
        this.secrets = secrets;
    }

    /** Returns whether the request went to a server that must not get the secrets. */
    boolean areSecretsWithheld() {
        return secretsWithheld;
    }

    /** Returns the reason why the last redirect was not followed, null if there was none or it was followed. */
    @Nullable
    String refusal() {
        return refusal;
    }

    /** Returns whether the policy or the authenticator threw {@code failure}. */
    boolean hasThrown(Throwable failure) {
        return failure == thrown;
    }

    /** Wraps the application's authenticator, so that it does not answer a server that must not get the secrets. */
    Authenticator guard(Authenticator authenticator) {
        return (route, response) -> {
            if (secretsWithheld) return null;
            try {
                return authenticator.authenticate(route, response);
            } catch (RuntimeException | Error e) {
                thrown = e;
                throw e;
            }
        };
    }

    @Override
    public Response intercept(Chain chain) throws IOException {
        Request request = chain.request();
        secretsWithheld = secrets.areWithheld();
        Response response = chain.proceed(request);
        for (int followed = 0; ; followed++) {
            HttpUrl target = target(response);
            if (target == null) return response;
            if (followed == MAX_REDIRECTS) {
                refusal = "upgrade redirected more than " + MAX_REDIRECTS + " times, with HTTP " + response.code()
                        + " at the end";
                return response;
            }
            Request next = next(request, response, target);
            if (next == null) return response;
            Response prior =
                    response.newBuilder().body(ResponseBody.create("", null)).build();
            close(response);
            request = next;
            response = chain.proceed(next).newBuilder().priorResponse(prior).build();
        }
    }

    private @Nullable HttpUrl target(Response response) {
        switch (response.code()) {
            case 300:
            case 301:
            case 302:
            case 303:
            case 307:
            case 308:
                String location = response.header("Location");
                HttpUrl from = response.request().url();
                HttpUrl target = location == null ? null : from.resolve(location);
                if (!follow || target == null) return null;
                return followToOtherSchemes || target.scheme().equals(from.scheme()) ? target : null;
            default:
                return null;
        }
    }

    private @Nullable Request next(Request request, Response response, HttpUrl target) {
        HttpUrl from = response.request().url();
        Answer answer = answer(from, target);
        if (answer == Answer.FOLLOW_WITH_SECRETS) return secrets.follow(request, target);
        if (answer == Answer.FOLLOW_WITHOUT_SECRETS) {
            secretsWithheld = true;
            return secrets.withhold(request, target);
        }
        refusal = "upgrade redirected with HTTP " + response.code() + " from " + HandshakeSecrets.origin(from) + " to "
                + HandshakeSecrets.origin(target)
                + (from.isHttps() && !target.isHttps()
                        ? ", which is not secure: refused"
                        : ", which the redirect policy refuses");
        return null;
    }

    private Answer answer(HttpUrl from, HttpUrl target) {
        try {
            return HandshakeSecrets.answer(policy, from, target);
        } catch (RuntimeException | Error e) {
            thrown = e;
            throw e;
        }
    }

    private void close(Response response) {
        Connection connection = phases.connection();
        if (connection != null) {
            try {
                connection.socket().setSoTimeout(CLOSE_TIMEOUT_MILLIS);
            } catch (SocketException e) {
                // The socket is closed already.
            }
        }
        Streams.close(response);
    }
}

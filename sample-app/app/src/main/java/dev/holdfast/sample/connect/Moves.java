package dev.holdfast.sample.connect;

import dev.holdfast.RedirectPolicy.Answer;
import dev.holdfast.Session;
import java.io.IOException;
import okhttp3.HttpUrl;
import okhttp3.Interceptor;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.Response;
import org.jspecify.annotations.Nullable;

/** The redirects of the opening handshakes: where the server points, and whether the client goes there. */
final class Moves implements Interceptor {
    private final ConnectOptions options;
    private final Terminal terminal;
    private volatile @Nullable String target;

    Moves(ConnectOptions options, Terminal terminal) {
        this.options = options;
        this.terminal = terminal;
    }

    void configure(OkHttpClient.Builder client) {
        client.followRedirects(options.follow()).addNetworkInterceptor(this);
    }

    /** Returns where the last answer pointed; null if it was no redirect. */
    @Nullable
    String target() {
        return target;
    }

    /** Decides about another server. What the user typed as a header may be secret, and so may a session be. */
    Answer answer() {
        if (!options.follow()) return Answer.REFUSE;
        Request request = options.request();
        int harmless = request.header("Sec-WebSocket-Protocol") == null ? 0 : 1;
        boolean secrets =
                request.headers().size() > harmless || !options.session().equals(Session.none());
        return secrets ? Answer.FOLLOW_WITHOUT_SECRETS : Answer.FOLLOW_WITH_SECRETS;
    }

    @Override
    public Response intercept(Chain chain) throws IOException {
        Response response = chain.proceed(chain.request());
        String location = response.isRedirect() ? response.header("Location") : null;
        HttpUrl to = location == null ? null : response.request().url().resolve(location);
        target = to == null ? location : webSocket(to);
        if (location != null && options.follow()) {
            terminal.note("HTTP " + response.code() + " leads to " + target);
        }
        return response;
    }

    /** Returns a URL with the scheme that a user gives it. */
    private static String webSocket(HttpUrl url) {
        return "ws" + url.toString().substring("http".length());
    }
}

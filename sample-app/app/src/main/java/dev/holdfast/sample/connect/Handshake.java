package dev.holdfast.sample.connect;

import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;
import okhttp3.Credentials;
import okhttp3.Headers;
import okhttp3.HttpUrl;
import okhttp3.Request;
import org.jspecify.annotations.Nullable;

/** The opening handshake, as the user typed it. Errors are explained in a sentence for the user. */
public final class Handshake {
    private static final Pattern SCHEME = Pattern.compile("wss?://.*", Pattern.CASE_INSENSITIVE | Pattern.DOTALL);

    /** RFC 9110, section 5.6.2. */
    private static final Pattern TOKEN = Pattern.compile("[!#$%&'*+.^_`|~0-9A-Za-z-]+");

    private static final String AUTHORIZATION = "Authorization";

    private Handshake() {}

    /**
     * Returns the request to send.
     *
     * @throws IllegalArgumentException if no such request is possible
     */
    public static Request request(String url, Headers headers) {
        if (!SCHEME.matcher(url).matches()) {
            throw new IllegalArgumentException(
                    "A WebSocket URL begins with ws:// or wss://, this is " + (url.isEmpty() ? "empty." : url));
        }
        try {
            return new Request.Builder().url(url).headers(headers).build();
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(url + " is no URL: " + e.getMessage(), e);
        }
    }

    /**
     * Returns the request with the header that names a user, and without the user in its URL, where HTTP ignores it.
     *
     * @param user the user's name and password, with a colon in between; null for those of the URL, if there are any
     * @throws IllegalArgumentException if the request has another credential already
     */
    static Request withUser(Request request, @Nullable String user) {
        HttpUrl url = request.url();
        boolean inUrl = !url.username().isEmpty() || !url.password().isEmpty();
        if (user == null && !inUrl) return request;
        if (request.header(AUTHORIZATION) != null) {
            throw new IllegalArgumentException("Give a user or a header " + AUTHORIZATION + ", not both.");
        }
        int colon = user == null ? -1 : user.indexOf(':');
        String name = user == null ? url.username() : colon < 0 ? user : user.substring(0, colon);
        String password = user == null ? url.password() : colon < 0 ? "" : user.substring(colon + 1);
        return request.newBuilder()
                .url(url.newBuilder().username("").password("").build())
                .header(AUTHORIZATION, Credentials.basic(name, password, StandardCharsets.UTF_8))
                .build();
    }

    /** Returns whether a text can be a subprotocol. */
    static boolean isToken(String text) {
        return TOKEN.matcher(text).matches();
    }

    /**
     * Adds a header that is typed as {@code Name: value}.
     *
     * @throws IllegalArgumentException if no such header is possible
     */
    public static void addHeader(Headers.Builder headers, String line) {
        try {
            headers.add(line);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("A header looks like Name: value, this one does not: " + line, e);
        }
    }
}

package dev.holdfast.sample.connect;

import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.URI;
import java.net.URISyntaxException;
import okhttp3.Credentials;
import okhttp3.OkHttpClient;
import org.jspecify.annotations.Nullable;

/** The proxies that the SDK connects through. */
public final class Proxies {
    private static final int MAX_PORT = 65_535;
    private static final String LOOKS =
            "A proxy looks like host:port, http://user:password@host:port or socks://host:port, this one does not: ";
    private static final String PROXY_AUTHORIZATION = "Proxy-Authorization";

    private Proxies() {}

    /**
     * Parses a proxy's URL as the user typed it, or a host and port, which then name an HTTP proxy.
     *
     * @throws IllegalArgumentException if this is not a proxy; its message is a sentence for the user
     */
    public static URI parse(String typed) {
        try {
            URI uri = new URI(typed.contains("://") ? typed : "http://" + typed);
            boolean known = "http".equalsIgnoreCase(uri.getScheme()) || isSocks(uri);
            boolean port = uri.getPort() > 0 && uri.getPort() <= MAX_PORT;
            if (known && port && uri.getHost() != null) return uri;
        } catch (URISyntaxException e) {
            throw new IllegalArgumentException(LOOKS + typed, e);
        }
        throw new IllegalArgumentException(LOOKS + typed);
    }

    private static boolean isSocks(URI proxy) {
        return "socks".equalsIgnoreCase(proxy.getScheme());
    }

    /** Returns a client that uses a proxy, or no proxy. */
    public static OkHttpClient client(@Nullable URI proxy) {
        OkHttpClient.Builder client = new OkHttpClient.Builder();
        if (proxy == null) return client.build();
        Proxy.Type type = isSocks(proxy) ? Proxy.Type.SOCKS : Proxy.Type.HTTP;
        // Resolved when connecting: a look-up blocks, and this method must not.
        client.proxy(new Proxy(type, InetSocketAddress.createUnresolved(proxy.getHost(), proxy.getPort())));
        String user = proxy.getUserInfo();
        if (user != null) {
            int colon = user.indexOf(':');
            String credential = colon < 0
                    ? Credentials.basic(user, "")
                    : Credentials.basic(user.substring(0, colon), user.substring(colon + 1));
            // After one refused answer a second one would be refused too.
            client.proxyAuthenticator((route, response) -> response.request().header(PROXY_AUTHORIZATION) != null
                    ? null
                    : response.request()
                            .newBuilder()
                            .header(PROXY_AUTHORIZATION, credential)
                            .build());
        }
        return client.build();
    }
}

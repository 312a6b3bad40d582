package dev.holdfast.sample.connect;

import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.URI;
import okhttp3.Credentials;
import okhttp3.OkHttpClient;
import org.jspecify.annotations.Nullable;

/** What the SDK connects through. */
final class Proxies {
    private static final String PROXY_AUTHORIZATION = "Proxy-Authorization";

    private Proxies() {}

    static OkHttpClient client(@Nullable URI proxy) {
        OkHttpClient.Builder client = new OkHttpClient.Builder();
        if (proxy == null) return client.build();
        Proxy.Type type = "socks".equals(proxy.getScheme()) ? Proxy.Type.SOCKS : Proxy.Type.HTTP;
        client.proxy(new Proxy(type, new InetSocketAddress(proxy.getHost(), proxy.getPort())));
        String user = proxy.getUserInfo();
        if (user != null) {
            int colon = user.indexOf(':');
            String credential = colon < 0
                    ? Credentials.basic(user, "")
                    : Credentials.basic(user.substring(0, colon), user.substring(colon + 1));
            // An answer to the one that was refused would be refused as well.
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

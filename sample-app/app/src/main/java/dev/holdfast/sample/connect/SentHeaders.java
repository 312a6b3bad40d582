package dev.holdfast.sample.connect;

import java.io.IOException;
import okhttp3.Headers;
import okhttp3.HttpUrl;
import okhttp3.Interceptor;
import okhttp3.Request;
import okhttp3.Response;

/** Adds the headers that the user typed to handshakes with the server that the user named, and with no other. */
public final class SentHeaders implements Interceptor {
    private final Request typed;

    public SentHeaders(Request typed) {
        this.typed = typed;
    }

    @Override
    public Response intercept(Chain chain) throws IOException {
        Request request = chain.request();
        if (!isSameServer(request.url())) return chain.proceed(request);
        Headers.Builder headers = request.headers().newBuilder();
        for (String name : typed.headers().names()) headers.removeAll(name);
        headers.addAll(typed.headers());
        return chain.proceed(request.newBuilder().headers(headers.build()).build());
    }

    private boolean isSameServer(HttpUrl url) {
        return url.scheme().equals(typed.url().scheme())
                && url.host().equals(typed.url().host())
                && url.port() == typed.url().port();
    }
}

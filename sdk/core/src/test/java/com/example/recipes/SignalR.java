package com.example.recipes;

import com.fasterxml.jackson.databind.JsonNode;
import dev.holdfast.EndpointProvider;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import okhttp3.HttpUrl;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.RequestBody;

// recipes
/** The negotiation of ASP.NET Core SignalR: the hub, or the service that it names, gives each connection an id of its own. */
public final class SignalR {
    private static final int MAX_REDIRECTS = 10;

    private final OkHttpClient http;

    public SignalR(OkHttpClient http) {
        this.http = http;
    }

    public EndpointProvider endpoints(HttpUrl hub) {
        return reason -> negotiate(hub, new Request.Builder(), MAX_REDIRECTS);
    }

    /** @param headers a request with the headers of this negotiation and of the handshake */
    private CompletionStage<Request> negotiate(HttpUrl hub, Request.Builder headers, int redirects) {
        HttpUrl url = hub.newBuilder()
                .addPathSegment("negotiate")
                .setQueryParameter("negotiateVersion", "1")
                .build();
        Request ask = headers.url(url).post(RequestBody.create(new byte[0])).build();
        return JsonCalls.fetch(http, ask).thenCompose(answer -> follow(answer, hub, headers, redirects));
    }

    private CompletionStage<Request> follow(JsonNode answer, HttpUrl hub, Request.Builder headers, int redirects) {
        if (answer.has("error"))
            throw new IllegalStateException(answer.path("error").asText());
        if (answer.has("url")) {
            if (redirects == 0) throw new IllegalStateException("redirected too often");
            headers.header(
                    "Authorization", "Bearer " + answer.path("accessToken").asText());
            return negotiate(HttpUrl.get(answer.path("url").asText()), headers, redirects - 1);
        }
        HttpUrl url = hub.newBuilder()
                .setQueryParameter("id", answer.path("connectionToken").asText())
                .build();
        return CompletableFuture.completedFuture(headers.url(url).get().build());
    }
}
// end

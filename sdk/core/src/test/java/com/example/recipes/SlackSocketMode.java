package com.example.recipes;

import com.fasterxml.jackson.databind.JsonNode;
import dev.holdfast.EndpointProvider;
import dev.holdfast.HoldfastClient;
import dev.holdfast.HoldfastClientBuilder;
import dev.holdfast.Message;
import dev.holdfast.SendOptions;
import java.time.Duration;
import java.util.Map;
import java.util.function.Consumer;
import okhttp3.HttpUrl;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.RequestBody;

// recipes
/** Slack's Socket Mode: each connection has a URL of its own, which apps.connections.open gives out. */
public final class SlackSocketMode {
    private final OkHttpClient http;
    private final HttpUrl open; // https://slack.com/api/apps.connections.open
    private final String appToken; // xapp-...

    public SlackSocketMode(OkHttpClient http, HttpUrl open, String appToken) {
        this.http = http;
        this.open = open;
        this.appToken = appToken;
    }

    public HoldfastClientBuilder builder(Consumer<JsonNode> events) {
        Request ask = new Request.Builder()
                .url(open)
                .header("Authorization", "Bearer " + appToken)
                .post(RequestBody.create(new byte[0]))
                .build();
        EndpointProvider endpoints = reason -> JsonCalls.fetch(http, ask).thenApply(answer -> {
            if (!answer.path("ok").asBoolean()) {
                throw new IllegalStateException(answer.path("error").asText());
            }
            return new Request.Builder().url(answer.path("url").asText()).build();
        });
        return HoldfastClient.builder("wss://slack.com/")
                .endpointProvider(endpoints)
                .onMessage((client, message) -> handle(client, message, events));
    }

    private void handle(HoldfastClient client, Message message, Consumer<JsonNode> events) {
        JsonNode envelope = message.read(JsonNode.class);
        if (!envelope.has("envelope_id")) return; // hello and disconnect
        events.accept(envelope);
        // Slack waits for 3 s, and then sends the event again.
        client.send(
                Map.of("envelope_id", envelope.path("envelope_id").asText()),
                SendOptions.expiringAfter(Duration.ofSeconds(3)));
    }
}
// end

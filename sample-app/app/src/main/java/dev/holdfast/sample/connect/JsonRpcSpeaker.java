package dev.holdfast.sample.connect;

import com.fasterxml.jackson.databind.JsonNode;
import dev.holdfast.HoldfastClientBuilder;
import dev.holdfast.Outcome;
import dev.holdfast.jsonrpc.Call;
import dev.holdfast.jsonrpc.JsonRpc;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import okhttp3.Request;

/**
 * JSON-RPC 2.0 in lines: {@code call METHOD PARAMS}, {@code notify METHOD PARAMS}, and {@code on METHOD} for the server's notifications of
 * a method. Parameters are JSON: an array, an object, or a single value. A result is printed as JSON, a notification behind its method.
 */
final class JsonRpcSpeaker implements Speaker {
    private final JsonRpc client;
    private final Consumer<String> received;

    JsonRpcSpeaker(Request request, Consumer<HoldfastClientBuilder> settings, Consumer<String> received) {
        this.received = received;
        client = JsonRpc.builder(request.url().toString()).configure(settings).build();
    }

    @Override
    public void connect() {
        client.connect();
    }

    @Override
    public CompletableFuture<Outcome> send(String line) {
        String[] words = line.strip().split("\\s+", 3);
        if (words.length >= 2) {
            String method = words[1];
            String params = words.length == 2 ? "[]" : words[2];
            switch (words[0]) {
                case "call" -> {
                    return client.call(call(method, params)).handle((result, failure) -> {
                        if (result == null) return Outcome.rejected("jsonrpc", Failures.words(failure));
                        received.accept(result.json());
                        return Outcome.acknowledged();
                    });
                }
                case "notify" -> {
                    return client.notify(call(method, params)).outcome();
                }
                case "on" -> {
                    client.onNotification(method, values -> received.accept(method + " " + values.json()));
                    return CompletableFuture.completedFuture(Outcome.acknowledged());
                }
                default -> {}
            }
        }
        throw new IllegalArgumentException("a line is call METHOD PARAMS, notify METHOD PARAMS, or on METHOD");
    }

    private static Call call(String method, String params) {
        JsonNode value = Json.parse(params);
        if (value.isObject()) return Call.named(method, value);
        if (!value.isArray()) return Call.of(method, value);
        List<Object> values = new ArrayList<>();
        value.forEach(values::add);
        return Call.of(method, values.toArray());
    }

    @Override
    public void close() {
        client.close();
    }
}

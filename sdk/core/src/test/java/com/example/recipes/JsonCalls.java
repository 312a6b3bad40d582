package com.example.recipes;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import okhttp3.Call;
import okhttp3.Callback;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.Response;

// recipes
/** HTTP requests that are answered with JSON. */
final class JsonCalls {
    private static final ObjectMapper JSON = new ObjectMapper();

    private JsonCalls() {}

    static CompletionStage<JsonNode> fetch(OkHttpClient http, Request request) {
        CompletableFuture<JsonNode> answer = new CompletableFuture<>();
        http.newCall(request).enqueue(new Callback() {
            @Override
            public void onFailure(Call call, IOException e) {
                answer.completeExceptionally(e);
            }

            @Override
            public void onResponse(Call call, Response response) {
                try (response) {
                    if (!response.isSuccessful()) throw new IOException("HTTP " + response.code());
                    answer.complete(JSON.readTree(response.body().byteStream()));
                } catch (IOException e) {
                    answer.completeExceptionally(e);
                }
            }
        });
        return answer;
    }
}
// end

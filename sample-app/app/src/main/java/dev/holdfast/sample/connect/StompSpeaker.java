package dev.holdfast.sample.connect;

import dev.holdfast.HoldfastClientBuilder;
import dev.holdfast.Outcome;
import dev.holdfast.stomp.Stomp;
import dev.holdfast.stomp.StompSubscription;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import okhttp3.Request;

/**
 * STOMP in lines: {@code subscribe DESTINATION}, {@code unsubscribe DESTINATION} and {@code send DESTINATION BODY}. Messages are printed
 * as destination and body.
 */
final class StompSpeaker implements Speaker {
    private final Stomp client;
    private final Consumer<String> received;
    private final Map<String, StompSubscription> subscriptions = new ConcurrentHashMap<>();

    StompSpeaker(
            Request request,
            Map<String, String> connectHeaders,
            Consumer<HoldfastClientBuilder> settings,
            Consumer<String> received) {
        this.received = received;
        client = Stomp.builder(request.url().toString())
                .connectHeaders(() -> connectHeaders)
                .configure(settings)
                .build();
    }

    @Override
    public void connect() {
        client.connect();
    }

    @Override
    public CompletableFuture<Outcome> send(String line) {
        String[] words = line.strip().split("\\s+", 3);
        if (words.length >= 2) {
            switch (words[0]) {
                case "subscribe" -> {
                    subscribe(words[1]);
                    return CompletableFuture.completedFuture(Outcome.acknowledged());
                }
                case "unsubscribe" -> {
                    StompSubscription subscription = subscriptions.remove(words[1]);
                    if (subscription == null)
                        throw new IllegalArgumentException("there is no subscription to " + words[1]);
                    subscription.close();
                    return CompletableFuture.completedFuture(Outcome.acknowledged());
                }
                case "send" -> {
                    return client.send(words[1], words.length == 2 ? "" : words[2])
                            .outcome();
                }
                default -> {}
            }
        }
        throw new IllegalArgumentException(
                "a line is subscribe DESTINATION, unsubscribe DESTINATION, or send DESTINATION BODY");
    }

    private void subscribe(String destination) {
        subscriptions.computeIfAbsent(
                destination,
                name -> client.subscribe(
                        name, message -> received.accept(message.destination() + " " + message.text())));
    }

    @Override
    public void close() {
        client.close();
    }
}

package dev.holdfast.http;

import static org.junit.jupiter.api.Assertions.fail;

import dev.holdfast.Backoff;
import dev.holdfast.Carrier;
import dev.holdfast.ConnectionFailure;
import dev.holdfast.HoldfastClient;
import dev.holdfast.HoldfastClientBuilder;
import dev.holdfast.HoldfastListener;
import dev.holdfast.Message;
import dev.holdfast.Session;
import dev.holdfast.SessionLoss;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/** Clients that only receive, and what they got. */
final class FeedHarness implements AutoCloseable {
    private static final int PATIENCE_SECONDS = 60;

    final BlockingQueue<Message> messages = new LinkedBlockingQueue<>();
    final List<ConnectionFailure> failures = new CopyOnWriteArrayList<>();
    final List<SessionLoss> losses = new CopyOnWriteArrayList<>();
    private final List<HoldfastClient> clients = new ArrayList<>();

    HoldfastClientBuilder builder(String url, Carrier carrier, Session session) {
        return HoldfastClient.builder(url)
                .session(session)
                .carrier(carrier)
                .backoff(Backoff.exponential(Duration.ofMillis(1), Duration.ofMillis(20)))
                .listener(new HoldfastListener() {
                    @Override
                    public void onMessage(HoldfastClient from, Message message) {
                        messages.add(message);
                    }

                    @Override
                    public void onConnectionFailure(HoldfastClient from, ConnectionFailure failure) {
                        failures.add(failure);
                    }

                    @Override
                    public void onSessionLost(HoldfastClient from, SessionLoss loss) {
                        losses.add(loss);
                    }
                });
    }

    HoldfastClient connect(HoldfastClientBuilder builder) {
        HoldfastClient client = builder.build();
        clients.add(client);
        client.connect();
        return client;
    }

    HoldfastClient connect(String url, Carrier carrier, Session session) {
        return connect(builder(url, carrier, session));
    }

    Message next() throws InterruptedException {
        Message message = messages.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
        if (message == null) fail("no message; failures " + failures);
        return message;
    }

    void await(String what, BooleanSupplier condition) throws InterruptedException {
        long begin = System.nanoTime();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - begin > TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS)) {
                fail("no " + what + "; failures " + failures);
            }
            TimeUnit.MILLISECONDS.sleep(5);
        }
    }

    @Override
    public void close() {
        clients.forEach(HoldfastClient::cancel);
    }
}

package com.example.lines;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.Backoff;
import dev.holdfast.ConnectionFailure;
import dev.holdfast.Credential;
import dev.holdfast.Delivery;
import dev.holdfast.HoldfastClient;
import dev.holdfast.HoldfastClientBuilder;
import dev.holdfast.Outcome;
import dev.holdfast.Reaction;
import dev.holdfast.ReconnectPolicy;
import dev.holdfast.Session;
import dev.holdfast.protocol.ProtocolEvents;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The protocol of lines over real connections that are cut, and with a server that is restarted. */
@Timeout(120)
class LineProtocolTest {
    private static final int MESSAGES = 300;

    private final LineProtocol protocol = new LineProtocol();
    private final BlockingQueue<String> seen = new LinkedBlockingQueue<>();
    private final BlockingQueue<ConnectionFailure> failures = new LinkedBlockingQueue<>();
    private LineServer server;
    private HoldfastClient client;

    @BeforeEach
    void start() throws Exception {
        server = new LineServer();
    }

    @AfterEach
    void end() throws Exception {
        client.cancel();
        client.closed().get(20, TimeUnit.SECONDS);
        server.close();
    }

    private final LineProtocol.TopicListener listener = new LineProtocol.TopicListener() {
        @Override
        public void onMessage(String cursor, String text) {
            seen.add(cursor + " " + text);
        }

        @Override
        public void onGap() {
            seen.add("gap");
        }

        @Override
        public void onEnd(String reason) {
            seen.add("end " + reason);
        }
    };

    private HoldfastClientBuilder builder(String credential) {
        return HoldfastClient.builder(server.url())
                .session(Session.of(() -> protocol))
                .backoff(Backoff.exponential(Duration.ofMillis(10), Duration.ofMillis(100)))
                .credentialProvider(reason -> CompletableFuture.completedFuture(Credential.inOpen(credential)))
                .onConnectionFailure((from, failure) -> failures.add(failure));
    }

    @SuppressWarnings("FutureReturnValueIgnored") // As on the page.
    HoldfastClient example() {
        // page
        LineProtocol lines = new LineProtocol();
        HoldfastClient live = HoldfastClient.builder("wss://example.com/lines")
                .session(Session.of(() -> lines))
                .build();
        live.connect();
        lines.subscribe("news", null, listener);
        live.send("hello").outcome().thenAccept(outcome -> seen.add(outcome.toString())); // ACKNOWLEDGED
        // end
        return live;
    }

    @Test
    void nothingIsLostOrDoubledOverCutsAndARestart() throws Exception {
        client = builder("secret").build();
        client.connect();
        protocol.subscribe("news", "0", listener);
        List<Delivery> deliveries = new ArrayList<>();
        List<String> sent = new ArrayList<>();
        for (int i = 1; i <= MESSAGES; i++) {
            sent.add("line " + i);
            deliveries.add(client.send("line " + i));
            server.publish("item " + i);
            if (i % 100 == 50) server.cut();
            if (i == 200) server.restart();
        }
        for (int i = 1; i <= MESSAGES; i++) assertEquals(i + " item " + i, seen.poll(30, TimeUnit.SECONDS));
        for (Delivery delivery : deliveries) {
            Outcome outcome = delivery.outcome().get(30, TimeUnit.SECONDS);
            assertEquals(Outcome.Kind.ACKNOWLEDGED, outcome.kind(), outcome::toString);
        }
        // The last item is behind everything that could have come twice.
        server.publish("last");
        assertEquals(MESSAGES + 1 + " last", seen.poll(30, TimeUnit.SECONDS));
        assertEquals(sent.size(), server.handledCount());
        assertTrue(server.handled.containsAll(sent));
        assertTrue(server.opened() > 5, () -> server.opened() + " sessions");
        assertEquals("line 1", deliveries.get(0).message().text());
        System.out.println("consumer> a protocol of its own: " + MESSAGES
                + " messages each way, once and in order, over " + server.opened() + " sessions");
    }

    @Test
    void aRefusedCredentialIsReportedWithItsType() throws Exception {
        client = builder("wrong")
                .reconnectPolicy(ReconnectPolicy.standard()
                        .withExceptionReaction(LineProtocol.RefusedException.class, Reaction.stop("refused")))
                .build();
        client.connect();
        ConnectionFailure failure = failures.poll(30, TimeUnit.SECONDS);
        assertInstanceOf(LineProtocol.RefusedException.class, failure.cause());
        assertEquals(false, failure.willRetry());
    }

    @Test
    void aPingIsAnsweredAndASubscriptionEnds() throws Exception {
        client = builder("secret").build();
        client.connect();
        protocol.subscribe("news", "0", listener);
        server.publish("first");
        assertEquals("1 first", seen.poll(30, TimeUnit.SECONDS));
        server.ping();
        Delivery delivery = client.send("after the ping");
        assertEquals(
                Outcome.Kind.ACKNOWLEDGED,
                delivery.outcome().get(30, TimeUnit.SECONDS).kind());
        protocol.unsubscribe("news");
        client.send("after the end").outcome().get(30, TimeUnit.SECONDS);
        server.publish("second");
        protocol.subscribe("news", "2", listener);
        server.publish("third");
        assertEquals("3 third", seen.poll(30, TimeUnit.SECONDS));
        assertTrue(server.handled.contains("PONG"));
    }

    /** The client asks whether the subscription is over, and then runs the callback. The application may unsubscribe in between. */
    @Test
    void aMessageWhoseCallbackRunsIsReceivedThoughTheApplicationUnsubscribesMeanwhile() throws Exception {
        client = builder("secret").build();
        protocol.subscribe("news", "0", listener);
        List<Runnable> callbacks = new ArrayList<>();
        ProtocolEvents events = (ProtocolEvents) Proxy.newProxyInstance(
                getClass().getClassLoader(), new Class<?>[] {ProtocolEvents.class}, (proxy, method, arguments) -> {
                    callbacks.add((Runnable) arguments[2]);
                    return null;
                });
        protocol.newConnection().onText("MESSAGE news 1 first", events);
        protocol.unsubscribe("news");
        callbacks.get(0).run();
        assertEquals("1 first", seen.poll());
    }
}

package dev.holdfast.stomp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.Backoff;
import dev.holdfast.ConnectionFailure;
import dev.holdfast.Delivery;
import dev.holdfast.Outcome;
import dev.holdfast.testkit.Direction;
import dev.holdfast.testkit.FaultProxy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The client against real brokers, through a proxy whose network fails, and whose processes are killed. */
@Tag("interop")
@Timeout(180)
class StompInteropTest {
    private static final int NUMBERS = 10_000;
    /** How many messages wait for their receipts: all of them go again when the connection is lost. */
    private static final int IN_FLIGHT = 500;

    private static final Map<String, String> PERSISTENT = Map.of("persistent", "true");

    private Broker broker;
    private FaultProxy proxy;
    private final List<Stomp> clients = new ArrayList<>();

    private final BlockingQueue<StompConnection> connections = new LinkedBlockingQueue<>();
    private final BlockingQueue<ConnectionFailure> failures = new LinkedBlockingQueue<>();
    private final BlockingQueue<StompMessage> messages = new LinkedBlockingQueue<>();

    @AfterEach
    void end() {
        clients.forEach(Stomp::close);
        if (proxy != null) proxy.close();
        if (broker != null) broker.close();
    }

    private void serve(Broker started) throws Exception {
        broker = started;
        proxy = FaultProxy.start(broker.port());
    }

    private StompBuilder builder(String path) {
        return Stomp.builder("ws://127.0.0.1:" + proxy.port() + path)
                .heartbeat(Duration.ofSeconds(2), Duration.ofSeconds(2))
                .configure(
                        client -> client.backoff(Backoff.exponential(Duration.ofMillis(50), Duration.ofMillis(200))));
    }

    private StompBuilder rabbitMq() {
        return builder("/ws").host("/").login("guest", "guest");
    }

    private Stomp start(StompBuilder builder) throws Exception {
        Stomp stomp = builder.build();
        clients.add(stomp);
        stomp.onConnect(connections::add);
        stomp.onFailure(failures::add);
        stomp.connect();
        next(connections);
        return stomp;
    }

    private static <T> T next(BlockingQueue<T> queue) throws Exception {
        T value = queue.poll(60, TimeUnit.SECONDS);
        assertNotNull(value, "nothing came");
        return value;
    }

    private static Outcome outcome(Delivery delivery) throws Exception {
        return delivery.outcome().get(60, TimeUnit.SECONDS);
    }

    // ---- what all brokers with acknowledgements and receipts do ----

    private void textBytesHeadersAndTransactions(Stomp stomp) throws Exception {
        StompSubscription subscription =
                stomp.subscribe("/queue/a", AckMode.CLIENT_INDIVIDUAL, Map.of(), messages::add);
        Outcome sent = outcome(stomp.send("/queue/a", "text \u2713", Map.of("note", "a:b\\c\nd")));
        assertEquals(Outcome.Kind.ACKNOWLEDGED, sent.kind());
        StompMessage text = next(messages);
        assertEquals("text \u2713", text.text());
        assertEquals("a:b\\c\nd", text.header("note"));
        assertFalse(text.isRedelivered());
        byte[] bytes = new byte[70_000];
        for (int i = 0; i < bytes.length; i++) bytes[i] = (byte) i;
        stomp.send("/queue/a", bytes);
        StompMessage binary = next(messages);
        assertEquals(okio.ByteString.of(bytes), binary.bytes());

        Delivery committed = stomp.begin()
                .ack(text)
                .ack(binary)
                .send("/queue/a", "committed")
                .commit();
        assertEquals(Outcome.Kind.ACKNOWLEDGED, outcome(committed).kind());
        StompMessage third = next(messages);
        assertEquals("committed", third.text());
        // It was not acknowledged, so it comes again on the next connection. The others do not.
        proxy.cut();
        assertFalse(next(connections).isFirst());
        StompMessage again = next(messages);
        assertEquals("committed", again.text());
        assertTrue(again.isRedelivered());
        assertEquals(Outcome.Reason.CONNECTION_LOST, outcome(third.ack()).reason());
        assertEquals(Outcome.Kind.WRITTEN, outcome(again.ack()).kind());
        outcome(stomp.send("/queue/a", "last"));
        next(messages).ack();
        subscription.close();
        assertTrue(messages.isEmpty());
    }

    private void heartbeatsKeepAnIdleConnectionAndABlackHoleEndsIt(Stomp stomp) throws Exception {
        failures.clear();
        // Longer than the silence that ends a connection.
        Thread.sleep(5_000);
        assertTrue(failures.isEmpty(), () -> "" + failures);
        proxy.blackHole(Direction.BOTH, true);
        String silence = next(failures).message();
        assertTrue(silence.startsWith("no sign of life"), silence);
        proxy.forget();
        proxy.blackHole(Direction.BOTH, false);
        assertFalse(next(connections).isFirst());
        outcome(stomp.send("/topic/nobody", "hello"));
    }

    /** Two clients and a queue, with cuts and a broker that is killed while messages are under way. */
    private void tenThousandNumbers(StompBuilder producing, StompBuilder consuming, Map<String, String> subscribe)
            throws Exception {
        Map<Integer, AtomicInteger> unmarked = new ConcurrentHashMap<>();
        Set<Integer> received = ConcurrentHashMap.newKeySet();
        AtomicInteger redelivered = new AtomicInteger();
        List<Delivery> acks = Collections.synchronizedList(new ArrayList<>());
        Stomp consumer = start(consuming);
        consumer.subscribe("/queue/numbers", AckMode.CLIENT_INDIVIDUAL, subscribe, message -> {
            int number = Integer.parseInt(message.text());
            if (message.isRedelivered()) {
                redelivered.incrementAndGet();
            } else {
                unmarked.computeIfAbsent(number, key -> new AtomicInteger()).incrementAndGet();
            }
            received.add(number);
            acks.add(message.ack());
        });
        Stomp producer = start(producing.retries(50));
        List<Delivery> deliveries = new ArrayList<>();
        int cuts = 0;
        for (int i = 0; i < NUMBERS; i++) {
            if (i >= IN_FLIGHT) outcome(deliveries.get(i - IN_FLIGHT));
            deliveries.add(producer.send("/queue/numbers", Integer.toString(i), PERSISTENT));
            if (i % 1_000 == 500) {
                if (i == 5_500) {
                    broker.kill();
                    broker.start();
                } else {
                    proxy.cut();
                }
                cuts++;
            }
        }
        int sentAgain = 0;
        int unmarkedTwice = 0;
        for (int i = 0; i < NUMBERS; i++) {
            Outcome outcome = outcome(deliveries.get(i));
            assertEquals(Outcome.Kind.ACKNOWLEDGED, outcome.kind(), () -> "" + outcome);
            if (outcome.detail() != null) sentAgain++;
        }
        long start = System.nanoTime();
        while (received.size() < NUMBERS) {
            assertTrue(System.nanoTime() - start < TimeUnit.SECONDS.toNanos(60), received.size() + " arrived");
            Thread.sleep(20);
        }
        for (int i = 0; i < NUMBERS; i++) {
            AtomicInteger count = unmarked.get(i);
            boolean sentOnce = deliveries.get(i).outcomeNow().detail() == null;
            if (count != null && count.get() > 1 && sentOnce) unmarkedTwice++;
        }
        long lateAcks = acks.stream()
                .map(Delivery::outcomeNow)
                .filter(outcome -> outcome != null && !outcome.isSuccess())
                .count();
        System.out.println(NUMBERS + " numbers, none lost, " + cuts + " connections lost, " + sentAgain
                + " sent again and said so, " + redelivered + " marked as redelivered, " + lateAcks
                + " late acknowledgements told, " + unmarkedTwice + " twice without a mark");
        assertEquals(0, unmarkedTwice);
    }

    /** A broker keeps a durable subscription until it has read its end, also if there is no connection when it is closed. */
    private void aDurableSubscriptionEndsWithoutAConnection(
            StompBuilder builder, Map<String, String> subscribe, Map<String, String> end) throws Exception {
        connections.clear();
        Stomp stomp = start(builder);
        BlockingQueue<StompMessage> durable = new LinkedBlockingQueue<>();
        StompListener listener = message -> {
            message.ack();
            durable.add(message);
        };
        StompSubscription first = stomp.subscribe("/topic/durable", AckMode.CLIENT_INDIVIDUAL, subscribe, listener);
        outcome(stomp.send("/topic/durable", "before"));
        assertEquals("before", next(durable).text());
        failures.clear();
        proxy.refuse(true);
        proxy.cut();
        next(failures);
        first.close(end);
        proxy.refuse(false);
        next(connections);
        outcome(stomp.send("/topic/durable", "while there is none"));
        stomp.subscribe("/topic/durable", AckMode.CLIENT_INDIVIDUAL, subscribe, listener);
        outcome(stomp.send("/topic/durable", "after"));
        assertEquals("after", next(durable).text());
        stomp.close();
        stomp.closed().get(60, TimeUnit.SECONDS);
    }

    // ---- RabbitMQ ----

    @Test
    void rabbitMqDoesWhatTheProtocolSaysAndLosesNothingOfAQueue() throws Exception {
        serve(Broker.rabbitMq());
        Stomp stomp = start(rabbitMq());
        textBytesHeadersAndTransactions(stomp);
        heartbeatsKeepAnIdleConnectionAndABlackHoleEndsIt(stomp);
        stomp.close();
        Map<String, String> durable = Map.of("x-queue-name", "durable", "durable", "true", "auto-delete", "false");
        aDurableSubscriptionEndsWithoutAConnection(rabbitMq(), durable, durable);
        stomp = start(rabbitMq());

        Delivery wrong = stomp.send("/nowhere/a", "x");
        while (!(next(failures).cause() instanceof StompErrorException)) Thread.sleep(1);
        System.out.println("to a destination that is not there: " + outcome(wrong));
        next(connections);

        failures.clear();
        Stomp refused = rabbitMq().login("guest", "wrong").build();
        clients.add(refused);
        refused.onFailure(failures::add);
        refused.connect();
        ConnectionFailure failure = next(failures);
        assertInstanceOf(ConnectRefusedException.class, failure.cause());
        assertFalse(failure.willRetry());

        tenThousandNumbers(rabbitMq(), rabbitMq(), Map.of("prefetch-count", "200"));
        aStreamComesOnceAndInOrder();
    }

    /** A stream has a history, so a subscription goes on where it was, whatever happens to the connection. */
    private void aStreamComesOnceAndInOrder() throws Exception {
        List<Integer> numbers = Collections.synchronizedList(new ArrayList<>());
        AtomicInteger probes = new AtomicInteger();
        Stomp consumer = start(rabbitMq());
        consumer.subscribe(
                "/topic/events",
                AckMode.CLIENT_INDIVIDUAL,
                Map.of(
                        "x-queue-name", "events",
                        "x-queue-type", "stream",
                        "durable", "true",
                        "auto-delete", "false",
                        "prefetch-count", "100"),
                ResumeAfter.streamOffset(),
                message -> {
                    int number = Integer.parseInt(message.text());
                    if (number < 0) {
                        probes.incrementAndGet();
                    } else {
                        numbers.add(number);
                    }
                    message.ack();
                });
        Stomp producer = Stomp.builder("ws://127.0.0.1:" + broker.port() + "/ws")
                .host("/")
                .login("guest", "guest")
                .build();
        clients.add(producer);
        producer.connect();
        long subscribing = System.nanoTime();
        while (probes.get() == 0) {
            assertTrue(System.nanoTime() - subscribing < TimeUnit.SECONDS.toNanos(60), "no stream");
            outcome(producer.send("/topic/events", "-1"));
        }
        int cuts = 0;
        for (int i = 0; i < NUMBERS; i++) {
            Delivery delivery = producer.send("/topic/events", Integer.toString(i));
            if (i % 200 == 0)
                assertEquals(Outcome.Kind.ACKNOWLEDGED, outcome(delivery).kind());
            if (i % 1_000 == 500) {
                proxy.cut();
                cuts++;
            }
        }
        long start = System.nanoTime();
        while (numbers.size() < NUMBERS) {
            assertTrue(System.nanoTime() - start < TimeUnit.SECONDS.toNanos(60), numbers.size() + " arrived");
            Thread.sleep(20);
        }
        for (int i = 0; i < NUMBERS; i++) assertEquals(i, numbers.get(i));
        System.out.println(NUMBERS + " numbers of a stream once and in order, " + cuts + " cuts");
    }

    // ---- ActiveMQ Artemis ----

    @Test
    void artemisDoesWhatTheProtocolSays() throws Exception {
        serve(Broker.ofClass(ArtemisBroker.class));
        Stomp stomp = start(builder("/"));
        textBytesHeadersAndTransactions(stomp);
        heartbeatsKeepAnIdleConnectionAndABlackHoleEndsIt(stomp);
        stomp.close();
        Map<String, String> durable = Map.of("durable-subscription-name", "durable");
        aDurableSubscriptionEndsWithoutAConnection(
                builder("/").connectHeaders(() -> Map.of("client-id", "holdfast")), durable, durable);
    }

    // ---- Spring's simple broker ----

    @Test
    void springKeepsNothingAndTheGapIsTold() throws Exception {
        serve(Broker.ofClass(SpringBroker.class));
        Stomp stomp = start(builder("/ws").receipts(false));
        stomp.subscribe("/topic/a", messages::add);
        numbers(stomp, 0);
        proxy.cut();
        assertFalse(next(connections).isFirst());
        numbers(stomp, 1_000);
        heartbeatsKeepAnIdleConnectionAndABlackHoleEndsIt(stomp);
        numbers(stomp, 2_000);
        broker.kill();
        broker.start();
        while (next(connections).isFirst()) Thread.sleep(1);
        numbers(stomp, 3_000);
    }

    /** A connection brings all that is published while it lasts, in order. */
    private void numbers(Stomp stomp, int from) throws Exception {
        for (int i = 0; i < 1_000; i++) stomp.send("/topic/a", Integer.toString(from + i));
        for (int i = 0; i < 1_000; i++)
            assertEquals(Integer.toString(from + i), next(messages).text());
    }
}

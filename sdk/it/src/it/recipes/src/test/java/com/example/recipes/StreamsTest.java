package com.example.recipes;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.HoldfastClient;
import dev.holdfast.HoldfastClientBuilder;
import dev.holdfast.Message;
import dev.holdfast.Metrics;
import dev.holdfast.OutboundQueue;
import dev.holdfast.ReconnectPolicy;
import io.reactivex.rxjava3.core.Flowable;
import io.reactivex.rxjava3.subscribers.TestSubscriber;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import reactor.core.Disposable;
import reactor.core.publisher.BaseSubscriber;
import reactor.core.publisher.Flux;

@Timeout(60)
class StreamsTest {
    private static final String URL = System.getProperty("echo.url");
    private static final int MESSAGES = 300;
    private static final String PADDING = " ".repeat(60 * 1024);
    private static final long LIMIT = 256 * 1024;

    private HoldfastClient client;

    /** A client that asks the server for 18 MiB. */
    private HoldfastClientBuilder busy() {
        return HoldfastClient.builder(URL)
                .queue(OutboundQueue.ofBytes(32 << 20))
                .inboundLimitBytes(LIMIT)
                .onOpen((c, opening) -> {
                    client = c;
                    for (int i = 0; i < MESSAGES; i++) c.send(i + PADDING);
                });
    }

    private static int number(Message message) {
        return Integer.parseInt(message.text().trim());
    }

    private static List<Integer> all() {
        return IntStream.range(0, MESSAGES).boxed().toList();
    }

    /** Waits until no more bytes come, and returns how many came. */
    private long settled() throws InterruptedException {
        long before = -1;
        while (true) {
            long now = client.metrics().count(Metrics.Counter.BYTES_RECEIVED);
            if (now == before && now > 0) return now;
            before = now;
            TimeUnit.MILLISECONDS.sleep(500);
        }
    }

    @Test
    void aFlowableGetsWhatItRequests() throws Exception {
        TestSubscriber<Integer> subscriber = Flowable.fromPublisher(new MessagePublisher(this::busy))
                .map(StreamsTest::number)
                .test(5);
        subscriber.awaitCount(5);
        long received = settled();
        subscriber.assertValueCount(5);
        assertTrue(received < 4 << 20, received + " bytes received for 5 messages");
        subscriber.request(Long.MAX_VALUE);
        subscriber.awaitCount(MESSAGES);
        assertEquals(all(), subscriber.values());
        subscriber.cancel();
        assertEquals(1000, client.closed().get(20, TimeUnit.SECONDS).code());
        System.out.println("consumer> RxJava: the client read " + received / 1024 + " KiB while 5 of " + MESSAGES
                + " messages of 60 KiB were requested, then all in order");
    }

    @Test
    void aFluxGetsWhatItRequests() throws Exception {
        BlockingQueue<Integer> numbers = new LinkedBlockingQueue<>();
        BaseSubscriber<Integer> subscriber = new BaseSubscriber<>() {
            @Override
            protected void hookOnSubscribe(org.reactivestreams.Subscription subscription) {
                request(5);
            }

            @Override
            protected void hookOnNext(Integer number) {
                numbers.add(number);
            }
        };
        Flux.from(new MessagePublisher(this::busy)).map(StreamsTest::number).subscribe(subscriber);
        List<Integer> taken = new ArrayList<>();
        while (taken.size() < 5) taken.add(numbers.poll(20, TimeUnit.SECONDS));
        long received = settled();
        assertEquals(0, numbers.size());
        assertTrue(received < 4 << 20, received + " bytes received for 5 messages");
        subscriber.requestUnbounded();
        while (taken.size() < MESSAGES) taken.add(numbers.poll(20, TimeUnit.SECONDS));
        assertEquals(all(), taken);
        subscriber.cancel();
        assertEquals(1000, client.closed().get(20, TimeUnit.SECONDS).code());
        System.out.println("consumer> Reactor: the client read " + received / 1024 + " KiB while 5 of " + MESSAGES
                + " messages of 60 KiB were requested, then all in order");
    }

    @Test
    void theStreamsOfThePageAreOpenUntilTheyAreDisposed() {
        Disposable flux = Streams.flux(URL).subscribe();
        io.reactivex.rxjava3.disposables.Disposable flowable =
                Streams.flowable(URL).subscribe();
        assertTrue(!flux.isDisposed() && !flowable.isDisposed());
        flux.dispose();
        flowable.dispose();
    }

    @Test
    void aClientThatStopsTryingFailsTheStream() {
        Flux<Message> refused = Flux.from(new MessagePublisher(() -> HoldfastClient.builder("ws://127.0.0.1:1/")
                .reconnectPolicy(ReconnectPolicy.standard().withMaxAttempts(1))));
        RuntimeException thrown = org.junit.jupiter.api.Assertions.assertThrows(
                RuntimeException.class, () -> refused.blockFirst(Duration.ofSeconds(20)));
        assertInstanceOf(IOException.class, thrown.getCause());
    }
}

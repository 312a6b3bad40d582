package dev.holdfast.stomp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DurableEndTest {
    private static final Map<String, String> DURABLE = Map.of("durable", "true");

    private final Stomp stomp = Stomp.builder("ws://127.0.0.1:1/").build();
    private final StompSubscription subscription =
            new StompSubscription(stomp, "sub-1", "/topic/a", AckMode.CLIENT_INDIVIDUAL, DURABLE, null, message -> {});
    private final DurableEnd end = new DurableEnd(stomp, subscription, DURABLE);

    @AfterEach
    void close() {
        stomp.close();
    }

    /** The machine makes a packet again if there was no room for it, or the connection is lost before it goes out. */
    @Test
    void onlyConnectionsThatHaveTakenItCount() {
        for (int i = 0; i < 10; i++) assertTrue(end.start(null).text().contains("UNSUBSCRIBE"));
        for (int i = 0; i < 5; i++) {
            assertTrue(end.start(null).text().contains("UNSUBSCRIBE"));
            end.handedOver();
        }
        IllegalStateException thrown = assertThrows(IllegalStateException.class, () -> end.start(null));
        assertTrue(thrown.getMessage().endsWith("on 5 connections"), thrown.getMessage());
    }

    @Test
    void oneThatNoConnectionHasTakenGoesOutBeforeANewerSubscription() {
        assertTrue(end.start(null).text().contains("UNSUBSCRIBE"));
        end.overtaken();
        assertTrue(end.start(null).text().contains("UNSUBSCRIBE"));
        end.handedOver();
        IllegalStateException thrown = assertThrows(IllegalStateException.class, () -> end.start(null));
        assertTrue(thrown.getMessage().contains("before a newer subscription"), thrown.getMessage());
    }

    @ParameterizedTest
    @CsvSource({
        // The same destination, and another one.
        "/topic/a, '', /topic/a, '', true",
        "/topic/a, durable=true, /topic/b, durable=true, false",
        "/topic/a, durable=true auto-delete=false prefetch-count=100, /topic/b, "
                + "durable=true auto-delete=false prefetch-count=100, false",
        // Known names decide alone.
        "/topic/a, x-queue-name=q durable=true, /topic/b, x-queue-name=q durable=true, true",
        "/topic/a, x-queue-name=q durable=true, /topic/a, x-queue-name=r durable=true, false",
        "/topic/a, x-queue-name=7, /topic/b, x-queue-name=7, true",
        "/topic/a, durable-subscription-name=n, /topic/b, durable-subscription-name=n, true",
        "/topic/a, activemq.subscriptionName=n, /topic/a, activemq.subscriptionName=m, false",
        // One of them has no such name: the rest decides.
        "/topic/a, x-queue-name=q, /topic/a, durable=true, true",
        "/topic/a, x-queue-name=q, /topic/b, durable=true, false",
        // The names of other brokers.
        "/topic/a, subscription-name=n, /topic/b, subscription-name=n, true",
        "/topic/a, subscription-name=n, /topic/b, subscription-name=m, false"
    })
    void aNewerSubscriptionMayBeTheSame(
            String destination, String headers, String newDestination, String newHeaders, boolean same) {
        assertEquals(same, DurableEnd.mayBeSame(destination, headers(headers), newDestination, headers(newHeaders)));
    }

    private static Map<String, String> headers(String text) {
        return Arrays.stream(text.split(" ", -1))
                .filter(header -> !header.isEmpty())
                .map(header -> header.split("=", 2))
                .collect(Collectors.toMap(header -> header[0], header -> header[1]));
    }
}

package dev.holdfast.stomp;

import dev.holdfast.Credential;
import dev.holdfast.interop.PageBlocks;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.logging.Logger;
import org.junit.jupiter.api.Test;

/** The Java blocks on STOMP of {@code docs/protocols.md}, compiled; and the check that they are the page's. */
@SuppressWarnings("FutureReturnValueIgnored")
class StompPageTest {
    private final Logger log = Logger.getAnonymousLogger();

    interface Tokens {
        CompletableFuture<String> fetch();
    }

    static final class Order {
        public String id;
    }

    private void show(String line) {
        log.fine(line);
    }

    private boolean isNew(Order order) {
        return order.id.isEmpty();
    }

    private void handle(Order order) {
        log.fine(order.id);
    }

    void prices() {
        // page
        Stomp stomp = Stomp.builder("wss://example.com/ws")
                .host("/") // for RabbitMQ: its virtual host
                .login("user", "passcode")
                .build();
        stomp.onConnect(connection -> log.info(connection.toString()));
        stomp.onFailure(failure -> log.info(failure.toString()));
        stomp.subscribe("/topic/prices", message -> show(message.text()));
        stomp.connect();
        stomp.send("/queue/orders", "hello", Map.of("persistent", "true"))
                .outcome()
                .thenAccept(outcome -> log.info(outcome.toString()));
        // end
    }

    StompSubscription orders(Stomp stomp) {
        // page
        StompSubscription subscription = stomp.subscribe(
                "/queue/orders",
                AckMode.CLIENT_INDIVIDUAL,
                Map.of("prefetch-count", "100"), // RabbitMQ; consumer-window-size of ActiveMQ Artemis
                message -> {
                    Order order = message.read(Order.class);
                    if (!message.isRedelivered() || isNew(order)) handle(order);
                    message.ack();
                });
        // end
        return subscription;
    }

    void durable(Stomp stomp) {
        // page
        Map<String, String> durable =
                Map.of("x-queue-name", "my-orders", "durable", "true", "auto-delete", "false"); // RabbitMQ
        StompSubscription orders = stomp.subscribe("/topic/orders", AckMode.CLIENT_INDIVIDUAL, durable, message -> {
            show(message.text());
            message.ack();
        });
        // and when nobody wants them any more
        orders.close(durable);
        // end
    }

    void stream(Stomp stomp) {
        // page
        stomp.subscribe(
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
                    show(message.text());
                    message.ack(); // lets the broker send more
                });
        // end
    }

    void transaction(Stomp stomp, StompMessage message, Order invoice) {
        // page
        stomp.begin()
                .ack(message)
                .send("/queue/invoices", invoice, Map.of("persistent", "true"))
                .commit()
                .outcome()
                .thenAccept(outcome -> log.info(outcome.toString()));
        // end
    }

    Stomp credentials(Tokens tokens) {
        // page
        Stomp stomp = Stomp.builder("wss://example.com/ws")
                .credentials(reason -> tokens.fetch().thenApply(token -> Credential.inOpen("Bearer " + token)))
                .credentialHeader("Authorization") // of CONNECT; default: passcode
                .heartbeat(Duration.ofSeconds(10), Duration.ofSeconds(10))
                .configure(client -> client.connectTimeout(Duration.ofSeconds(5))) // also for CONNECTED
                .build();
        // end
        return stomp;
    }

    @Test
    void isThePages() throws IOException {
        PageBlocks.assertSame("protocols.md", "## STOMP", StompPageTest.class);
    }
}

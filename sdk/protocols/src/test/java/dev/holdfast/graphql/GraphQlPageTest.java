package dev.holdfast.graphql;

import dev.holdfast.Credential;
import dev.holdfast.Reaction;
import dev.holdfast.interop.PageBlocks;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.logging.Logger;
import org.junit.jupiter.api.Test;

/** The Java blocks on GraphQL of {@code docs/protocols.md}, compiled; and the check that they are the page's. */
@SuppressWarnings("FutureReturnValueIgnored")
class GraphQlPageTest {
    private final Logger log = Logger.getAnonymousLogger();

    interface Tokens {
        CompletableFuture<String> fetch();
    }

    static final class ChatMessage {
        public String id;
        public String text;
    }

    private void show(ChatMessage message) {
        log.fine(message.text);
    }

    private void reload() {}

    void query() {
        // page
        GraphQl client = GraphQl.builder("wss://example.com/graphql")
                .onConnect(ack -> log.info("connected"))
                .onConnectionFailure(failure -> log.info(failure.toString()))
                .build();
        client.connect();
        client.execute(Operation.of("query ($id: ID!) { message(id: $id) { text } }")
                        .withVariables(Map.of("id", 17))
                        .repeatable())
                .thenAccept(result -> log.info(result.read("message", ChatMessage.class).text));
        // end
    }

    GraphQlSubscription subscription(GraphQl client) {
        // page
        GraphQlSubscription subscription = client.subscribe(
                Operation.of("subscription ($after: ID) { messageAdded(after: $after) { id text } }"),
                CatchUp.jsonPointer("/data/messageAdded/id")
                        .variables(id -> Map.of("after", id))
                        .staleIf(error -> "HISTORY_GONE".equals(error.code())),
                new SubscriptionListener() {
                    @Override
                    public void onNext(Result result) {
                        show(result.read("messageAdded", ChatMessage.class));
                    }

                    @Override
                    public void onGap(String reason) {
                        reload();
                    }

                    @Override
                    public void onError(OperationException failure) {
                        log.info("ended: " + failure.errors());
                    }
                });
        // end
        return subscription;
    }

    void mutation(GraphQl client) {
        // page
        client.execute(Operation.of("mutation ($text: String!) { addMessage(text: $text) { id } }")
                        .withVariables(Map.of("text", "hello"))
                        .withTimeout(Duration.ofSeconds(10)))
                .thenAccept(result -> log.info(
                        result.errors().isEmpty()
                                ? result.data()
                                : result.errors().toString()))
                .exceptionally(failure -> {
                    log.info(failure.toString()); // an OperationException, or a NoResultException with the outcome
                    return null;
                });
        // end
    }

    GraphQl connection(Tokens tokens) {
        // page
        GraphQl client = GraphQl.builder("wss://example.com/graphql")
                .initPayload(() -> Map.of("client", "desktop"))
                .credentials(reason -> tokens.fetch().thenApply(Credential::inOpen)) // "Authorization": "Bearer …"
                .configure(settings -> settings.connectTimeout(Duration.ofSeconds(5)) // also for connection_ack
                        .reconnectPolicy(GraphQlBuilder.reconnectPolicy(true)
                                .withCloseReaction(4500, Reaction.stop("server error"))))
                .build();
        // end
        return client;
    }

    @Test
    void areThePages() throws IOException {
        PageBlocks.assertSame("protocols.md", "## GraphQL", GraphQlPageTest.class);
    }
}

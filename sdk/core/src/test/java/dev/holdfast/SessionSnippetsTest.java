package dev.holdfast;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import javax.net.ssl.SSLPeerUnverifiedException;
import okhttp3.Request;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The examples of {@code docs/reconnecting.md} and {@code docs/sessions.md}, compiled; and the check that they are theirs. */
class SessionSnippetsTest {
    /** Compiled in the module of the carriers. */
    private static final Path HTTP =
            Path.of("..", "http", "src", "test", "java", "dev", "holdfast", "http", "ReconnectingPageTest.java");

    record Token(String text, Duration life) {}

    record Subscribe(String pair) {}

    record Ticket(String url) {}

    interface Tickets {
        CompletionStage<Ticket> fetch();
    }

    interface Tokens {
        CompletionStage<Token> fetch(boolean fresh);
    }

    interface Database {
        void save(String text, Runnable saved);
    }

    interface Secrets {
        void write(byte[] bytes);

        byte[] read();
    }

    static final class Rows extends ArrayList<Delivery> {
        private static final long serialVersionUID = 1;

        void markUnknown(Delivery delivery) {}

        void markSafe(boolean safe) {}
    }

    private final Tokens tokens = fresh -> CompletableFuture.completedFuture(new Token("t", Duration.ofMinutes(5)));
    private final Tickets tickets =
            () -> CompletableFuture.completedFuture(new Ticket("wss://example.com/live?ticket=1"));
    private final Database database = (text, saved) -> saved.run();
    private final Rows rows = new Rows();

    ReconnectPolicy policy() {
        // reconnecting
        ReconnectPolicy policy = ReconnectPolicy.standard()
                .withCloseReaction(4000, Reaction.stop("signed out"))
                .withConnectionLostReaction(Reaction.spread(Duration.ofSeconds(5)))
                .withHttpStatusReaction(503, Reaction.spread(Duration.ofSeconds(30)))
                .withExceptionReaction(SSLPeerUnverifiedException.class, Reaction.stop("wrong certificate"))
                .withMaxAttempts(20)
                .withGiveUpAfter(Duration.ofMinutes(30));
        // end
        return policy;
    }

    HoldfastClient endpoints(ReconnectPolicy policy) {
        // reconnecting
        ConnectRateLimit budget = ConnectRateLimit.perHost(10, Duration.ofSeconds(10));
        HoldfastClient client = HoldfastClient.builder("wss://a.example.com/live")
                .endpoint("wss://b.example.com/live")
                .reconnectPolicy(policy)
                .connectRateLimit(budget)
                .build();
        // end
        return client;
    }

    HoldfastClient redirects() {
        // reconnecting
        HoldfastClient client = HoldfastClient.builder("wss://example.com/live")
                .redirectPolicy((from, to) -> to.host().endsWith(".example.com")
                        ? RedirectPolicy.Answer.FOLLOW_WITH_SECRETS
                        : RedirectPolicy.Answer.REFUSE)
                .build();
        // end
        return client;
    }

    CredentialProvider credentials() {
        // reconnecting
        CredentialProvider credentials = reason -> tokens.fetch(reason == CredentialProvider.Reason.REFUSED)
                .thenApply(token -> Credential.bearer(token.text()).withLifetime(token.life()));
        // end
        return credentials;
    }

    HoldfastClient endpointProvider() {
        // reconnecting
        HoldfastClient client = HoldfastClient.builder("wss://example.com/")
                .endpointProvider(reason -> tickets.fetch()
                        .thenApply(ticket ->
                                new Request.Builder().url(ticket.url()).build()))
                .build();
        // end
        return client;
    }

    HoldfastClient network() {
        // reconnecting
        ManualNetworkMonitor network = new ManualNetworkMonitor();
        HoldfastClient client = HoldfastClient.builder("wss://example.com/live")
                .networkMonitor(network)
                .build();
        network.lost();
        network.available();
        // end
        return client;
    }

    List<Heartbeat> heartbeats() {
        // reconnecting
        Heartbeat mobile = Heartbeat.every(Duration.ofSeconds(50)).withDeadline(Duration.ofSeconds(15));
        Heartbeat trading = Heartbeat.every(Duration.ofSeconds(5)).withAdaptiveDeadline(Duration.ofMillis(500));
        Heartbeat socketIo = Heartbeat.serverPings(Duration.ofSeconds(45));
        // end
        return List.of(mobile, trading, socketIo);
    }

    HoldfastClient manualAcks() {
        // sessions
        HoldfastListener saving = new HoldfastListener() {
            @Override
            public void onMessage(HoldfastClient client, Message message) {
                database.save(message.text(), message::ack);
            }
        };
        HoldfastClient client = HoldfastClient.builder("wss://example.com/live")
                .session(Session.resumable().withManualAcks())
                .listener(saving)
                .build();
        // end
        return client;
    }

    void standing(HoldfastClient client) {
        // sessions
        client.onSessionStart("prices", new Subscribe("EUR/USD"));
        client.removeSessionStart("prices");
        // end
    }

    @SuppressWarnings("FutureReturnValueIgnored")
    void save(HoldfastClient client, Secrets secrets) {
        // sessions
        client.disconnect();
        client.snapshot().thenAccept(taken -> taken.ifPresent(snapshot -> secrets.write(snapshot.toBytes())));
        // end
    }

    void restore(Secrets secrets) {
        // sessions
        HoldfastClient client = HoldfastClient.builder("wss://example.com/live")
                .session(Session.resumable())
                .restore(SessionSnapshot.fromBytes(secrets.read()))
                .build();
        for (Delivery delivery : client.restored()) rows.add(delivery);
        client.connect();
        // end
    }

    @SuppressWarnings("FutureReturnValueIgnored")
    HoldfastClient durable(SessionStore store) {
        // sessions
        HoldfastClient client = HoldfastClient.builder("wss://example.com/live")
                .session(Session.resumable())
                .store(store)
                .build();
        client.storeOpened().thenAccept(rows::addAll); // what an earlier process could not finish
        client.connect();
        client.send("written offline").stored().thenAccept(rows::markSafe);
        // end
        return client;
    }

    /** The method of {@code dev.holdfast.protocol.Subscription}. */
    interface Stored {
        String storeName();
    }

    Stored subscription() {
        return new Stored() {
            // sessions
            @Override
            public String storeName() {
                return "news";
            }
            // end
        };
    }

    HoldfastListener losses() {
        // sessions
        HoldfastListener honest = new HoldfastListener() {
            @Override
            public void onSessionLost(HoldfastClient client, SessionLoss loss) {
                for (Delivery delivery : loss.unknown()) rows.markUnknown(delivery);
            }
        };
        // end
        return honest;
    }

    @ParameterizedTest
    @ValueSource(strings = {"reconnecting", "sessions"})
    void areTheDocuments(String name) throws IOException {
        List<String> documented =
                new ArrayList<>(SnippetsTest.blocks(Path.of("..", "..", "docs", name + ".md"), "```java", "```"));
        List<String> overHttp = SnippetsTest.blocks(HTTP, "// " + name, "// end");
        assertEquals(name.equals("reconnecting"), documented.removeAll(overHttp));
        Path source = Path.of("src", "test", "java", "dev", "holdfast", "SessionSnippetsTest.java");
        List<String> compiled = SnippetsTest.blocks(source, "// " + name, "// end");
        assertFalse(compiled.isEmpty());
        // The other examples of docs/sessions.md are LastMessageIdSnippetsTest's.
        assertEquals(
                String.join("\n\n", documented.subList(0, Math.min(compiled.size(), documented.size()))),
                String.join("\n\n", compiled));
    }

    @Test
    void credentialsSayHowLongTheyAreGood() {
        Credential credential = credentials()
                .credential(CredentialProvider.Reason.FIRST)
                .toCompletableFuture()
                .getNow(null);
        assertEquals(Duration.ofMinutes(5), credential.lifetime());
        assertFalse(credential.toString().contains("Bearer t"), "shows the secret");
    }

    @Test
    void theExamplesBuildClients() {
        for (HoldfastClient client :
                List.of(endpoints(policy()), redirects(), endpointProvider(), network(), manualAcks())) {
            standing(client);
            assertEquals(ClientState.IDLE, client.state());
            client.cancel();
        }
        assertEquals(3, heartbeats().size());
        losses();
    }
}

package dev.holdfast.sample.node;

import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.holdfast.sample.server.ReferenceServer;
import dev.holdfast.server.Authenticator;
import dev.holdfast.server.HandlerResult;
import dev.holdfast.server.HoldfastServer;
import dev.holdfast.server.Payload;
import dev.holdfast.server.ServerSession;
import dev.holdfast.server.StreamMessage;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The application that the conformance suite expects of a server, see docs/server-authors.md: it echoes messages, and
 * obeys those that have a member {@code conformance}.
 */
final class ConformanceApplication {
    private static final Duration BRIEF = Duration.ofSeconds(2);
    private static final Duration TTL = Duration.ofSeconds(6);
    private static final int LOG_LIMIT = 2000;

    private final Consumer<Duration> drain;

    private ConformanceApplication(Consumer<Duration> drain) {
        this.drain = drain;
    }

    /** Returns options with sessions and logs that are short enough for the suite to reach their ends. */
    static ReferenceServer.Options options(ReferenceServer.Options options) {
        return options.withTtl(TTL).withLogLimit(LOG_LIMIT).withAuth(ConformanceApplication::authenticate);
    }

    /** Makes the application that of a server. */
    static void install(ReferenceServer server) {
        server.onMessage(new ConformanceApplication(server::drain)::handle);
    }

    /** Returns a server with this application, for an adapter. */
    static HoldfastServer embedded() {
        AtomicReference<HoldfastServer> built = new AtomicReference<>();
        ConformanceApplication application =
                new ConformanceApplication(after -> requireNonNull(built.get()).drain(after));
        HoldfastServer server = HoldfastServer.builder(application::handle)
                .ttl(TTL)
                .logLimit(LOG_LIMIT)
                .authenticator(ConformanceApplication::authenticate)
                // The suite has the server fail on purpose.
                .onError(failure -> {})
                .build();
        built.set(server);
        return server;
    }

    private static Authenticator.Outcome authenticate(@Nullable JsonNode credential) {
        if (credential == null) return new Authenticator.User("anonymous");
        return switch (credential.asText()) {
            case "alice", "bob" -> new Authenticator.User(credential.asText());
            case "alice-for-a-moment" ->
                new Authenticator.User("alice", Instant.now().plus(BRIEF));
            default -> new Authenticator.Unauthenticated("refused", "only alice and bob are known");
        };
    }

    private HandlerResult handle(ServerSession session, long seq, Payload payload) {
        if (payload instanceof Payload.Binary binary) {
            return HandlerResult.accepted(new StreamMessage.Binary(binary.bytes()));
        }
        JsonNode command = ((Payload.Json) payload).value();
        int n = command.path("n").asInt();
        long millis = command.path("ms").asLong();
        switch (command.path("conformance").asText()) {
            case "number" -> {
                if (!command.has("ms")) return HandlerResult.accepted(numbers(n));
                var unused = CompletableFuture.runAsync(
                        () -> IntStream.rangeClosed(1, n).forEach(i -> session.send(number(i))),
                        CompletableFuture.delayedExecutor(millis, TimeUnit.MILLISECONDS));
            }
            case "fail" -> {
                return HandlerResult.rejected(
                        command.path("code").asText(), command.path("message").asText());
            }
            case "wait" -> sleep(millis);
            case "crash" -> throw new IllegalStateException("as asked");
            case "drain" -> drain.accept(Duration.ofMillis(millis));
            default -> {
                return HandlerResult.accepted(StreamMessage.json(command));
            }
        }
        return HandlerResult.accepted();
    }

    private static StreamMessage[] numbers(int n) {
        return IntStream.rangeClosed(1, n)
                .mapToObj(i -> StreamMessage.json(number(i)))
                .toArray(StreamMessage[]::new);
    }

    private static JsonNode number(int i) {
        return JsonNodeFactory.instance.numberNode(i);
    }

    private static void sleep(long millis) {
        try {
            TimeUnit.MILLISECONDS.sleep(millis);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}

package dev.holdfast.socketio;

import dev.holdfast.Credential;
import dev.holdfast.interop.PageBlocks;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import java.util.logging.Logger;
import okhttp3.Request;
import org.junit.jupiter.api.Test;

/** The Java blocks on Socket.IO of {@code docs/protocols.md}, compiled; and the check that they are the page's. */
@SuppressWarnings("FutureReturnValueIgnored")
class ProtocolsPageTest {
    private final Logger log = Logger.getAnonymousLogger();

    interface Tokens {
        CompletableFuture<String> fetch();
    }

    private void show(String line) {
        log.fine(line);
    }

    void chat() {
        // page
        SocketIo socket = SocketIo.builder("https://example.com").build();
        socket.on("chat message", event -> show(event.text(0)));
        socket.onConnect(recovery -> log.info("connected: " + recovery));
        socket.onDisconnect(reason -> log.info("disconnected: " + reason));
        socket.onConnectError(failure -> log.info(failure.toString()));
        socket.connect();
        socket.emit("chat message", "hello");
        // end
    }

    void acknowledgements(SocketIo socket) {
        // page
        socket.timeout(Duration.ofSeconds(5))
                .emitWithAck("save", Map.of("text", "hello"), new byte[] {1, 2, 3})
                .thenAccept(answer -> log.info(answer.text(0)))
                .exceptionally(failure -> {
                    log.info(failure.toString()); // an AckException with the outcome of the event
                    return null;
                });
        socket.on("question", event -> event.ack("an answer"));
        // end
    }

    SocketIo credentials(Tokens tokens) {
        // page
        SocketIo socket = SocketIo.builder("https://example.com/admin") // the path is the namespace
                .auth(() -> Map.of("client", "desktop"))
                .credentials(reason -> tokens.fetch().thenApply(Credential::inOpen)) // auth.token on the server
                .build();
        // end
        return socket;
    }

    SocketIo endpoints(Tokens tickets) {
        // page
        SocketIo socket = SocketIo.builder("https://example.com/admin") // the namespace stays /admin
                .endpointProvider(reason -> tickets.fetch()
                        .thenApply(ticket -> new Request.Builder()
                                // the client connects to /socket.io/?ticket=…&EIO=4&transport=websocket
                                .url("https://node-7.example.com/socket.io/?ticket=" + ticket)
                                .build()))
                .build();
        // end
        return socket;
    }

    void atLeastOnce() {
        // page
        SocketIo socket = SocketIo.builder("https://example.com")
                .retries(10)
                .ackTimeout(Duration.ofSeconds(10))
                .build();
        socket.emit("save", "hello").outcome().thenAccept(outcome -> log.info(outcome.toString()));
        // end
    }

    final class Chat {
        // page
        private final AtomicLong serverOffset = new AtomicLong();
        /** Not socket.id(), which is null before the first connection. */
        private final String process = UUID.randomUUID().toString();

        private final AtomicLong counter = new AtomicLong();

        SocketIo start(String url) {
            SocketIo socket = SocketIo.builder(url)
                    .auth(() -> Map.of("serverOffset", serverOffset.get()))
                    .retries(9)
                    .ackTimeout(Duration.ofSeconds(10))
                    .build();
            socket.on("chat message", event -> {
                long offset = event.arguments().read(1, Long.class);
                if (offset <= serverOffset.get()) return; // after a gap the server may send it again
                serverOffset.set(offset);
                show(event.text(0));
            });
            socket.connect();
            return socket;
        }

        void say(SocketIo socket, String line) {
            socket.emit("chat message", line, process + '-' + counter.incrementAndGet())
                    .outcome()
                    .thenAccept(outcome -> log.info(outcome.toString()));
        }
        // end
    }

    @Test
    void areThePages() throws IOException {
        PageBlocks.assertSame("protocols.md", "## Socket.IO", ProtocolsPageTest.class);
    }
}

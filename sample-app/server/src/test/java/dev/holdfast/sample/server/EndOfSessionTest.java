package dev.holdfast.sample.server;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.holdfast.sample.node.Needed;
import dev.holdfast.sample.node.RedisServer;
import dev.holdfast.server.HandlerResult;
import dev.holdfast.server.Payload;
import dev.holdfast.server.SessionStore;
import dev.holdfast.server.StreamMessage;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** {@code bye}, while the server still reads from Redis what it has not sent. */
@Timeout(300)
class EndOfSessionTest {
    private static final int CLIENTS = 8;
    private static final int ROUNDS = 50;
    private static final int MESSAGES = 3;
    private static final int NORMAL = 1000;

    /**
     * The end of a session deletes its log. A read that is under way then finds the next entry gone, and must not take
     * that for a log that was cut short, which closes with 1001.
     */
    @Test
    void byeEndsWithACloseOf1000() throws Exception {
        Needed.program(RedisServer.PROGRAM);
        ExecutorService pool = Executors.newFixedThreadPool(CLIENTS);
        try (RedisServer redis = RedisServer.start();
                SessionStore store = SessionStore.at(redis.address(0));
                ReferenceServer server =
                        ReferenceServer.start(ReferenceServer.Options.defaults().withStore(store))) {
            server.onMessage((session, seq, payload) ->
                    HandlerResult.accepted(StreamMessage.json(((Payload.Json) payload).value())));
            Callable<List<Integer>> client = () -> {
                List<Integer> codes = new ArrayList<>();
                for (int i = 0; i < ROUNDS; i++) codes.add(closeAfterBye(server));
                return codes;
            };
            List<Integer> wrong = new ArrayList<>();
            for (Future<List<Integer>> codes : pool.invokeAll(Collections.nCopies(CLIENTS, client))) {
                wrong.addAll(codes.get());
            }
            wrong.removeIf(code -> code == NORMAL);
            assertEquals(List.of(), wrong);
        } finally {
            pool.shutdownNow();
        }
    }

    /** Sends messages and bye in a row, answers the acknowledgement with a close, and returns the server's code. */
    private static int closeAfterBye(ReferenceServer server) throws Exception {
        try (HandClient client = HandClient.open(server)) {
            client.expect("welcome");
            client.expect("live");
            for (int seq = 1; seq <= MESSAGES; seq++) client.msg(seq, "1");
            client.send("{'t':'bye'}");
            HandClient.Event event = client.next();
            while (event instanceof HandClient.Envelope envelope
                    && envelope.json().path("c").asLong() < MESSAGES) {
                event = client.next();
            }
            try {
                client.closeNormally();
            } catch (ExecutionException closed) {
                // The server has closed already.
            }
            while (!(event instanceof HandClient.Closed)) event = client.next();
            return ((HandClient.Closed) event).code();
        }
    }
}

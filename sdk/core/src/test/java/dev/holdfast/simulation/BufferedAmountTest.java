package dev.holdfast.simulation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.ClientState;
import dev.holdfast.Delivery;
import dev.holdfast.HoldfastClient;
import dev.holdfast.ResumeFrom;
import dev.holdfast.Session;
import dev.holdfast.TestHooks;
import dev.holdfast.internal.runtime.Environment;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import okio.ByteString;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The definition of {@link HoldfastClient#bufferedAmount} holds for each kind of session. */
class BufferedAmountTest {
    private static final int MESSAGES = 15;
    private static final int MESSAGE_BYTES = 10_000;

    private final World world = new World(1);

    static List<Session> sessions() {
        return List.of(
                Session.none(),
                Session.resumeFrom(ResumeFrom.jsonPointer("/id").inQuery("after")),
                Session.resumable());
    }

    private SimServer server(Session session) {
        return session.equals(Session.resumable()) ? new ModelServer(world) : new Silent();
    }

    private void pass(double seconds) {
        for (long end = world.now() + (long) (seconds * 1e9); world.step(end); ) {}
    }

    @ParameterizedTest
    @MethodSource("sessions")
    void countsWhatNoSocketHasTakenYet(Session session) {
        SimTransport transport = new SimTransport(world, server(session));
        Environment environment =
                new Environment(world.ticker, world.scheduler, world.threads, new Random(1), new Random(1), transport);
        HoldfastClient client = TestHooks.in(environment, HoldfastClient.builder("ws://simulated.example/"))
                .session(session)
                .build();
        List<Delivery> deliveries = new ArrayList<>();
        client.connect();
        pass(2);
        assertEquals(ClientState.OPEN, client.state());
        SimConnection connection = transport.connections().get(0);
        connection.hold(true, false);
        for (int i = 1; i <= MESSAGES; i++) {
            String start = "c/" + i + "/";
            deliveries.add(client.send(start + "x".repeat(MESSAGE_BYTES - start.length())));
        }
        assertEquals((long) MESSAGES * MESSAGE_BYTES, client.bufferedAmount(), "all wait in the queue");

        pass(0.5);
        long inSockets = count(deliveries, Delivery.Stage.WRITTEN) + count(deliveries, Delivery.Stage.ENDED);
        long waiting = client.metrics().queuedBytes();
        assertTrue(inSockets > 0 && waiting > 0, inSockets + " written, " + waiting + " bytes wait");
        assertEquals(notInSockets(deliveries), client.bufferedAmount());
        assertTrue(client.bufferedAmount() > waiting, "what was handed to the connection counts");

        connection.cut();
        while (client.state() == ClientState.OPEN) pass(0.001);
        assertEquals(notInSockets(deliveries), client.bufferedAmount());
        if (session.equals(Session.resumable())) {
            assertTrue(client.bufferedAmount() > waiting, "what goes out again counts if no socket had it");
        } else {
            assertEquals(waiting, client.bufferedAmount(), "what was handed over has ended");
        }

        for (int i = 0; i < 1_000; i++) {
            pass(0.01);
            assertEquals(notInSockets(deliveries), client.bufferedAmount());
        }
        pass(60);
        assertEquals(MESSAGES, count(deliveries, Delivery.Stage.ENDED));
        assertEquals(0, client.bufferedAmount());
        client.cancel();
    }

    private static long count(List<Delivery> deliveries, Delivery.Stage stage) {
        return deliveries.stream().filter(one -> one.stage() == stage).count();
    }

    private static long notInSockets(List<Delivery> deliveries) {
        return count(deliveries, Delivery.Stage.QUEUED) * MESSAGE_BYTES;
    }

    /** Takes everything and says nothing. */
    private static final class Silent implements SimServer {
        @Override
        public void onConnect(SimConnection connection) {}

        @Override
        public void onText(SimConnection connection, String text) {}

        @Override
        public void onBinary(SimConnection connection, ByteString bytes) {}

        @Override
        public void onDisconnect(SimConnection connection) {}
    }
}

package dev.holdfast.simulation;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.holdfast.ClientState;
import dev.holdfast.HoldfastClient;
import dev.holdfast.HoldfastListener;
import dev.holdfast.Message;
import dev.holdfast.Session;
import dev.holdfast.TestHooks;
import dev.holdfast.internal.runtime.Environment;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** An acknowledgement means that the listener has returned. */
class HandledTest {
    private final World world = new World(1);
    private final ModelServer server = new ModelServer(world);
    private final List<String> events = new ArrayList<>();

    @Test
    void nothingIsAcknowledgedWhileTheListenerIsStillAtIt() {
        server.ackObserver = (stream, number) -> events.add("acknowledged " + number);
        Environment environment = new Environment(
                world.ticker,
                world.scheduler,
                world.threads,
                new Random(1),
                new Random(1),
                new SimTransport(world, server));
        HoldfastClient client = TestHooks.in(environment, HoldfastClient.builder("ws://simulated.example/"))
                .session(Session.resumable())
                .listener(new HoldfastListener() {
                    @Override
                    public void onMessage(HoldfastClient from, Message message) {
                        events.add("begins");
                        // The rest of the world goes on for long enough for any acknowledgement.
                        pass(World.seconds(5));
                        events.add("is done");
                    }
                })
                .build();
        client.connect();
        pass(World.seconds(5));
        assertEquals(ClientState.OPEN, client.state());
        for (int i = 0; i < 2; i++) {
            server.sendToAll();
            pass(World.seconds(15));
        }
        assertEquals(List.of("begins", "is done", "acknowledged 1", "begins", "is done", "acknowledged 2"), events);
        client.cancel();
    }

    private void pass(long nanos) {
        long end = world.now() + nanos;
        while (world.step(end)) {}
    }
}

package dev.holdfast.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.HoldfastClient;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Scripts of random faults: nothing is lost or doubled in a resumable session, and a run can be repeated. */
class RandomFaultsTest {
    private static final int SCRIPTS = Integer.getInteger("testkit.scripts", 200);
    private static final Duration LENGTH = Duration.ofMinutes(5);

    /** What one run left behind. */
    private static final class Run {
        final VirtualTime time = new VirtualTime();
        final TestServer server = TestServer.resumable(time);
        final RecordingListener listener = new RecordingListener(time);
        final List<String> sent = new ArrayList<>();
        final List<String> received = new ArrayList<>();

        Run(long seed) throws Exception {
            HoldfastClient client = server.builder().listener(listener).build();
            client.connect();
            server.accept();
            FaultScript.random(seed, LENGTH).play(server);
            for (int i = 0; i < 300; i++) {
                sent.add("m" + i);
                client.send("m" + i);
                server.send("m" + i);
                time.advance(Duration.ofSeconds(1));
            }
            // The server is well, and the client's next attempt is half a minute away at most.
            time.advance(Duration.ofMinutes(1));
            client.close();
            time.await(client.closed());
            for (int i = 0; i < sent.size(); i++) received.add(server.takeText());
            server.assertNothingReceived();
        }
    }

    @Test
    void nothingIsLostOrDoubled() throws Exception {
        int attempts = 0;
        for (long seed = 0; seed < SCRIPTS; seed++) {
            Run run = new Run(seed);
            assertEquals(run.sent, run.received, "seed " + seed);
            assertEquals(run.sent, run.listener.texts(), "seed " + seed);
            run.listener.assertNoSessionLost();
            attempts += run.server.attempts().size();
        }
        assertTrue(attempts > 10 * SCRIPTS, attempts + " attempts in " + SCRIPTS + " scripts");
    }

    @Test
    void theSameSeedIsTheSameRun() throws Exception {
        Run first = new Run(7);
        Run second = new Run(7);
        assertEquals(first.server.log(), second.server.log());
        assertEquals(first.listener.log(), second.listener.log());
        assertNotEquals(first.server.log(), new Run(8).server.log());
    }
}

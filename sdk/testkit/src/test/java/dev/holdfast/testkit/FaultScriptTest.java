package dev.holdfast.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.ClientState;
import dev.holdfast.HoldfastClient;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class FaultScriptTest {
    private final VirtualTime time = new VirtualTime();
    private final TestServer server = TestServer.resumable(time);

    @Test
    void faultsComeAtTheirTimes() {
        List<String> happened = new ArrayList<>();
        FaultScript script = new FaultScript()
                .after(Duration.ofSeconds(2), s -> happened.add("first at " + time.now()))
                .after(Duration.ofSeconds(3), s -> happened.add("second at " + time.now()));
        assertEquals(Duration.ofSeconds(5), script.length());
        script.play(server);
        time.advance(Duration.ofSeconds(4));
        assertEquals(List.of("first at PT2S"), happened);
        time.advance(Duration.ofSeconds(1));
        assertEquals(List.of("first at PT2S", "second at PT5S"), happened);
    }

    @Test
    void theServerIsWellAtTheEndOfARandomScript() {
        for (long seed = 0; seed < 50; seed++) {
            FaultScript script = FaultScript.random(seed, Duration.ofMinutes(2));
            assertEquals(Duration.ofMinutes(2), script.length());
            script.play(server);
            time.advance(script.length());
            RecordingListener listener = new RecordingListener(time).within(Duration.ofSeconds(1));
            HoldfastClient client = server.builder().listener(listener).build();
            client.connect();
            listener.awaitState(ClientState.OPEN);
            client.cancel();
        }
        assertTrue(server.attempts().size() >= 50);
        assertThrows(IllegalArgumentException.class, () -> FaultScript.random(1, Duration.ofSeconds(1)));
    }
}

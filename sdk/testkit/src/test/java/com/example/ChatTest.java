package com.example;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.ClientState;
import dev.holdfast.ConnectionFailure;
import dev.holdfast.Delivery;
import dev.holdfast.HoldfastClient;
import dev.holdfast.HoldfastListener;
import dev.holdfast.Message;
import dev.holdfast.Opening;
import dev.holdfast.Outcome;
import dev.holdfast.SessionLoss;
import dev.holdfast.testkit.Direction;
import dev.holdfast.testkit.FaultScript;
import dev.holdfast.testkit.HoldfastExtension;
import dev.holdfast.testkit.RecordingListener;
import dev.holdfast.testkit.TestServer;
import dev.holdfast.testkit.VirtualTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The examples of {@code docs/testing.md}, run. A test of {@code sdk/core} compares them with the page. */
class ChatTest {
    // spotless:off
    // testing
    /** What a person sees of a chat. */
    static final class Chat implements HoldfastListener {
        final List<String> lines = new ArrayList<>();
        String status = "";

        @Override
        public void onOpen(HoldfastClient client, Opening opening) {
            status = "online";
        }

        @Override
        public void onMessage(HoldfastClient client, Message message) {
            lines.add(message.text());
        }

        @Override
        public void onConnectionFailure(HoldfastClient client, ConnectionFailure failure) {
            status = failure.willRetry()
                    ? "offline, next attempt in " + failure.retryIn().toSeconds() + " s"
                    : "offline: " + failure.message();
        }

        @Override
        public void onSessionLost(HoldfastClient client, SessionLoss loss) {
            lines.add(loss.unknown().size() + " messages may not have arrived");
        }
    }
    // end

    // testing
    @RegisterExtension
    final HoldfastExtension holdfast = HoldfastExtension.resumable();

    private final TestServer server = holdfast.server();
    private final VirtualTime time = holdfast.time();
    private final Chat chat = new Chat();
    private final RecordingListener listener = new RecordingListener(time, chat); // records, and calls the chat
    private final HoldfastClient client = server.builder().listener(listener).build();

    @Test
    void showsWhenItTriesAgain() {
        server.refuse(503, Duration.ofSeconds(30));
        client.connect();
        listener.awaitFailure();
        assertTrue(chat.status.startsWith("offline, next attempt in 3"), chat.status);
        server.accept(); // half a minute goes by, in no time
        listener.awaitOpen();
        assertEquals("online", chat.status);
    }

    @Test
    void sendsLaterWhatWasWrittenOffline() throws Exception {
        client.connect();
        server.accept().unreachable().cut();
        listener.awaitFailure();
        Delivery delivery = client.send("written on a train");
        time.advance(Duration.ofMinutes(20));
        assertEquals(ClientState.WAITING, client.state());
        server.accept();
        assertEquals("written on a train", server.takeText());
        assertEquals(Outcome.Kind.ACKNOWLEDGED, time.await(delivery.outcome()).kind());
    }

    @Test
    void saysWhatMayBeLostWithTheSession() {
        client.connect();
        server.accept().blackHole(Direction.CLIENT_TO_SERVER, true);
        client.send("did it arrive?");
        time.advance(Duration.ofSeconds(1));
        server.blackHole(Direction.CLIENT_TO_SERVER, false).restartLosingLog().accept();
        listener.awaitSessionLost();
        assertEquals(List.of("1 messages may not have arrived"), chat.lines);
    }
    // end

    // testing
    @Test
    void losesNothingUnderAnyFaults() {
        for (long seed = 0; seed < 100; seed++) {
            VirtualTime time = new VirtualTime();
            TestServer server = TestServer.resumable(time);
            Chat chat = new Chat();
            server.builder().listener(chat).build().connect();
            server.accept();
            FaultScript.random(seed, Duration.ofMinutes(2)).play(server);
            List<String> sent = new ArrayList<>();
            for (int i = 0; i < 100; i++) {
                sent.add("line " + i);
                server.send("line " + i);
                time.advance(Duration.ofSeconds(1));
            }
            time.advance(Duration.ofMinutes(2));
            assertEquals(sent, chat.lines, "seed " + seed);
        }
    }
    // end
    // spotless:on
}

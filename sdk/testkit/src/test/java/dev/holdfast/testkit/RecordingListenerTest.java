package dev.holdfast.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.ClientState;
import dev.holdfast.HoldfastClient;
import dev.holdfast.HoldfastListener;
import dev.holdfast.Message;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class RecordingListenerTest {
    private final VirtualTime time = new VirtualTime();
    private final TestServer server = TestServer.plain(time);

    @Test
    void aFailedWaitShowsWhatWasReported() {
        RecordingListener listener = new RecordingListener(time).within(Duration.ofSeconds(5));
        String nothing =
                assertThrows(AssertionError.class, listener::awaitMessage).getMessage();
        assertTrue(nothing.startsWith("no message was reported. Nothing was reported at all"), nothing);
        server.builder().listener(listener).build().connect();
        server.accept().send("a").send("b");
        assertEquals("a", listener.awaitText());
        String text = assertThrows(AssertionError.class, () -> listener.awaitState(ClientState.CLOSED))
                .getMessage();
        assertTrue(text.startsWith("no state CLOSED was reported. What was reported:"), text);
        assertTrue(text.contains("5.000 s  state CONNECTING"), text);
        assertTrue(text.contains("5.003 s  message a\n"), text);
        assertTrue(text.endsWith("It failed after 5.000 s of virtual time"), text);
        String more =
                assertThrows(AssertionError.class, listener::assertNoMessage).getMessage();
        assertTrue(more.startsWith("unexpected message: b."), more);
    }

    @Test
    void eachKindIsTakenInItsOwnOrder() {
        RecordingListener listener = new RecordingListener(time);
        server.builder().listener(listener).build().connect();
        server.accept().send("a");
        assertEquals("a", listener.awaitText());
        listener.awaitState(ClientState.CONNECTING);
        listener.awaitOpen();
        listener.awaitState(ClientState.OPEN);
        listener.assertNoMessage();
        listener.assertNoFailure();
        listener.assertNoSessionLost();
    }

    @Test
    void theApplicationsListenerIsCalledBehindIt() {
        List<String> got = new ArrayList<>();
        RecordingListener listener = new RecordingListener(time, new HoldfastListener() {
            @Override
            public void onMessage(HoldfastClient client, Message message) {
                got.add(message.text());
                throw new IllegalStateException("of the application");
            }
        });
        server.builder().listener(listener).build().connect();
        server.accept().send("a");
        IllegalStateException thrown = assertThrows(IllegalStateException.class, listener::awaitText);
        assertEquals("of the application", thrown.getMessage());
        assertEquals(List.of("a"), got);
        // It was recorded before.
        assertEquals("a", listener.awaitText());
    }

    @Test
    void waitsInRealTimeForReportsOfAnotherThread() throws Exception {
        RecordingListener listener = new RecordingListener();
        HoldfastClient client = server.builder().build();
        Thread thread = new Thread(() -> listener.onState(client, ClientState.OPEN));
        thread.start();
        listener.awaitState(ClientState.OPEN);
        thread.join();
        listener.within(Duration.ofMillis(1));
        String text = assertThrows(AssertionError.class, listener::awaitClosed).getMessage();
        assertTrue(text.startsWith("no end was reported within PT0.001S."), text);
        assertSame(ClientState.IDLE, client.state());
    }
}

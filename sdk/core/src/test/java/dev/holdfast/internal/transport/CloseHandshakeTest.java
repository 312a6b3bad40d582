package dev.holdfast.internal.transport;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.internal.message.CloseStatus;
import org.junit.jupiter.api.Test;

class CloseHandshakeTest {
    private final CloseHandshake handshake = new CloseHandshake();
    private final CloseStatus normal = CloseStatus.of(1000, "bye");
    private final CloseStatus away = CloseStatus.of(1001, "");

    @Test
    void openBeforeItBegins() {
        assertTrue(handshake.maySendMessages());
        assertNull(handshake.ours());
        assertNull(handshake.theirs());
    }

    @Test
    void begunByUs() {
        assertTrue(handshake.begin(normal));
        assertFalse(handshake.maySendMessages());
        assertEquals(normal, handshake.ours());
        assertFalse(handshake.receive(away), "ours is out already, so theirs is the answer");
        assertEquals(normal, handshake.ours());
        assertEquals(away, handshake.theirs());
    }

    @Test
    void begunByThePeer() {
        assertTrue(handshake.receive(away));
        assertTrue(handshake.maySendMessages(), "until it is answered");
        handshake.answer();
        assertFalse(handshake.maySendMessages());
        assertEquals(away, handshake.ours(), "echoed");
        assertFalse(handshake.begin(normal));
        assertEquals(away, handshake.ours());
    }

    @Test
    void begunByThePeerAndAnsweredInOurOwnWords() {
        assertTrue(handshake.receive(away));
        assertTrue(handshake.begin(normal));
        handshake.answer();
        assertEquals(normal, handshake.ours());
    }

    @Test
    void theFirstOfTwoCloseFramesCounts() {
        assertTrue(handshake.begin(normal));
        assertFalse(handshake.begin(away));
        assertEquals(normal, handshake.ours());
    }
}

package dev.holdfast.internal.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import okio.ByteString;
import org.junit.jupiter.api.Test;

class PacketTest {
    /** A text that counts how often it is made. */
    private static final class Unmade implements Packet.Text {
        int made;

        @Override
        public long bytes() {
            return 5;
        }

        @Override
        public String toString() {
            made++;
            return "12345";
        }
    }

    @Test
    void aTextIsNotMadeBeforeItIsNeeded() {
        Unmade text = new Unmade();
        for (Packet packet : List.of(
                Packet.of(text, "content"),
                Packet.acknowledged(text, 3, 2, 7, "content"),
                Packet.of(text, null).withContent("content").asReply(),
                Packet.of(text, "content").validWhile(() -> true))) {
            assertTrue(packet.hasText());
            assertEquals(1, packet.parts());
            assertEquals(5, packet.bytes());
            assertEquals(5, packet.textBytes());
            assertEquals(5, Payload.packet(packet).size());
            assertEquals("content", packet.content());
            assertSame(text, packet.unmade());
            assertEquals(0, text.made);
            assertEquals("12345", packet.text());
            assertEquals(1, text.made);
            text.made = 0;
        }
        Packet acknowledged = Packet.acknowledged(text, 3, 2, 7, null);
        assertEquals(3, acknowledged.ackId());
        assertEquals(2, acknowledged.tries());
        assertEquals(7, acknowledged.ackTimeoutNanos());
        assertThrows(IllegalArgumentException.class, () -> Packet.acknowledged(text, 0, 1, 0, null));
        assertThrows(IllegalArgumentException.class, () -> Packet.acknowledged(text, 1, 0, 0, null));
        assertThrows(IllegalArgumentException.class, () -> Packet.acknowledged(text, 1, 1, -1, null));
    }

    @Test
    void theCallerMayChangeItsListOfAttachments() {
        List<ByteString> attachments = new ArrayList<>(List.of(ByteString.encodeUtf8("abc")));
        Packet packet = Packet.of("t\u00e4", attachments, null);
        attachments.clear();
        assertEquals(List.of(ByteString.encodeUtf8("abc")), packet.attachments());
        assertEquals(3, packet.textBytes());
        assertEquals(6, packet.bytes());
        assertEquals(2, packet.parts());
    }
}

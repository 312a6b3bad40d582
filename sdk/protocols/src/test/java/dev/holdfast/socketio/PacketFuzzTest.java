package dev.holdfast.socketio;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.holdfast.JacksonCodec;
import dev.holdfast.PayloadException;
import dev.holdfast.internal.protocols.BadMessageException;
import java.util.List;
import okio.ByteString;

/** Whatever a server sends, the parser gives a packet or the one exception that names a fault. */
class PacketFuzzTest {
    private static final int MAX_ATTACHMENTS = 4;

    @FuzzTest
    void packets(FuzzedDataProvider data) throws Exception {
        String text = data.consumeRemainingAsString();
        StringEventsTest.agree("/", text);
        IncomingPacket packet;
        try {
            packet = IncomingPacket.parse(text, MAX_ATTACHMENTS);
        } catch (BadMessageException e) {
            assertFalse(e.getMessage().isEmpty());
            return;
        }
        assertTrue(packet.attachments <= MAX_ATTACHMENTS);
        assertTrue(packet.ackId >= IncomingPacket.NO_ACK);
        Arguments arguments =
                new Arguments(packet.arguments, List.of(ByteString.encodeUtf8("x")), JacksonCodec::lenient);
        for (int i = 0; i < arguments.size(); i++) {
            assertFalse(arguments.text(i) == null);
            try {
                arguments.read(i, Object.class);
                if (arguments.isBinary(i)) arguments.bytes(i);
            } catch (PayloadException e) {
                assertFalse(e.getMessage().isEmpty());
            }
        }
    }
}

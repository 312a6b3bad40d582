package dev.holdfast.fuzz;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.holdfast.Compression;
import dev.holdfast.internal.message.CountingZlib;
import dev.holdfast.internal.message.PermessageDeflate;
import java.io.IOException;
import java.util.List;
import okio.Buffer;
import okio.ByteString;
import org.junit.jupiter.api.Tag;

/**
 * As {@link MessageAssemblerFuzzTest}, where permessage-deflate was agreed on. The first byte says with which parameters,
 * and how large messages may be; the rest is what the server sends.
 */
@Tag("slow")
class CompressedMessagesFuzzTest {
    private static final int SERVER_NO_CONTEXT_TAKEOVER = 0x01;
    private static final int CLIENT_NO_CONTEXT_TAKEOVER = 0x02;
    private static final int LARGE_MESSAGES = 0x04;
    private static final int SERVER_WINDOW = 0x38;

    private static final long MAX_MESSAGE_BYTES = 200;
    /** More than fits two of Okio's segments, and what the inflater is given or gives at once. */
    private static final long LARGE_MAX_MESSAGE_BYTES = 20_000;

    /** Arrival byte by byte is slow. */
    private static final int MAX_SINGLE_BYTES = 4096;

    @FuzzTest
    void anyBytes(byte[] bytes) throws IOException {
        if (bytes.length == 0) return;
        int parameters = bytes[0];
        ByteString wire = ByteString.of(bytes, 1, bytes.length - 1);
        long maxMessageBytes = (parameters & LARGE_MESSAGES) != 0 ? LARGE_MAX_MESSAGE_BYTES : MAX_MESSAGE_BYTES;
        boolean contextTakeover = (parameters & SERVER_NO_CONTEXT_TAKEOVER) == 0;
        CountingZlib zlib = new CountingZlib();
        PermessageDeflate deflate = PermessageDeflate.accept(Compression.deflate(), List.of(answer(parameters)), zlib);

        Assembly expected =
                PlainAssembler.assembleCompressed(new Buffer().write(wire), contextTakeover, maxMessageBytes);
        assertAgree(expected, Assembly.of(new Buffer().write(wire), false, deflate, maxMessageBytes));
        assertAgree(expected, Assembly.of(Pieces.random(wire, wire.hashCode()), false, deflate, maxMessageBytes));
        if (wire.size() <= MAX_SINGLE_BYTES) {
            assertAgree(expected, Assembly.of(Pieces.single(wire), false, deflate, maxMessageBytes));
        }
        Assembly whole = Assembly.of(new Buffer().write(wire), false, deflate, Long.MAX_VALUE);
        assertEquals(whole, Assembly.ofPieces(Pieces.random(wire, wire.hashCode()), deflate));
        assertEquals(0, zlib.open(), "inflaters not ended");
    }

    private static String answer(int parameters) {
        return "permessage-deflate; server_max_window_bits=" + (8 + (parameters & SERVER_WINDOW) / 8)
                + ((parameters & SERVER_NO_CONTEXT_TAKEOVER) != 0 ? "; server_no_context_takeover" : "")
                + ((parameters & CLIENT_NO_CONTEXT_TAKEOVER) != 0 ? "; client_no_context_takeover" : "");
    }

    private static void assertAgree(Assembly expected, Assembly actual) {
        if (!expected.end().equals(Assembly.BAD_OR_TOO_BIG)) {
            assertEquals(expected, actual);
            return;
        }
        assertEquals(expected.messages(), actual.messages());
        List<String> ends = List.of(Assembly.violation(1007), Assembly.violation(1009));
        assertTrue(ends.contains(actual.end()), actual.end());
    }
}

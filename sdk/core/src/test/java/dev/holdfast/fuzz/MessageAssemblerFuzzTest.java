package dev.holdfast.fuzz;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.IOException;
import okio.Buffer;
import okio.ByteString;
import org.junit.jupiter.api.Tag;

/**
 * Any bytes at all are the messages that {@link PlainAssembler} finds, and the same end, however they arrive; and no byte
 * is read that a header before it forbids.
 */
@Tag("slow")
class MessageAssemblerFuzzTest {
    private static final int MAX_MESSAGE_BYTES = 200;

    @FuzzTest
    void anyBytes(byte[] bytes) throws IOException {
        check(ByteString.of(bytes), false);
        check(ByteString.of(bytes), true);
    }

    private static void check(ByteString wire, boolean masked) throws IOException {
        Assembly expected = PlainAssembler.assemble(new Buffer().write(wire), masked, MAX_MESSAGE_BYTES);
        assertEquals(expected, Assembly.of(new Buffer().write(wire), masked, MAX_MESSAGE_BYTES));
        assertEquals(expected, Assembly.of(Pieces.single(wire), masked, MAX_MESSAGE_BYTES));
        assertEquals(expected, Assembly.of(Pieces.random(wire, wire.hashCode()), masked, MAX_MESSAGE_BYTES));
    }
}

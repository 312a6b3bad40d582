package dev.holdfast.fuzz;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.FuzzTest;
import com.sun.management.ThreadMXBean;
import dev.holdfast.internal.frame.FrameBuffer;
import dev.holdfast.internal.frame.FrameReader;
import dev.holdfast.internal.frame.FrameWriter;
import dev.holdfast.internal.frame.MaskingKeys;
import dev.holdfast.internal.frame.ProtocolViolation;
import dev.holdfast.internal.frame.Wire;
import java.io.EOFException;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import okio.Buffer;
import okio.BufferedSource;
import okio.ByteString;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;

/**
 * Any bytes at all are frames, then the end of the stream, a violation, or a frame cut short, however they arrive; and the
 * frames written again are the bytes that were read, for there is one way only to write a frame.
 */
@Tag("slow")
class FrameReaderFuzzTest {
    /** Far more than reading takes, far less than a header can promise. */
    private static final long MAX_ALLOCATED = 64 << 20;

    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    private record Frame(boolean fin, int opcode, ByteString payload) {}

    private record Reading(List<Frame> frames, String end) {}

    /** Loads the classes. The fuzzer's agent instruments each class when it is loaded, which allocates more than the limit. */
    @BeforeAll
    static void load() throws IOException {
        check(ByteString.decodeHex("810161"), false);
        check(ByteString.decodeHex("81810000000061ff"), true);
    }

    @FuzzTest
    void anyBytes(byte[] bytes) throws IOException {
        ByteString wire = ByteString.of(bytes);
        long allocatedBefore = THREADS.getCurrentThreadAllocatedBytes();
        check(wire, false);
        check(wire, true);
        long allocated = THREADS.getCurrentThreadAllocatedBytes() - allocatedBefore;
        assertTrue(allocated < MAX_ALLOCATED, allocated + " bytes allocated");
    }

    private static void check(ByteString wire, boolean masked) throws IOException {
        Reading reading = read(new Buffer().write(wire), masked);
        assertEquals(reading, read(Pieces.single(wire), masked));
        assertEquals(reading, read(Pieces.random(wire, wire.hashCode()), masked));

        ByteString again = write(reading.frames, masked, wire);
        assertEquals(wire.substring(0, again.size()), again);
        if (reading.end.equals("end")) assertEquals(wire, again);
    }

    private static Reading read(BufferedSource source, boolean masked) throws IOException {
        FrameReader reader = new FrameReader(source.inputStream(), masked, false);
        List<Frame> frames = new ArrayList<>();
        try {
            while (reader.readHeader()) {
                Buffer payload = new Buffer();
                while (reader.remaining() > 0) {
                    long before = reader.remaining();
                    reader.readPayload(payload);
                    assertTrue(reader.remaining() < before);
                }
                assertEquals(reader.length(), payload.size());
                frames.add(new Frame(reader.fin(), reader.opcode(), payload.readByteString()));
            }
            return new Reading(frames, "end");
        } catch (ProtocolViolation e) {
            assertEquals(ProtocolViolation.PROTOCOL_ERROR, e.closeCode());
            return new Reading(frames, "violation: " + e.getMessage());
        } catch (EOFException e) {
            return new Reading(frames, "cut short: " + e.getMessage());
        }
    }

    /** Each frame with the masking key that it had in {@code original}. */
    private static ByteString write(List<Frame> frames, boolean masked, ByteString original) {
        FrameBuffer out = new FrameBuffer();
        for (Frame frame : frames) {
            int length = frame.payload.size();
            int keyAt = out.size() + 2 + (length < 126 ? 0 : length < 65_536 ? 2 : 8);
            MaskingKeys keys = masked ? new MaskingKeys(always(original.substring(keyAt, keyAt + 4))) : null;
            new FrameWriter(out, keys).writeFrame(frame.fin, frame.opcode, frame.payload, 0, length);
        }
        return Wire.take(out).readByteString();
    }

    private static Random always(ByteString key) {
        return new Random(0) {
            private static final long serialVersionUID = 1;

            @Override
            public void nextBytes(byte[] target) {
                for (int i = 0; i < target.length; i++) target[i] = key.getByte(i % key.size());
            }
        };
    }
}

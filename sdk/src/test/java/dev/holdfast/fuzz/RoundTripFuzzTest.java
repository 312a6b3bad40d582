package dev.holdfast.fuzz;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.holdfast.internal.frame.FrameWriter;
import dev.holdfast.internal.frame.MaskingKeys;
import dev.holdfast.internal.frame.Opcode;
import dev.holdfast.internal.message.CloseStatus;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import okio.Buffer;
import okio.ByteString;

/**
 * What our writer writes, masked or not, our reader reads, however the messages are cut into frames and the frames into
 * pieces. The input is a script of messages.
 */
class RoundTripFuzzTest {
    private static final int MAX_MESSAGES = 16;
    private static final int MAX_FRAGMENTS = 8;
    private static final long MAX_MESSAGE_BYTES = 1 << 20;
    /** Arrival byte by byte is slow. */
    private static final int MAX_SINGLE_BYTES = 4096;

    private static final String ALPHABET = "aZ~\n\0\u007f\u0080\u07ff\u0800é€\ud7ff\ue000\uffff";

    /** Where the forms of a length, Okio's segments and the words of masking begin and end. */
    private static final int[] LENGTHS = {
        0, 1, 7, 8, 9, 15, 16, 17, 124, 125, 126, 127, 128, 1000, 8191, 8192, 8193, 16_385, 65_535, 65_536, 65_537,
        100_003
    };

    @FuzzTest
    void everyScript(byte[] script) throws IOException {
        ByteBuffer steps = ByteBuffer.wrap(script);
        Random random = new Random(ByteString.of(script).hashCode());
        boolean masked = next(steps) % 2 == 0;
        Buffer out = new Buffer();
        FrameWriter writer = new FrameWriter(out, masked ? new MaskingKeys(random) : null);
        List<Object> written = new ArrayList<>();
        for (int i = 0; i < MAX_MESSAGES && steps.hasRemaining(); i++) write(steps, random, writer, written);
        ByteString wire = out.readByteString();

        Assembly expected = new Assembly(written, Assembly.END);
        assertEquals(expected, Assembly.of(new Buffer().write(wire), masked, MAX_MESSAGE_BYTES));
        assertEquals(expected, Assembly.of(Pieces.random(wire, random.nextLong()), masked, MAX_MESSAGE_BYTES));
        int longest = 1 + random.nextInt(10_000);
        assertEquals(
                expected, Assembly.of(Pieces.of(wire, () -> 1 + random.nextInt(longest)), masked, MAX_MESSAGE_BYTES));
        if (wire.size() <= MAX_SINGLE_BYTES) {
            assertEquals(expected, Assembly.of(Pieces.single(wire), masked, MAX_MESSAGE_BYTES));
        }
    }

    /** One step: what kind of message, how long, and for a message in fragments where they end. */
    private static void write(ByteBuffer steps, Random random, FrameWriter writer, List<Object> written) {
        int kind = next(steps) % 7;
        int length = length(steps);
        switch (kind) {
            case 0 -> {
                String text = text(random, length);
                writer.writeText(text, ByteString.encodeUtf8(text).size());
                written.add(new Assembly.Text(text));
            }
            case 1 -> {
                ByteString bytes = bytes(random, length);
                writer.writeFrame(true, Opcode.BINARY, bytes, 0, length);
                written.add(new Assembly.Binary(bytes));
            }
            case 2 -> {
                String text = text(random, length);
                writeFragments(steps, Opcode.TEXT, ByteString.encodeUtf8(text), random, writer, written);
                written.add(new Assembly.Text(text));
            }
            case 3 -> {
                ByteString bytes = bytes(random, length);
                writeFragments(steps, Opcode.BINARY, bytes, random, writer, written);
                written.add(new Assembly.Binary(bytes));
            }
            case 4, 5 -> writeControl(kind == 4 ? Opcode.PING : Opcode.PONG, length, random, writer, written);
            default -> {
                CloseStatus status = CloseStatus.of(3000 + length % 2000, text(random, length % 42));
                ByteString payload = status.encode();
                writer.writeFrame(true, Opcode.CLOSE, payload, 0, payload.size());
                written.add(new Assembly.Close(status.code(), status.reason()));
                steps.position(steps.limit());
            }
        }
    }

    private static void writeFragments(
            ByteBuffer steps, int opcode, ByteString payload, Random random, FrameWriter writer, List<Object> written) {
        int from = 0;
        int fragments = next(steps) % MAX_FRAGMENTS;
        for (int i = 0; i < fragments; i++) {
            int cut = from + length(steps) % (payload.size() - from + 1);
            writer.writeFrame(false, i == 0 ? opcode : Opcode.CONTINUATION, payload, from, cut - from);
            from = cut;
            if (next(steps) % 2 == 1) writeControl(Opcode.PING, length(steps), random, writer, written);
        }
        writer.writeFrame(true, fragments == 0 ? opcode : Opcode.CONTINUATION, payload, from, payload.size() - from);
    }

    private static void writeControl(int opcode, int length, Random random, FrameWriter writer, List<Object> written) {
        ByteString payload = bytes(random, length % (FrameWriter.MAX_CONTROL_PAYLOAD + 1));
        writer.writeFrame(true, opcode, payload, 0, payload.size());
        written.add(opcode == Opcode.PING ? new Assembly.Ping(payload) : new Assembly.Pong(payload));
    }

    private static int next(ByteBuffer steps) {
        return steps.hasRemaining() ? steps.get() & 0xff : 0;
    }

    private static int length(ByteBuffer steps) {
        int choice = next(steps);
        return choice < LENGTHS.length ? LENGTHS[choice] : choice - LENGTHS.length;
    }

    private static ByteString bytes(Random random, int length) {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        return ByteString.of(bytes);
    }

    private static String text(Random random, int length) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < length; i++) {
            if (random.nextInt(8) == 0) {
                text.appendCodePoint(0x10000 + random.nextInt(0x100000));
            } else {
                text.append(ALPHABET.charAt(random.nextInt(ALPHABET.length())));
            }
        }
        return text.toString();
    }
}

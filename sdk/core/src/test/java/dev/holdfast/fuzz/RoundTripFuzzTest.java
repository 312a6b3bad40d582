package dev.holdfast.fuzz;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.holdfast.Compression;
import dev.holdfast.internal.frame.FrameBuffer;
import dev.holdfast.internal.frame.FrameReader;
import dev.holdfast.internal.frame.FrameWriter;
import dev.holdfast.internal.frame.MaskingKeys;
import dev.holdfast.internal.frame.Opcode;
import dev.holdfast.internal.frame.Wire;
import dev.holdfast.internal.message.CloseStatus;
import dev.holdfast.internal.message.CountingZlib;
import dev.holdfast.internal.message.MessageEncoder;
import dev.holdfast.internal.message.PermessageDeflate;
import dev.holdfast.internal.message.StrictInflater;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Random;
import okio.Buffer;
import okio.BufferedSource;
import okio.ByteString;
import org.junit.jupiter.api.Tag;

/**
 * What our writer writes, masked or not, compressed or not, our reader reads, however the messages are cut into frames
 * and the frames into pieces. So does a reader with no larger a window than was agreed on. The input is a script: a byte
 * that says what was agreed on, then messages.
 */
@Tag("slow")
class RoundTripFuzzTest {
    private static final int MAX_MESSAGES = 16;
    private static final int MAX_FRAGMENTS = 8;
    private static final long MAX_MESSAGE_BYTES = 1 << 20;
    private static final int THRESHOLD = 10;
    /** Arrival byte by byte is slow. */
    private static final int MAX_SINGLE_BYTES = 4096;

    private static final int UNMASKED = 0x01;
    private static final int COMPRESSED = 0x02;
    private static final int NO_CONTEXT_TAKEOVER = 0x04;
    private static final int WINDOW = 0x38;
    private static final int LONG_FRAGMENTS = 0x40;

    private static final String ALPHABET = "aZ~\n\0\u007f\u0080\u07ff\u0800é€\ud7ff\ue000\uffff";

    /** Where the forms of a length, Okio's segments and the words of masking begin and end. */
    private static final int[] LENGTHS = {
        0, 1, 7, 8, 9, 15, 16, 17, 124, 125, 126, 127, 128, 1000, 8191, 8192, 8193, 16_385, 65_535, 65_536, 65_537,
        100_003
    };

    private final CountingZlib zlib = new CountingZlib();

    @FuzzTest
    void everyScript(byte[] script) throws IOException {
        ByteBuffer steps = ByteBuffer.wrap(script);
        Random random = new Random(ByteString.of(script).hashCode());
        int agreed = next(steps);
        boolean masked = (agreed & UNMASKED) == 0;
        int windowBits = 8 + (agreed & WINDOW) / 8;
        boolean contextTakeover = (agreed & NO_CONTEXT_TAKEOVER) == 0;
        PermessageDeflate deflate = (agreed & COMPRESSED) == 0 ? null : agree(windowBits, contextTakeover);
        FrameBuffer out = new FrameBuffer();
        FrameWriter writer = new FrameWriter(out, masked ? new MaskingKeys(random) : null);
        List<Object> written = new ArrayList<>();
        int fragmentBytes = (agreed & LONG_FRAGMENTS) == 0 ? 1000 : 64 * 1024;
        try (MessageEncoder encoder = new MessageEncoder(writer, fragmentBytes, deflate)) {
            for (int i = 0; i < MAX_MESSAGES && steps.hasRemaining(); i++) {
                write(steps, random, writer, encoder, written);
            }
        }
        ByteString wire = Wire.take(out).readByteString();

        Assembly expected = new Assembly(written, Assembly.END);
        assertEquals(expected, read(new Buffer().write(wire), masked, deflate));
        assertEquals(expected, read(Pieces.random(wire, random.nextLong()), masked, deflate));
        int longest = 1 + random.nextInt(10_000);
        assertEquals(expected, read(Pieces.of(wire, () -> 1 + random.nextInt(longest)), masked, deflate));
        if (wire.size() <= MAX_SINGLE_BYTES) {
            assertEquals(expected, read(Pieces.single(wire), masked, deflate));
        }
        assertReadableWithTheWindow(wire, masked, new StrictInflater(windowBits, contextTakeover), written);
        assertEquals(0, zlib.open(), "compressors not ended");
    }

    private PermessageDeflate agree(int windowBits, boolean contextTakeover) throws IOException {
        String answer = "permessage-deflate; client_max_window_bits=" + windowBits
                + (contextTakeover ? "" : "; client_no_context_takeover; server_no_context_takeover");
        return PermessageDeflate.accept(Compression.deflate().withThreshold(THRESHOLD), List.of(answer), zlib);
    }

    private static Assembly read(BufferedSource source, boolean masked, PermessageDeflate deflate) throws IOException {
        return Assembly.of(source, masked, deflate, MAX_MESSAGE_BYTES);
    }

    private static void assertReadableWithTheWindow(
            ByteString wire, boolean masked, StrictInflater inflater, List<Object> written) throws IOException {
        FrameReader frames = new FrameReader(new Buffer().write(wire).inputStream(), masked, true);
        Iterator<Object> messages = written.iterator();
        boolean compressed = false;
        Buffer message = new Buffer();
        while (frames.readHeader()) {
            Buffer payload = new Buffer();
            while (frames.remaining() > 0) frames.readPayload(payload);
            if (Opcode.isControl(frames.opcode())) {
                messages.next();
                continue;
            }
            if (frames.opcode() != Opcode.CONTINUATION) compressed = frames.rsv1();
            message.writeAll(payload);
            if (!frames.fin()) continue;
            ByteString bytes = message.readByteString();
            if (compressed) bytes = ByteString.of(inflater.inflate(bytes.toByteArray()));
            Object next = messages.next();
            assertEquals(
                    next, next instanceof Assembly.Text ? new Assembly.Text(bytes.utf8()) : new Assembly.Binary(bytes));
        }
    }

    /** One step: what kind of message, how long, and for a message in fragments where they end. */
    private static void write(
            ByteBuffer steps, Random random, FrameWriter writer, MessageEncoder encoder, List<Object> written) {
        int kind = next(steps) % 9;
        int length = length(steps);
        switch (kind) {
            case 0 -> {
                String text = text(random, length);
                encoder.text(text, ByteString.encodeUtf8(text).size());
                while (encoder.hasMore()) encoder.encodeNext();
                written.add(new Assembly.Text(text));
            }
            case 1 -> {
                ByteString bytes = bytes(random, length);
                encoder.binary(bytes);
                while (encoder.hasMore()) encoder.encodeNext();
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
            case 7 -> {
                String text = text(random, length);
                stream(steps, true, ByteString.encodeUtf8(text), encoder);
                written.add(new Assembly.Text(text));
            }
            case 8 -> {
                ByteString bytes = bytes(random, length);
                stream(steps, false, bytes, encoder);
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

    private static void stream(ByteBuffer steps, boolean text, ByteString payload, MessageEncoder encoder) {
        encoder.begin(text);
        Buffer rest = new Buffer().write(payload);
        for (int pieces = next(steps) % MAX_FRAGMENTS; pieces > 0; pieces--) {
            Buffer piece = new Buffer();
            piece.write(rest, length(steps) % (rest.size() + 1));
            encoder.fragment(piece, false);
        }
        encoder.fragment(rest, true);
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

    /** Noise that repeats itself, from near or far, or not at all. */
    private static ByteString bytes(Random random, int length) {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        int distance = 1 + random.nextInt(2 << random.nextInt(17));
        for (int i = distance; i < length; i++) bytes[i] = bytes[i - distance];
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

package dev.holdfast.internal.message;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.holdfast.internal.frame.ProtocolViolation;
import java.nio.ByteBuffer;
import java.util.Random;
import java.util.zip.DataFormatException;
import java.util.zip.Deflater;
import java.util.zip.Inflater;
import okio.Buffer;
import okio.ByteString;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;

/**
 * zlib itself as the other side of a compressed stream, without frames: what it writes, we read; what we write, it reads; and of any
 * bytes both make the same. The first byte of an input says which of it, what was agreed on, and into how many messages the rest is cut.
 */
@Tag("slow")
class InflateFuzzTest {
    private static final int NO_CONTEXT_TAKEOVER = 0x01;
    private static final int MESSAGES = 0x06;
    private static final int WINDOW = 0x38;
    private static final int BOTH_WRITE = 0x40;

    /** What a sender leaves off. */
    private static final byte[] TAIL = {0, 0, (byte) 0xff, (byte) 0xff};

    /** An empty block, the last one of a stream. */
    private static final byte[] LAST_BLOCK = {1, 0, 0, (byte) 0xff, (byte) 0xff};

    private static final int MAX_INFLATED = 1 << 20;
    private static final int[] STRATEGIES = {Deflater.DEFAULT_STRATEGY, Deflater.FILTERED, Deflater.HUFFMAN_ONLY};
    private static final int[] FLUSHES = {Deflater.NO_FLUSH, Deflater.SYNC_FLUSH, Deflater.FULL_FLUSH};

    @FuzzTest
    void everyInput(byte[] input) {
        if (input.length < 2) return;
        if ((input[0] & BOTH_WRITE) == 0) {
            bothMakeTheSameOfAnyBytes(input);
        } else {
            weReadWhatZlibWrites(input);
            zlibReadsWhatWeWrite(input);
        }
    }

    private static void bothMakeTheSameOfAnyBytes(byte[] input) {
        boolean takeover = (input[0] & NO_CONTEXT_TAKEOVER) == 0;
        Random random = new Random(ByteString.of(input).hashCode());
        Inflater zlib = new Inflater(true);
        try (MessageInflater ours = new MessageInflater(new Inflater(true), takeover)) {
            ByteString[] messages = cut(input);
            for (int i = 0; i < messages.length; i++) {
                ByteString message = messages[i];
                if (message.size() == 0) continue;
                zlib.setInput(message.toByteArray());
                Buffer expected = new Buffer();
                boolean isDeflate = inflate(zlib, expected);
                if (isDeflate) {
                    // It completes an empty block and is not data of another one (section 7.2.1).
                    zlib.setInput(TAIL);
                    Buffer more = new Buffer();
                    isDeflate = inflate(zlib, more) && more.exhausted();
                }
                // What may follow the last block of a stream is for another target.
                if (zlib.finished() || expected.size() > MAX_INFLATED) return;
                if (isDeflate && !endsBetweenBlocks(messages, i, takeover)) isDeflate = false;
                ByteString actual = inflate(ours, message, random);
                assertEquals(isDeflate ? expected.readByteString() : null, actual);
                if (!isDeflate) return;
                if (!takeover) zlib.reset();
            }
        } finally {
            zlib.end();
        }
    }

    /** Whether nothing is open after a message: the last block of a stream may follow, and has nothing to add. */
    private static boolean endsBetweenBlocks(ByteString[] messages, int last, boolean takeover) {
        // An inflater can't be copied: this one reads what the other has read since it was new.
        Inflater again = new Inflater(true);
        try {
            for (int i = takeover ? 0 : last; i <= last; i++) {
                if (messages[i].size() == 0) continue;
                again.setInput(new Buffer().write(messages[i]).write(TAIL).readByteArray());
                assertTrue(inflate(again, new Buffer()));
            }
            again.setInput(LAST_BLOCK);
            Buffer more = new Buffer();
            return inflate(again, more) && more.exhausted() && again.finished() && again.getRemaining() == 0;
        } finally {
            again.end();
        }
    }

    private static void weReadWhatZlibWrites(byte[] input) {
        boolean takeover = (input[0] & NO_CONTEXT_TAKEOVER) == 0;
        Random random = new Random(ByteString.of(input).hashCode());
        Deflater zlib = new Deflater(random.nextInt(10), true);
        try (MessageInflater ours = new MessageInflater(new Inflater(true), takeover)) {
            for (ByteString message : cut(input)) {
                zlib.setStrategy(STRATEGIES[random.nextInt(STRATEGIES.length)]);
                ByteString data = repeated(message, random);
                Buffer compressed = new Buffer();
                int half = data.size() / 2;
                deflate(zlib, data.substring(0, half), FLUSHES[random.nextInt(FLUSHES.length)], compressed);
                deflate(zlib, data.substring(half), Deflater.SYNC_FLUSH, compressed);
                ByteString wire = compressed.readByteString();
                // Nothing new to flush.
                if (wire.size() == 0) continue;
                assertTrue(wire.endsWith(ByteString.of(TAIL)));
                assertEquals(data, inflate(ours, wire.substring(0, wire.size() - TAIL.length), random));
                if (!takeover) zlib.reset();
            }
        } finally {
            zlib.end();
        }
    }

    private static void zlibReadsWhatWeWrite(byte[] input) {
        boolean takeover = (input[0] & NO_CONTEXT_TAKEOVER) == 0;
        int windowBits = 8 + (input[0] & WINDOW) / 8;
        Random random = new Random(ByteString.of(input).hashCode());
        Inflater zlib = new Inflater(true);
        try (MessageDeflater ours = new MessageDeflater(new Deflater(6, true), takeover, windowBits)) {
            for (ByteString message : cut(input)) {
                ByteString data = repeated(message, random);
                Buffer wire = new Buffer();
                Buffer left = new Buffer().write(data);
                while (!left.exhausted()) {
                    Buffer piece = new Buffer();
                    piece.write(left, 1 + random.nextInt((int) left.size()));
                    ours.deflate(piece, wire);
                    assertTrue(piece.exhausted());
                }
                ours.endMessage(wire);
                zlib.setInput(wire.write(TAIL).readByteArray());
                Buffer inflated = new Buffer();
                assertTrue(inflate(zlib, inflated) && !zlib.finished());
                assertEquals(data, inflated.readByteString());
                if (!takeover) zlib.reset();
            }
        } finally {
            zlib.end();
        }
    }

    /** Cuts the input into messages of about the same length. */
    private static ByteString[] cut(byte[] input) {
        ByteString[] messages = new ByteString[1 + (input[0] & MESSAGES) / 2];
        ByteBuffer rest = ByteBuffer.wrap(input, 1, input.length - 1);
        for (int i = 0; i < messages.length; i++) {
            byte[] message = new byte[rest.remaining() / (messages.length - i)];
            rest.get(message);
            messages[i] = ByteString.of(message);
        }
        return messages;
    }

    /** A message that may be long, and may repeat itself over any distance. */
    private static ByteString repeated(ByteString message, Random random) {
        Buffer data = new Buffer();
        for (int times = 1 + random.nextInt(1 << random.nextInt(8)); times > 0; times--) {
            data.write(message);
            if (random.nextInt(4) == 0) data.writeInt(random.nextInt());
        }
        return data.readByteString();
    }

    private static void deflate(Deflater zlib, ByteString data, int flush, Buffer out) {
        byte[] room = new byte[4096];
        zlib.setInput(data.toByteArray());
        int deflated;
        do {
            deflated = zlib.deflate(room, 0, room.length, flush);
            out.write(room, 0, deflated);
        } while (deflated == room.length || !zlib.needsInput());
    }

    /** Appends what zlib makes of its input; returns false if that is no DEFLATE. */
    private static boolean inflate(Inflater zlib, Buffer out) {
        byte[] room = new byte[64 * 1024];
        try {
            int inflated;
            while ((inflated = zlib.inflate(room)) > 0 && out.size() <= MAX_INFLATED) out.write(room, 0, inflated);
            return true;
        } catch (DataFormatException e) {
            return false;
        }
    }

    /** Returns what ours makes of a message that comes in pieces, null if it refuses it. */
    private static @Nullable ByteString inflate(MessageInflater ours, ByteString message, Random random) {
        Buffer out = new Buffer();
        Buffer left = new Buffer().write(message);
        try {
            while (!left.exhausted()) {
                Buffer piece = new Buffer();
                piece.write(left, 1 + random.nextInt((int) left.size()));
                while (ours.inflate(piece, out)) assertTrue(out.size() <= 2L * MAX_INFLATED);
            }
            ours.endMessage();
            while (ours.inflate(left, out)) assertTrue(out.size() <= 2L * MAX_INFLATED);
            return out.readByteString();
        } catch (ProtocolViolation e) {
            return null;
        }
    }
}

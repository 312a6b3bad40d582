package dev.holdfast.internal.message;

import dev.holdfast.internal.frame.ProtocolViolation;
import java.io.Closeable;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;
import okio.Buffer;

/**
 * Decompresses messages, RFC 7692 section 7.2.2, a little at a time, so that whoever calls can stop at a limit. Holds
 * native memory until it is closed.
 *
 * <p>Not thread-safe.
 */
final class MessageInflater implements Closeable {
    private static final byte[] TAIL = {0, 0, (byte) 0xff, (byte) 0xff};
    private static final int LEAST_INPUT_BYTES = 256;
    private static final int MOST_INPUT_BYTES = 8 * 1024;

    private final Inflater inflater;
    private final boolean contextTakeover;
    /** As long as what came was: an idle connection, which was told little, keeps little. */
    private byte[] input = {};

    /** How much of {@code input} the inflater was given. */
    private int inputBytes;

    /** The last output filled all the room there was. The inflater may hold more of it, even with no input left. */
    private boolean outputLeft;

    private final Buffer.UnsafeCursor cursor = new Buffer.UnsafeCursor();

    /**
     * An inflater for the messages of one connection.
     *
     * @param inflater for raw deflate; it belongs to this from now on
     * @param contextTakeover whether a message may refer to those before it
     */
    MessageInflater(Inflater inflater, boolean contextTakeover) {
        this.inflater = inflater;
        this.contextTakeover = contextTakeover;
    }

    /** What a message's sender has left off its end. */
    static void appendTail(Buffer compressed) {
        compressed.write(TAIL);
    }

    /**
     * Takes from {@code compressed} and appends a few kilobytes at most to {@code out}.
     *
     * @return false where nothing was appended and all of {@code compressed} is used up
     * @throws ProtocolViolation if it isn't deflate's format
     */
    boolean inflate(Buffer compressed, Buffer out) throws ProtocolViolation {
        while (true) {
            if (inflater.finished()) beginStream();
            if (inflater.needsInput() && !outputLeft) {
                if (compressed.exhausted()) return false;
                readInput(compressed);
            }
            if (inflateInto(out) > 0) return true;
        }
    }

    private void readInput(Buffer compressed) {
        if (input.length < compressed.size() && input.length < MOST_INPUT_BYTES) {
            long twice = Math.max(compressed.size(), Math.max(LEAST_INPUT_BYTES, 2L * input.length));
            input = new byte[(int) Math.min(twice, MOST_INPUT_BYTES)];
        }
        inputBytes = compressed.read(input, 0, input.length);
        inflater.setInput(input, 0, inputBytes);
    }

    private int inflateInto(Buffer out) throws ProtocolViolation {
        long size = out.size();
        out.readAndWriteUnsafe(cursor);
        int inflated = 0;
        try {
            int room = (int) cursor.expandBuffer(1);
            inflated = inflater.inflate(cursor.data, cursor.start, room);
            outputLeft = inflated == room;
            return inflated;
        } catch (DataFormatException e) {
            throw new ProtocolViolation(
                    ProtocolViolation.INVALID_PAYLOAD, "compressed message can't be inflated: " + e.getMessage());
        } finally {
            cursor.resizeBuffer(size + inflated);
            cursor.close();
        }
    }

    /** A sender may end a message with a final block, section 7.2.3.4. What follows is a stream of its own. */
    private void beginStream() {
        int left = inflater.getRemaining();
        inflater.reset();
        inflater.setInput(input, inputBytes - left, left);
    }

    /** All of a message, and its tail, has been inflated. */
    void endMessage() {
        if (!contextTakeover) inflater.reset();
    }

    @Override
    public void close() {
        inflater.end();
    }
}

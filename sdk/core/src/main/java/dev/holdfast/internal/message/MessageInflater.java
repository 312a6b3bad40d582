package dev.holdfast.internal.message;

import dev.holdfast.internal.frame.ProtocolViolation;
import java.io.Closeable;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;
import okio.Buffer;

/**
 * Decompresses messages (RFC 7692 section 7.2.2), a few kilobytes at a time, so that the caller can stop at a limit. Holds
 * native memory until it is closed.
 *
 * <p>A sender may end a block with BFINAL and send further blocks (section 7.2.1). Some servers send bytes there that do not
 * belong to the message. Input after BFINAL is therefore in doubt: its output is held back until the message, or another
 * block with BFINAL, ends without an error. If the input is not DEFLATE, it is dropped together with its output.
 *
 * <p>Not thread-safe.
 */
final class MessageInflater implements Closeable {
    /** The maximum of output, in bytes, that is held back. Input that decompresses to more is taken for DEFLATE. */
    static final int MAX_DOUBTFUL_BYTES = 64 * 1024;

    private static final int MIN_INPUT_BYTES = 256;
    private static final int MAX_INPUT_BYTES = 8 * 1024;
    private static final int MAX_RELEASED_BYTES = 8 * 1024;

    private static final byte[] END = end();

    private final Inflater inflater;
    private final boolean contextTakeover;

    /** Grows with the messages, so that a connection with little traffic keeps little memory. */
    private byte[] input = {};

    /** The number of bytes in {@code input} that the inflater was given. */
    private int inputBytes;

    /** Whether the last output filled its buffer. The inflater may hold more output, even with no input left. */
    private boolean outputLeft;

    /** Whether the message has a payload. */
    private boolean hasPayload;

    /** Whether the current input follows BFINAL and may not belong to the message. Its output waits in {@code doubtful}. */
    private boolean inDoubt;

    /** Whether the rest of the message is dropped, because it does not belong to it. */
    private boolean discarding;

    /** Output after BFINAL. It belongs to the message unless {@code inDoubt}. */
    private final Buffer doubtful = new Buffer();

    private final byte[] unexpected = new byte[1];
    private final Buffer.UnsafeCursor cursor = new Buffer.UnsafeCursor();

    /**
     * Creates an inflater for the messages of one connection.
     *
     * @param inflater for raw deflate; owned by this object from now on
     * @param contextTakeover whether a message may refer to previous ones
     */
    MessageInflater(Inflater inflater, boolean contextTakeover) {
        this.inflater = inflater;
        this.contextTakeover = contextTakeover;
    }

    /**
     * Returns input that shows whether a message ends at the end of a block: the four bytes that the sender has removed,
     * which complete an empty stored block, and further empty stored blocks. At the end of a block they have no output. Inside
     * a block they are data: they cause output or an error, at the latest after the longest header of a dynamic block (286
     * bytes). The JDK's inflater offers no other way to find out whether a block is open.
     */
    private static byte[] end() {
        byte[] end = new byte[4 + 60 * 5];
        for (int at = 2; at < end.length; at += 5) {
            end[at] = (byte) 0xff;
            end[at + 1] = (byte) 0xff;
        }
        return end;
    }

    /**
     * Decompresses some of {@code compressed}, and appends a few kilobytes at most to {@code out}.
     *
     * @return false if nothing was appended and all of {@code compressed} is used up
     * @throws ProtocolViolation if the input is not DEFLATE
     */
    boolean inflate(Buffer compressed, Buffer out) throws ProtocolViolation {
        while (true) {
            if (!inDoubt && !doubtful.exhausted()) {
                out.write(doubtful, Math.min(doubtful.size(), MAX_RELEASED_BYTES));
                return true;
            }
            if (discarding) compressed.clear();
            if (inflater.finished()) beginStream();
            if (inflater.needsInput() && !outputLeft) {
                if (compressed.exhausted()) return false;
                readInput(compressed);
            }
            if (inDoubt) {
                inflateDoubtful();
            } else if (inflateInto(out) > 0) {
                return true;
            }
        }
    }

    private void readInput(Buffer compressed) {
        if (input.length < compressed.size() && input.length < MAX_INPUT_BYTES) {
            long twice = Math.max(compressed.size(), Math.max(MIN_INPUT_BYTES, 2L * input.length));
            input = new byte[(int) Math.min(twice, MAX_INPUT_BYTES)];
        }
        inputBytes = compressed.read(input, 0, input.length);
        inflater.setInput(input, 0, inputBytes);
        hasPayload = true;
    }

    private void inflateDoubtful() throws ProtocolViolation {
        try {
            inflateInto(doubtful);
        } catch (ProtocolViolation e) {
            // Counts the output before the error as well, so that the result does not depend on how the input is cut.
            if (inflater.getBytesWritten() > MAX_DOUBTFUL_BYTES) throw e;
            discard();
            return;
        }
        if (inflater.finished() || inflater.getBytesWritten() > MAX_DOUBTFUL_BYTES) inDoubt = false;
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
            throw violation(String.valueOf(e.getMessage()));
        } finally {
            cursor.resizeBuffer(size + inflated);
            cursor.close();
        }
    }

    /** Begins a new stream with the input after BFINAL. */
    private void beginStream() {
        int left = inflater.getRemaining();
        inflater.reset();
        inflater.setInput(input, inputBytes - left, left);
        inDoubt = true;
    }

    /** Drops the output after BFINAL, and the rest of the message. */
    private void discard() {
        inDoubt = false;
        discarding = true;
        doubtful.clear();
        outputLeft = false;
        inflater.reset();
    }

    /**
     * Ends a message after {@link #inflate} has used up all of it. The next call of {@code inflate} returns output that was
     * in doubt until now. An empty message does not change the inflater: the bytes that complete a message would begin a
     * block there.
     *
     * @throws ProtocolViolation if the message ends inside a block
     */
    void endMessage() throws ProtocolViolation {
        if (!hasPayload) return;
        hasPayload = false;
        if (!discarding && !endsAfterBlock()) {
            if (!inDoubt) throw violation("it ends inside a block");
            discard();
        }
        inDoubt = false;
        discarding = false;
        if (!contextTakeover) inflater.reset();
    }

    private boolean endsAfterBlock() {
        inflater.setInput(END);
        try {
            return inflater.inflate(unexpected) == 0 && inflater.needsInput() && !inflater.finished();
        } catch (DataFormatException e) {
            return false;
        }
    }

    private static ProtocolViolation violation(String why) {
        return new ProtocolViolation(
                ProtocolViolation.INVALID_PAYLOAD, "compressed message cannot be inflated: " + why);
    }

    @Override
    public void close() {
        inflater.end();
    }
}

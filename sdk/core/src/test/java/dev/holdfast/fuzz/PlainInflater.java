package dev.holdfast.fuzz;

import java.util.zip.DataFormatException;
import java.util.zip.Inflater;
import okio.Buffer;
import okio.ByteString;

/**
 * RFC 7692 section 7.2.2 as plainly as it can be written: a frame's payload at once. What follows a block with BFINAL is
 * taken for a stream of its own; if that is no DEFLATE, it does not belong to the message.
 */
final class PlainInflater implements AutoCloseable {
    private static final ByteString EMPTY_BLOCK = ByteString.decodeHex("000000ffff");

    /** The four bytes that were left off the message, and so many empty blocks that no header is longer. */
    private static final ByteString END =
            ByteString.decodeHex("0000ffff" + EMPTY_BLOCK.hex().repeat(60));

    private static final int MAX_DOUBTFUL_BYTES = 64 * 1024;

    private final Inflater inflater = new Inflater(true);
    private final boolean contextTakeover;
    private final byte[] room = new byte[100_000];
    private final Buffer doubtful = new Buffer();
    private long messageBytes;
    private boolean inDoubt;
    private boolean discarding;

    PlainInflater(boolean contextTakeover) {
        this.contextTakeover = contextTakeover;
    }

    /**
     * Appends to {@code out} all that belongs to a message for certain so far.
     *
     * @param last whether {@code payload} is the rest of the message
     * @return false if it is not DEFLATE
     */
    boolean inflate(Buffer payload, boolean last, Buffer out) {
        messageBytes += payload.size();
        byte[] in = payload.readByteArray();
        if (!discarding && !inflate(in, out)) {
            if (!inDoubt) return false;
            discarding = true;
        }
        if (last && messageBytes > 0) {
            if (!discarding && !inflatesToNothing(END.toByteArray())) {
                if (!inDoubt) return false;
                discarding = true;
            }
            if (!discarding) out.write(doubtful, doubtful.size());
            doubtful.clear();
            if (discarding || !contextTakeover) inflater.reset();
            messageBytes = 0;
            inDoubt = false;
            discarding = false;
        }
        return true;
    }

    private boolean inflate(byte[] in, Buffer out) {
        inflater.setInput(in);
        int inflated = -1;
        while (inflated != 0 || inflater.finished()) {
            if (inflater.finished()) {
                out.write(doubtful, doubtful.size());
                int left = inflater.getRemaining();
                inflater.reset();
                inflater.setInput(in, in.length - left, left);
                inDoubt = true;
            }
            long before = inflater.getBytesWritten();
            boolean bad = false;
            try {
                inflated = inflater.inflate(room);
            } catch (DataFormatException e) {
                inflated = (int) (inflater.getBytesWritten() - before);
                bad = true;
            }
            doubtful.write(room, 0, inflated);
            if (inflater.getBytesWritten() > MAX_DOUBTFUL_BYTES) inDoubt = false;
            if (!inDoubt) out.write(doubtful, doubtful.size());
            if (bad) return false;
        }
        return true;
    }

    private boolean inflatesToNothing(byte[] in) {
        inflater.setInput(in);
        try {
            return inflater.inflate(room) == 0 && inflater.getRemaining() == 0 && !inflater.finished();
        } catch (DataFormatException e) {
            return false;
        }
    }

    @Override
    public void close() {
        inflater.end();
    }
}

package dev.holdfast.fuzz;

import java.util.zip.DataFormatException;
import java.util.zip.Inflater;
import okio.Buffer;
import okio.ByteString;

/** RFC 7692 section 7.2.2 as plainly as it can be written: a frame's payload at once. */
final class PlainInflater implements AutoCloseable {
    private static final ByteString TAIL = ByteString.decodeHex("0000ffff");

    private final Inflater inflater = new Inflater(true);
    private final boolean contextTakeover;
    private final byte[] room = new byte[100_000];

    PlainInflater(boolean contextTakeover) {
        this.contextTakeover = contextTakeover;
    }

    /**
     * Appends to {@code out} all that can be made of a message so far.
     *
     * @param last whether {@code payload} is the rest of the message
     * @return false where it isn't deflate's format
     */
    boolean inflate(Buffer payload, boolean last, Buffer out) {
        if (last) payload.write(TAIL);
        byte[] in = payload.readByteArray();
        inflater.setInput(in);
        int inflated = -1;
        while (inflated != 0 || inflater.finished()) {
            if (inflater.finished()) {
                // A final block, section 7.2.3.4, and behind it another stream.
                int left = inflater.getRemaining();
                inflater.reset();
                inflater.setInput(in, in.length - left, left);
            }
            long before = inflater.getBytesWritten();
            try {
                inflated = inflater.inflate(room);
            } catch (DataFormatException e) {
                out.write(room, 0, (int) (inflater.getBytesWritten() - before));
                return false;
            }
            out.write(room, 0, inflated);
        }
        if (last && !contextTakeover) inflater.reset();
        return true;
    }

    @Override
    public void close() {
        inflater.end();
    }
}

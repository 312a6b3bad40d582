package dev.holdfast.internal.message;

import java.io.Closeable;
import java.util.zip.Deflater;
import okio.Buffer;

/**
 * Compresses messages, RFC 7692 section 7.2.1. Holds native memory until it is closed.
 *
 * <p>The JDK's deflater has no setting for its window, which is always 32 KiB. It is kept within a smaller one by making
 * it forget, at least every window's length of input, what came before: no reference can then reach further back.
 *
 * <p>Not thread-safe.
 */
final class MessageDeflater implements Closeable {
    private static final int TAIL_BYTES = 4;
    /** Into less room than a flush needs it would begin again and again. */
    private static final int ROOM_BYTES = 256;

    private final Deflater deflater;
    private final boolean contextTakeover;
    /** How far back a reference may reach; no bound of ours where it is the deflater's own. */
    private final int windowBytes;

    /** Input since the deflater has last forgotten everything. */
    private int remembered;

    private final Buffer.UnsafeCursor read = new Buffer.UnsafeCursor();
    private final Buffer.UnsafeCursor write = new Buffer.UnsafeCursor();

    /**
     * A deflater for the messages of one connection.
     *
     * @param deflater for raw deflate; it belongs to this from now on
     * @param contextTakeover whether a message may refer to those before it
     * @param windowBits 8 to 15
     */
    MessageDeflater(Deflater deflater, boolean contextTakeover, int windowBits) {
        this.deflater = deflater;
        this.contextTakeover = contextTakeover;
        this.windowBytes = windowBits == PermessageDeflate.MAX_WINDOW_BITS ? Integer.MAX_VALUE : 1 << windowBits;
    }

    /**
     * Takes all of {@code piece}, which is what follows in the message, and appends to {@code out} as much of it in
     * compressed form as there is by now.
     */
    void deflate(Buffer piece, Buffer out) {
        piece.readUnsafe(read);
        try {
            while (read.next() != -1) deflate(read.data, read.start, read.end, out);
        } finally {
            read.close();
        }
        piece.clear();
    }

    private void deflate(byte[] data, int from, int to, Buffer out) {
        for (int at = from; at < to; ) {
            if (remembered == windowBytes) {
                drain(Deflater.FULL_FLUSH, out);
                remembered = 0;
            }
            int length = to - at;
            if (windowBytes != Integer.MAX_VALUE) {
                length = Math.min(length, windowBytes - remembered);
                remembered += length;
            }
            deflater.setInput(data, at, length);
            drain(Deflater.NO_FLUSH, out);
            at += length;
        }
    }

    /** Appends the rest of the message to {@code out}, without the four bytes that its receiver adds again. */
    void endMessage(Buffer out) {
        long start = out.size();
        drain(Deflater.SYNC_FLUSH, out);
        if (out.size() == start) {
            // Nothing came in since the last flush, so that this one had nothing to do: an empty message, section
            // 7.2.3.6.
            out.writeByte(0);
        } else {
            truncate(out, out.size() - TAIL_BYTES);
        }
        if (!contextTakeover) {
            deflater.reset();
            remembered = 0;
        }
    }

    private void drain(int flush, Buffer out) {
        int room;
        int deflated;
        do {
            long size = out.size();
            out.readAndWriteUnsafe(write);
            try {
                room = (int) write.expandBuffer(ROOM_BYTES);
                deflated = deflater.deflate(write.data, write.start, room, flush);
                write.resizeBuffer(size + deflated);
            } finally {
                write.close();
            }
        } while (deflated == room);
    }

    private void truncate(Buffer out, long size) {
        out.readAndWriteUnsafe(write);
        try {
            write.resizeBuffer(size);
        } finally {
            write.close();
        }
    }

    @Override
    public void close() {
        deflater.end();
    }
}

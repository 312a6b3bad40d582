package dev.holdfast.internal.message;

import java.io.Closeable;
import java.util.zip.Deflater;
import okio.Buffer;

/**
 * Compresses messages (RFC 7692 section 7.2.1). Holds native memory until it is closed.
 *
 * <p>The window of the JDK's deflater is always 32 KiB. To keep within a smaller one, this class flushes the deflater
 * completely after each window's length of input, so that no reference reaches further back. That costs compression.
 *
 * <p>Not thread-safe.
 */
final class MessageDeflater implements Closeable {
    private static final int TAIL_BYTES = 4;
    /** More than a flush needs. With less room the deflater would emit a flush again and again. */
    private static final int ROOM_BYTES = 256;

    private final Deflater deflater;
    private final boolean contextTakeover;
    /** The maximum distance of a reference; no limit if the window is the deflater's own. */
    private final int windowBytes;

    /** The input since the last full flush, in bytes. */
    private int remembered;

    private final Buffer.UnsafeCursor read = new Buffer.UnsafeCursor();
    private final Buffer.UnsafeCursor write = new Buffer.UnsafeCursor();

    /**
     * Creates a deflater for the messages of one connection.
     *
     * @param deflater for raw deflate; owned by this object from now on
     * @param contextTakeover whether a message may refer to previous ones
     * @param windowBits 8 to 15
     */
    MessageDeflater(Deflater deflater, boolean contextTakeover, int windowBits) {
        this.deflater = deflater;
        this.contextTakeover = contextTakeover;
        this.windowBytes = windowBits == PermessageDeflate.MAX_WINDOW_BITS ? Integer.MAX_VALUE : 1 << windowBits;
    }

    /**
     * Takes all of {@code piece}, the next piece of the message, and appends to {@code out} what the compressor emits. It may
     * keep some of it.
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

    /** Appends the rest of the message to {@code out}, without the four bytes that the receiver adds again. */
    void endMessage(Buffer out) {
        long start = out.size();
        drain(Deflater.SYNC_FLUSH, out);
        if (out.size() == start) {
            // There was no input since the last flush, so this one emitted nothing: an empty message (RFC 7692 section
            // 7.2.3.6).
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

package dev.holdfast.internal.frame;

import okio.Buffer;
import okio.ByteString;

/**
 * Observes each frame of one connection. It is called on the writer's thread for frames that are sent and on the reader's for
 * frames that are received, possibly at the same time. It must neither block nor throw.
 */
public interface FrameObserver {
    /** Returns the number of bytes to be shown of the start of each message. */
    int startBytes();

    /**
     * A frame is about to be written, or its payload has been read. If the payload was invalid, only a part may have been
     * read.
     *
     * @param written whether we send the frame
     * @param length the payload's length in bytes, as in the header
     * @param start of a control frame, the payload; of a message's first frame, the start of the message before compression;
     *     of any other frame, empty
     */
    void onFrame(boolean written, boolean fin, boolean rsv1, int opcode, long length, ByteString start);

    /** Returns a copy of at most {@code max} bytes. */
    static ByteString copy(Buffer from, long offset, int max) {
        long bytes = Math.min(max, from.size() - offset);
        if (bytes <= 0) return ByteString.EMPTY;
        Buffer copy = new Buffer();
        from.copyTo(copy, offset, bytes);
        return copy.readByteString();
    }
}

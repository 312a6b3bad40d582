package dev.holdfast.internal.frame;

import okio.Buffer;
import okio.ByteString;

/**
 * Told of each frame of one connection. What is written is told by the thread that writes, what is read by the one that
 * reads, perhaps both at once. It must neither block nor throw.
 */
public interface FrameObserver {
    /** How much it wants to see of the beginning of each message, in bytes. */
    int startBytes();

    /**
     * A frame is on its way to the socket, or its payload has been read, as far as it was worth reading.
     *
     * @param written whether it is one of ours
     * @param length the payload's bytes as the header says
     * @param start of a control frame the payload; of a message's first frame what the message begins with, before
     *     compression; of any other frame nothing
     */
    void onFrame(boolean written, boolean fin, boolean rsv1, int opcode, long length, ByteString start);

    /** A copy of at most so many bytes. */
    static ByteString copy(Buffer from, long offset, int most) {
        long bytes = Math.min(most, from.size() - offset);
        if (bytes <= 0) return ByteString.EMPTY;
        Buffer copy = new Buffer();
        from.copyTo(copy, offset, bytes);
        return copy.readByteString();
    }
}

package dev.holdfast.internal.transport;

import dev.holdfast.internal.frame.FrameBuffer;
import dev.holdfast.internal.frame.FrameWriter;
import dev.holdfast.internal.frame.MaskingKeys;
import dev.holdfast.internal.frame.Opcode;
import java.util.ArrayDeque;
import java.util.Random;
import okio.ByteString;
import org.jspecify.annotations.Nullable;

/**
 * Short messages as frames, encoded by those who send them, in chunks that go out one after the other. A chunk is used
 * again and again, until {@link #release}.
 *
 * <p>Not thread-safe: the writer's lock guards it. A chunk that was taken is its taker's.
 */
final class Gathered {
    /** Frames in the order in which they were sent. */
    static final class Chunk {
        final FrameBuffer frames = new FrameBuffer();
        final MaskingKeys maskingKeys;
        int messages;
        /** Their payload. */
        long bytes;

        Chunk(Random maskingKeys) {
            this.maskingKeys = new MaskingKeys(maskingKeys);
        }

        /** Makes it ready to be used again. Draws keys, so that those who send need not. */
        void recycle() {
            messages = 0;
            bytes = 0;
            frames.clear();
            maskingKeys.refill();
        }
    }

    /** The longest message that is encoded by its sender: it takes a few microseconds, during which others wait. */
    static final int MAX_MESSAGE_BYTES = 16 * 1024;

    /** Enough to make a system call worth its cost: four of the longest. */
    private static final int CHUNK_BYTES = 4 * (MAX_MESSAGE_BYTES + FrameWriter.MAX_HEADER_BYTES);

    private static final int MAX_CHUNKS = 16;

    private final Random maskingKeys;
    private final FrameWriter frames = new FrameWriter(new FrameBuffer(), null);
    /** The oldest first, the one that is being filled last. */
    private final ArrayDeque<Chunk> waiting = new ArrayDeque<>(0);

    private final ArrayDeque<Chunk> free = new ArrayDeque<>(0);
    private @Nullable Chunk open;

    Gathered(Random maskingKeys) {
        this.maskingKeys = maskingKeys;
    }

    boolean isEmpty() {
        return waiting.isEmpty();
    }

    /** Encodes a text that has so many bytes of UTF-8. Returns false if it is too long, or there is too much already. */
    boolean addText(String text, long utf8Length) {
        Chunk chunk = chunkFor(utf8Length);
        if (chunk == null) return false;
        frames.writeText(text, (int) utf8Length);
        return added(chunk, utf8Length);
    }

    /** The same for a text of which it is not known whether it is ASCII. Returns false also if it is not. */
    boolean addAscii(String text) {
        Chunk chunk = chunkFor(text.length());
        return chunk != null && frames.writeAscii(text) && added(chunk, text.length());
    }

    /** Whether a text that is not long is ASCII. */
    boolean isAscii(String text) {
        return text.length() <= MAX_MESSAGE_BYTES && frames.isAscii(text);
    }

    /** The same for bytes. */
    boolean addBinary(ByteString bytes) {
        Chunk chunk = chunkFor(bytes.size());
        if (chunk == null) return false;
        frames.writeFrame(true, Opcode.BINARY, bytes, 0, bytes.size());
        return added(chunk, bytes.size());
    }

    private static boolean added(Chunk chunk, long bytes) {
        chunk.messages++;
        chunk.bytes += bytes;
        return true;
    }

    private @Nullable Chunk chunkFor(long bytes) {
        if (bytes > MAX_MESSAGE_BYTES) return null;
        Chunk last = open;
        if (last != null && last.frames.size() + FrameWriter.MAX_HEADER_BYTES + bytes <= CHUNK_BYTES) return last;
        if (waiting.size() == MAX_CHUNKS) return null;
        Chunk next = free.isEmpty() ? new Chunk(maskingKeys) : free.removeLast();
        frames.into(next.frames, next.maskingKeys);
        waiting.addLast(next);
        open = next;
        return next;
    }

    /** Takes the oldest chunk, null if there is none. */
    @Nullable
    Chunk take() {
        Chunk oldest = waiting.pollFirst();
        if (oldest == open) open = null;
        return oldest;
    }

    /** Takes back a chunk that has been made ready. */
    void giveBack(Chunk chunk) {
        free.addLast(chunk);
    }

    /** The memory of the chunks that wait for use. */
    int freeBytes() {
        int bytes = 0;
        for (Chunk chunk : free) bytes += chunk.frames.capacity();
        return bytes;
    }

    /** Gives that memory back. */
    void release() {
        free.clear();
    }

    /** Forgets all that has not been taken. */
    void clear() {
        waiting.clear();
        open = null;
        release();
    }
}

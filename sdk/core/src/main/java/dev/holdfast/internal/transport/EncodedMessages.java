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
 * Short messages that their senders have encoded as frames, in chunks which the writer writes one after the other. Chunks
 * are reused until {@link #release}.
 *
 * <p>Not thread-safe: guarded by the lock of {@link OutgoingQueue}. A chunk that was taken belongs to the writer.
 */
final class EncodedMessages {
    /** Frames in the order in which they were sent. */
    static final class Chunk {
        final FrameBuffer frames = new FrameBuffer();
        final MaskingKeys maskingKeys;
        int messages;
        /** The payload bytes of the messages. */
        long bytes;

        Chunk(Random maskingKeys) {
            this.maskingKeys = new MaskingKeys(maskingKeys);
        }

        /** Prepares this chunk for reuse. Draws masking keys here, on the writer's thread, so that senders need not. */
        void recycle() {
            messages = 0;
            bytes = 0;
            frames.clear();
            maskingKeys.refill();
        }
    }

    /**
     * The maximum length of a message that its sender encodes: 16 KiB, and an envelope around it. That takes a few microseconds,
     * during which others wait.
     */
    static final int MAX_MESSAGE_BYTES = 17 * 1024;

    /** Large enough to make a system call worth its cost: four messages of maximum length. */
    private static final int CHUNK_BYTES = 4 * (MAX_MESSAGE_BYTES + FrameWriter.MAX_HEADER_BYTES);

    private static final int MAX_CHUNKS = 16;

    private final Random maskingKeys;
    private final FrameBuffer nowhere = new FrameBuffer();
    private final FrameWriter frames = new FrameWriter(nowhere, null);
    /** The chunks to write, oldest first. The last one may be {@link #open}. */
    private final ArrayDeque<Chunk> waiting = new ArrayDeque<>(0);

    private final ArrayDeque<Chunk> free = new ArrayDeque<>(0);
    /** The chunk to which senders append, null if there is none. */
    private @Nullable Chunk open;

    EncodedMessages(Random maskingKeys) {
        this.maskingKeys = maskingKeys;
    }

    boolean isEmpty() {
        return waiting.isEmpty();
    }

    /** Encodes a text. Returns false, and does nothing, if it is too long or all chunks are full. */
    boolean addText(String text, long utf8Length) {
        Chunk chunk = chunkFor(utf8Length);
        if (chunk == null) return false;
        frames.writeText(text, (int) utf8Length);
        return added(chunk, utf8Length);
    }

    /** Encodes a text given as UTF-8, the first {@code size} bytes of an array, as {@link #addText(String, long)}. */
    boolean addText(byte[] utf8, int size) {
        Chunk chunk = chunkFor(size);
        if (chunk == null) return false;
        frames.writeText(utf8, size);
        return added(chunk, size);
    }

    /** Encodes a text that is ASCII, as {@link #addText(String, long)}. */
    boolean addAscii(String text) {
        Chunk chunk = chunkFor(text.length());
        if (chunk == null) return false;
        frames.writeAscii(text);
        return added(chunk, text.length());
    }

    /** Encodes a text of unknown UTF-8 length, as {@link #addText(String, long)}. Returns false also if it is not ASCII. */
    boolean addIfAscii(String text) {
        Chunk chunk = chunkFor(text.length());
        return chunk != null && frames.writeIfAscii(text) && added(chunk, text.length());
    }

    /** Returns whether a text is ASCII and not longer than {@link #MAX_MESSAGE_BYTES}. */
    boolean isAscii(String text) {
        return text.length() <= MAX_MESSAGE_BYTES && frames.isAscii(text);
    }

    /** Encodes a binary message. Returns false, and does nothing, if it is too long or all chunks are full. */
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

    /** Removes and returns the oldest chunk, null if there is none. */
    @Nullable
    Chunk take() {
        Chunk oldest = waiting.pollFirst();
        if (oldest == open) open = null;
        return oldest;
    }

    /** Takes back a chunk after {@link Chunk#recycle}. */
    void giveBack(Chunk chunk) {
        free.addLast(chunk);
    }

    /** Returns the capacity of the free chunks, in bytes. */
    int freeBytes() {
        int bytes = 0;
        for (Chunk chunk : free) bytes += chunk.frames.capacity();
        return bytes;
    }

    /** Releases the memory of the free chunks. */
    void release() {
        free.clear();
        if (open == null) frames.into(nowhere, null);
    }

    /** Drops all messages that have not been taken. */
    void clear() {
        waiting.clear();
        open = null;
        release();
    }
}

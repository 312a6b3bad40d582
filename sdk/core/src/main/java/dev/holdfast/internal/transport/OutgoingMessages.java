package dev.holdfast.internal.transport;

import java.util.ArrayDeque;
import java.util.Random;
import okio.ByteString;
import org.jspecify.annotations.Nullable;

/**
 * The messages that wait to go out on one connection, in the order in which they were sent: first those that their senders
 * have encoded, then those that the writer encodes.
 *
 * <p>Senders may encode only while the writer has nothing left to encode, because the order must not change.
 *
 * <p>Not thread-safe: guarded by the lock of {@link OutgoingQueue}.
 */
final class OutgoingMessages {
    private static final int NOTHING = -1;

    private final EncodedMessages encoded;
    /** The maximum length of a message that its sender may encode. */
    private int maxEncodedBySender = NOTHING;

    private ArrayDeque<OutgoingMessage> plain = new ArrayDeque<>(0);

    OutgoingMessages(Random maskingKeys) {
        this.encoded = new EncodedMessages(maskingKeys);
    }

    // ---- senders ----

    void addText(String text, long utf8Length) {
        if (maySenderEncode(utf8Length) && encoded.addText(text, utf8Length)) return;
        plain.add(OutgoingMessage.text(text, utf8Length));
    }

    /** Adds a text given as UTF-8. Copies its first {@code size} bytes. */
    void addText(byte[] utf8, int size) {
        if (maySenderEncode(size) && encoded.addText(utf8, size)) return;
        plain.add(OutgoingMessage.text(ByteString.of(utf8, 0, size)));
    }

    /** Adds a text given as UTF-8 that is too long for its sender to encode. */
    void addText(ByteString utf8) {
        plain.add(OutgoingMessage.text(utf8));
    }

    /** Adds a text that is ASCII. */
    void addAscii(String text) {
        if (maySenderEncode(text.length()) && encoded.addAscii(text)) return;
        plain.add(OutgoingMessage.text(text, text.length()));
    }

    /** Adds a text of unknown UTF-8 length. Returns false, and does nothing, if the text is long or not ASCII. */
    boolean addIfAscii(String text) {
        if (maySenderEncode(text.length()) && encoded.addIfAscii(text)) return true;
        if (!encoded.isAscii(text)) return false;
        plain.add(OutgoingMessage.text(text, text.length()));
        return true;
    }

    void addBinary(ByteString bytes) {
        if (maySenderEncode(bytes.size()) && encoded.addBinary(bytes)) return;
        plain.add(OutgoingMessage.binary(bytes));
    }

    void addStream(OutgoingStream stream) {
        plain.add(OutgoingMessage.stream(stream));
    }

    private boolean maySenderEncode(long bytes) {
        return bytes <= maxEncodedBySender && plain.isEmpty();
    }

    // ---- the writer ----

    boolean hasEncoded() {
        return !encoded.isEmpty();
    }

    /** Returns whether there are messages for the writer to encode. */
    boolean hasPlain() {
        return !plain.isEmpty();
    }

    /** Removes and returns the oldest chunk of encoded messages, null if there is none. */
    EncodedMessages.@Nullable Chunk takeEncoded() {
        return encoded.take();
    }

    /** Moves all messages that the writer encodes into {@code batch}, unless it has some of them left. */
    void movePlainTo(BatchEncoder batch) {
        plain = batch.takeMessages(plain);
    }

    /** Decides what senders may encode from now on, given what {@code batch} has left to encode. */
    void limitSenders(BatchEncoder batch) {
        maxEncodedBySender = batch.isIdle() && plain.isEmpty() ? batch.maxEncodedBySender() : NOTHING;
    }

    /** Takes back a chunk that has been written and recycled. */
    void giveBack(EncodedMessages.Chunk chunk) {
        encoded.giveBack(chunk);
    }

    /** Returns the bytes of memory that {@link #releaseMemory} would release. */
    int freeBytes() {
        return encoded.freeBytes();
    }

    void releaseMemory() {
        encoded.release();
    }

    /** Drops all messages. */
    void clear() {
        plain.clear();
        encoded.clear();
    }
}

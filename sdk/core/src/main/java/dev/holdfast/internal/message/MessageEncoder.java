package dev.holdfast.internal.message;

import dev.holdfast.internal.frame.FrameWriter;
import dev.holdfast.internal.frame.Opcode;
import java.io.Closeable;
import okio.Buffer;
import okio.ByteString;
import org.jspecify.annotations.Nullable;

/**
 * Makes frames of messages: cuts what is longer than a fragment (RFC 6455 section 5.4), one fragment at a time, so that
 * control frames can go between them, and compresses (RFC 7692 section 6.1). One message after another: it must have
 * ended before the next begins.
 *
 * <p>Not thread-safe.
 */
public final class MessageEncoder implements Closeable {
    private final FrameWriter frames;
    private final int fragmentBytes;
    private final @Nullable PermessageDeflate deflate;

    private final Buffer piece = new Buffer();
    private final Buffer compressed = new Buffer();

    /** Made for the first message that is compressed. */
    private @Nullable MessageDeflater deflater;

    /** The opcode of the next fragment. */
    private int opcode;

    private boolean compressing;
    /** What is left of a message that was given whole, from {@code payloadAt} on. */
    private @Nullable ByteString payload;

    private int payloadAt;

    /**
     * An encoder for one connection's messages.
     *
     * @param fragmentBytes payload bytes of the longest fragment, before compression
     * @param deflate what was agreed on compression, null if nothing was
     */
    public MessageEncoder(FrameWriter frames, int fragmentBytes, @Nullable PermessageDeflate deflate) {
        this.frames = frames;
        this.fragmentBytes = fragmentBytes;
        this.deflate = deflate;
    }

    /**
     * Begins a text message. A short one is encoded at once, of a long one the first fragment.
     *
     * @param utf8Length the bytes of {@code text} in UTF-8, which the caller knows already
     */
    public void text(String text, long utf8Length) {
        if (utf8Length <= fragmentBytes && !isCompressed(utf8Length)) {
            frames.writeText(text, (int) utf8Length);
        } else {
            begin(true, isCompressed(utf8Length));
            whole(ByteString.encodeUtf8(text));
        }
    }

    /** The payload bytes up to which a message is always one frame, as it is. */
    public int longestPlainFrame() {
        return deflate == null ? fragmentBytes : Math.min(fragmentBytes, deflate.thresholdBytes - 1);
    }

    /** As {@link #text}, for a binary message. */
    public void binary(ByteString bytes) {
        begin(false, isCompressed(bytes.size()));
        whole(bytes);
    }

    /** Whether the message that was given whole has fragments left to encode. */
    public boolean hasMore() {
        return payload != null;
    }

    /** Encodes the next fragment of the message that was given whole. */
    public void encodeNext() {
        ByteString rest = payload;
        if (rest == null) throw new IllegalStateException("no message at hand");
        int length = Math.min(fragmentBytes, rest.size() - payloadAt);
        boolean last = payloadAt + length == rest.size();
        if (compressing) {
            piece.write(rest, payloadAt, length);
            fragment(piece, last);
        } else {
            frames.writeFrame(last, opcode, rest, payloadAt, length);
            opcode = Opcode.CONTINUATION;
        }
        payloadAt += length;
        if (last) payload = null;
    }

    /** Begins a message whose length is not known and which is given in pieces, by {@link #fragment}. */
    public void begin(boolean text) {
        begin(text, deflate != null);
    }

    /**
     * Encodes what follows in the message as one fragment, and takes it from {@code piece}. Where compression has nothing
     * to show for it yet there is none.
     */
    public void fragment(Buffer piece, boolean last) {
        if (!compressing) {
            frame(piece, false, last);
            return;
        }
        if (opcode != Opcode.CONTINUATION) frames.beginCompressed(piece);
        MessageDeflater deflater = deflater();
        deflater.deflate(piece, compressed);
        if (last) deflater.endMessage(compressed);
        if (last || !compressed.exhausted()) frame(compressed, opcode != Opcode.CONTINUATION, last);
    }

    private void frame(Buffer payload, boolean rsv1, boolean last) {
        frames.writeFrame(last, rsv1, opcode, payload, (int) payload.size());
        opcode = Opcode.CONTINUATION;
    }

    private void begin(boolean text, boolean compress) {
        opcode = text ? Opcode.TEXT : Opcode.BINARY;
        compressing = compress;
    }

    private void whole(ByteString bytes) {
        payload = bytes;
        payloadAt = 0;
        encodeNext();
    }

    private boolean isCompressed(long length) {
        return deflate != null && length >= deflate.thresholdBytes;
    }

    private MessageDeflater deflater() {
        MessageDeflater known = deflater;
        if (known != null) return known;
        if (deflate == null) throw new IllegalStateException("nothing was agreed on compression");
        MessageDeflater made = deflate.newDeflater();
        deflater = made;
        return made;
    }

    /** Gives native memory back. Nothing may be encoded after it. */
    @Override
    public void close() {
        if (deflater != null) deflater.close();
    }
}

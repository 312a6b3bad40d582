package dev.holdfast.internal.message;

import dev.holdfast.internal.frame.FrameWriter;
import dev.holdfast.internal.frame.Opcode;
import java.io.Closeable;
import okio.Buffer;
import okio.ByteString;
import org.jspecify.annotations.Nullable;

/**
 * Encodes messages as frames, compressed if that was negotiated (RFC 7692 section 6.1). It cuts a message that is longer than
 * a fragment (RFC 6455 section 5.4), and encodes one fragment at a time, so that control frames can go between them. A message
 * must end before the next one begins.
 *
 * <p>Not thread-safe.
 */
public final class MessageEncoder implements Closeable {
    private final FrameWriter frames;
    private final int fragmentBytes;
    private final @Nullable PermessageDeflate deflate;

    /** Created for the first message that is compressed. */
    private @Nullable MessageDeflater deflater;

    /** The opcode of the next fragment. */
    private int opcode;

    private boolean compressing;
    /** A message that was given whole and has fragments left; they begin at {@code payloadAt}. */
    private @Nullable ByteString payload;

    private int payloadAt;

    /**
     * Creates an encoder for one connection.
     *
     * @param fragmentBytes the maximum payload of a fragment, before compression, in bytes
     * @param deflate the compression that was negotiated, null for none
     */
    public MessageEncoder(FrameWriter frames, int fragmentBytes, @Nullable PermessageDeflate deflate) {
        this.frames = frames;
        this.fragmentBytes = fragmentBytes;
        this.deflate = deflate;
    }

    /**
     * Begins a text message, and encodes it or, if it is long, its first fragment.
     *
     * @param utf8Length the length of {@code text} in UTF-8, in bytes
     */
    public void text(String text, long utf8Length) {
        if (utf8Length <= fragmentBytes && !isCompressed(utf8Length)) {
            frames.writeText(text, (int) utf8Length);
        } else {
            begin(true, isCompressed(utf8Length));
            whole(ByteString.encodeUtf8(text));
        }
    }

    /** Begins a text message that is given as UTF-8, as {@link #text(String, long)}. */
    public void text(ByteString utf8) {
        begin(true, isCompressed(utf8.size()));
        whole(utf8);
    }

    /** Returns the maximum length of a message, in bytes, that is always one uncompressed frame. */
    public int maxPlainFrame() {
        return deflate == null ? fragmentBytes : Math.min(fragmentBytes, deflate.thresholdBytes - 1);
    }

    /** Begins a binary message, as {@link #text(String, long)}. */
    public void binary(ByteString bytes) {
        begin(false, isCompressed(bytes.size()));
        whole(bytes);
    }

    /** Returns whether a message that was given whole has fragments left to encode. */
    public boolean hasMore() {
        return payload != null;
    }

    /** Encodes the next fragment of a message that was given whole. */
    public void encodeNext() {
        ByteString rest = payload;
        if (rest == null) throw new IllegalStateException("no message has fragments left");
        int length = Math.min(fragmentBytes, rest.size() - payloadAt);
        boolean last = payloadAt + length == rest.size();
        if (compressing) {
            fragment(new Buffer().write(rest, payloadAt, length), last);
        } else {
            frames.writeFrame(last, opcode, rest, payloadAt, length);
            opcode = Opcode.CONTINUATION;
        }
        payloadAt += length;
        if (last) payload = null;
    }

    /** Begins a message of unknown length, whose pieces follow with {@link #fragment}. */
    public void begin(boolean text) {
        begin(text, deflate != null);
    }

    /**
     * Moves the next piece of the message into one fragment. If the compressor keeps all of the piece for now, there is no
     * fragment.
     */
    public void fragment(Buffer piece, boolean last) {
        if (!compressing) {
            frame(piece, false, last);
            return;
        }
        if (opcode != Opcode.CONTINUATION) frames.beginCompressed(piece);
        MessageDeflater deflater = deflater();
        Buffer compressed = new Buffer();
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
        if (deflate == null) throw new IllegalStateException("compression was not negotiated");
        MessageDeflater made = deflate.newDeflater();
        deflater = made;
        return made;
    }

    /** Releases native memory. Nothing may be encoded afterwards. */
    @Override
    public void close() {
        if (deflater != null) deflater.close();
    }
}

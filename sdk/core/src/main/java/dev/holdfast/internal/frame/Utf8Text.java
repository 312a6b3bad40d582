package dev.holdfast.internal.frame;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;

/**
 * A text message as it came, in UTF-8, which may have been checked or not: {@link #check} and {@link #string} do, each at
 * most once, the latter for the price of decoding. Whoever is told of a text calls one of the two before anything else of
 * it is used. It lasts until whoever is told returns.
 *
 * <p>Not thread-safe.
 */
public final class Utf8Text {
    private static final byte[] NONE = {};
    private static final char REPLACEMENT = '\ufffd';

    private final Utf8Validator utf8 = new Utf8Validator();
    private byte[] bytes = NONE;
    private final ByteBuffer none = words(NONE);
    private ByteBuffer words = none;
    private int from;
    private int size;
    private boolean checked;
    private boolean ascii;

    /** For what is checked as it comes in, see {@link #setChecked}. */
    public Utf8Validator validator() {
        return utf8;
    }

    /** These bytes from now on, which nobody has looked at. As little-endian words, all of an array. */
    void set(byte[] bytes, ByteBuffer words, int from, int size) {
        // Most often it is the one of before, and the collector's barrier costs more than the question.
        if (this.bytes != bytes) {
            this.bytes = bytes;
            this.words = words;
        }
        this.from = from;
        this.size = size;
        checked = false;
    }

    /**
     * These bytes from now on, all of which the {@link #validator} has seen.
     *
     * @throws ProtocolViolation if they end inside a code point
     */
    void setChecked(byte[] bytes, ByteBuffer words, int from, int size) throws ProtocolViolation {
        set(bytes, words, from, size);
        if (!utf8.isComplete()) throw FrameReader.notUtf8();
        checked = true;
        ascii = utf8.isAscii();
    }

    /** All of these bytes from now on, which the {@link #validator} has seen. */
    public void setChecked(byte[] bytes) throws ProtocolViolation {
        setChecked(bytes, words(bytes), 0, bytes.length);
    }

    /** Keeps the bytes no longer. */
    public void clear() {
        if (bytes != NONE) set(NONE, none, 0, 0);
        utf8.forget();
    }

    /** An array as words, the first byte of each the lowest. */
    static ByteBuffer words(byte[] bytes) {
        return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    /** The array that the text stands in. Not to be written to. */
    public byte[] bytes() {
        return bytes;
    }

    /** {@link #bytes} as words, the first byte of each the lowest. */
    public ByteBuffer words() {
        return words;
    }

    /** Where in the array it begins. */
    public int from() {
        return from;
    }

    /** How many bytes it has. */
    public int size() {
        return size;
    }

    /**
     * Checks it.
     *
     * @throws ProtocolViolation if the text is not UTF-8, RFC 6455 section 8.1
     */
    public void check() throws ProtocolViolation {
        if (checked) return;
        utf8.begin();
        if (!utf8.check(bytes, words, from, from + size)) throw FrameReader.notUtf8();
        setChecked(bytes, words, from, size);
    }

    /** Whoever has looked at all of it has found nothing but ASCII. */
    public void setAscii() {
        checked = true;
        ascii = true;
    }

    /**
     * The text.
     *
     * @throws ProtocolViolation if it is not UTF-8, RFC 6455 section 8.1
     */
    public String string() throws ProtocolViolation {
        if (checked) return string(from, size);
        String text = new String(bytes, from, size, StandardCharsets.UTF_8);
        // Each byte a character and none of them bad: all ASCII. A platform that has decoded it has looked, and
        // quickly.
        if (text.length() == size && text.indexOf(REPLACEMENT) < 0) {
            setAscii();
        } else {
            check();
        }
        return text;
    }

    /** A part of a text that has been checked, between two code points. */
    public String string(int partFrom, int partSize) {
        // What is ASCII is Latin-1 too, and that needs no decoding.
        Charset charset = ascii ? StandardCharsets.ISO_8859_1 : StandardCharsets.UTF_8;
        return new String(bytes, partFrom, partSize, charset);
    }
}

package dev.holdfast.internal.frame;

import java.nio.ByteBuffer;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;

/**
 * A received text message as UTF-8 bytes, which may not have been checked. A handler calls {@link #check} or {@link #string}
 * before it uses the bytes; {@code string} checks while it decodes. The text is valid until the handler returns.
 *
 * <p>Not thread-safe.
 */
public final class Utf8Text {
    private static final byte[] NONE = {};
    private static final ByteBuffer NO_WORDS = Words.of(NONE);
    private static final char REPLACEMENT = '\ufffd';

    private final Utf8Validator utf8 = new Utf8Validator();
    private byte[] bytes = NONE;
    private ByteBuffer words = NO_WORDS;
    private int from;
    private int size;
    private boolean checked;
    private boolean ascii;

    /** Returns the validator for bytes that are checked as they come in, before {@link #setChecked}. */
    public Utf8Validator validator() {
        return utf8;
    }

    /** Sets the text to unchecked bytes. {@code words} wraps {@code bytes} in little-endian order. */
    public void set(byte[] bytes, ByteBuffer words, int from, int size) {
        // Skips the GC write barrier if the array has not changed.
        if (this.bytes != bytes) {
            this.bytes = bytes;
            this.words = words;
        }
        this.from = from;
        this.size = size;
        checked = false;
    }

    /**
     * Sets the text to bytes that the {@link #validator} has accepted.
     *
     * @throws ProtocolViolation if the text ends inside a code point
     */
    void setChecked(byte[] bytes, ByteBuffer words, int from, int size) throws ProtocolViolation {
        set(bytes, words, from, size);
        if (!utf8.isComplete()) throw FrameReader.notUtf8();
        checked = true;
        ascii = utf8.isAscii();
    }

    /**
     * Sets the text to all of an array that the {@link #validator} has accepted.
     *
     * @throws ProtocolViolation if the text ends inside a code point
     */
    public void setChecked(byte[] bytes) throws ProtocolViolation {
        setChecked(bytes, Words.of(bytes), 0, bytes.length);
    }

    /** Drops the reference to the bytes. */
    public void clear() {
        if (bytes != NONE) set(NONE, NO_WORDS, 0, 0);
        utf8.forget();
    }

    /** Returns the array that holds the text. Do not write to it. */
    public byte[] bytes() {
        return bytes;
    }

    /** Returns {@link #bytes} as little-endian words. */
    public ByteBuffer words() {
        return words;
    }

    /** Returns the index of the first byte. */
    public int from() {
        return from;
    }

    /** Returns the length in bytes. */
    public int size() {
        return size;
    }

    /**
     * Checks that the text is UTF-8. Does nothing if it has been checked.
     *
     * @throws ProtocolViolation if it is not UTF-8 (RFC 6455 section 8.1)
     */
    public void check() throws ProtocolViolation {
        if (checked) return;
        utf8.begin();
        if (!utf8.check(bytes, words, from, from + size)) throw FrameReader.notUtf8();
        setChecked(bytes, words, from, size);
    }

    /** Marks the text as checked: the caller has read all of it and found only ASCII. */
    public void setAscii() {
        checked = true;
        ascii = true;
    }

    /**
     * Decodes the text, and checks it if it has not been checked.
     *
     * @throws ProtocolViolation if it is not UTF-8 (RFC 6455 section 8.1)
     */
    public String string() throws ProtocolViolation {
        if (checked) return string(from, size);
        String text = new String(bytes, from, size, StandardCharsets.UTF_8);
        // As many characters as bytes, and no replacement: the text is ASCII. This is faster than the validator.
        if (text.length() == size && text.indexOf(REPLACEMENT) < 0) {
            setAscii();
        } else {
            check();
        }
        return text;
    }

    /** Decodes a part of a checked text. The part must not split a code point. */
    public String string(int partFrom, int partSize) {
        return new String(bytes, partFrom, partSize, charset());
    }

    /** Returns the fastest charset to decode a checked text. */
    public Charset charset() {
        // ASCII is a subset of Latin-1, which needs no decoding.
        return ascii ? StandardCharsets.ISO_8859_1 : StandardCharsets.UTF_8;
    }
}

package dev.holdfast.internal.frame;

import java.nio.ByteBuffer;
import okio.Buffer;
import org.jspecify.annotations.Nullable;

/**
 * Checks that a text is UTF-8 (RFC 3629), piece by piece, and fails at the first bad byte. Overlong forms, surrogates and
 * code points above U+10FFFF are bad.
 *
 * <p>Not thread-safe.
 */
public final class Utf8Validator {
    private static final byte[] NONE = {};
    private static final ByteBuffer NO_WORDS = ByteBuffer.wrap(NONE);

    /** Made for the first buffer. */
    private Buffer.@Nullable UnsafeCursor cursor;
    /** The segment that was checked last. */
    private byte[] segment = NONE;
    /** Wraps {@link #segment}. */
    private ByteBuffer segmentWords = NO_WORDS;

    /** The number of continuation bytes that the current code point lacks. */
    private int wanted;
    /** The minimum of the next continuation byte. The range is narrower than 80..BF only after E0, ED, F0 and F4. */
    private int min;

    private int max;
    private boolean ascii = true;

    /** Begins a new text. */
    public void begin() {
        wanted = 0;
        ascii = true;
    }

    /** Drops the reference to the bytes checked last. */
    void forget() {
        if (segment == NONE) return;
        segment = NONE;
        segmentWords = NO_WORDS;
    }

    /** Checks {@code buffer} from {@code offset} on, as the next piece of the text. Returns false if it is not UTF-8. */
    public boolean check(Buffer buffer, long offset) {
        if (offset == buffer.size()) return true;
        Buffer.UnsafeCursor at = cursor;
        if (at == null) {
            at = new Buffer.UnsafeCursor();
            cursor = at;
        }
        buffer.readUnsafe(at);
        try {
            for (int length = at.seek(offset); length != -1; length = at.next()) {
                if (segment != at.data) {
                    segment = at.data;
                    segmentWords = ByteBuffer.wrap(segment);
                }
                if (!check(segment, segmentWords, at.start, at.end)) return false;
            }
            return true;
        } finally {
            at.close();
        }
    }

    /** @param words wraps {@code data} in little-endian order */
    boolean check(byte[] data, ByteBuffer words, int from, int to) {
        int i = from;
        while (i < to) {
            if (wanted == 0) {
                i = Words.endOfAscii(words, i, to);
                if (i == to) return true;
                ascii = false;
                if (!lead(data[i++] & 0xff)) return false;
            } else {
                int b = data[i++] & 0xff;
                if (b < min || b > max) return false;
                min = 0x80;
                max = 0xbf;
                wanted--;
            }
        }
        return true;
    }

    private boolean lead(int b) {
        min = b == 0xe0 ? 0xa0 : b == 0xf0 ? 0x90 : 0x80;
        max = b == 0xed ? 0x9f : b == 0xf4 ? 0x8f : 0xbf;
        if (b >= 0xc2 && b <= 0xdf) {
            wanted = 1;
        } else if (b >= 0xe0 && b <= 0xef) {
            wanted = 2;
        } else if (b >= 0xf0 && b <= 0xf4) {
            wanted = 3;
        } else {
            return false;
        }
        return true;
    }

    /** Returns whether the text has been only ASCII so far. */
    public boolean isAscii() {
        return ascii;
    }

    /** Returns whether the text may end here, that is, not inside a code point. */
    public boolean isComplete() {
        return wanted == 0;
    }
}

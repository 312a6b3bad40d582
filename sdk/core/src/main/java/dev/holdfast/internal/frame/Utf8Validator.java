package dev.holdfast.internal.frame;

import java.nio.ByteBuffer;
import okio.Buffer;

/**
 * Says at the first bad byte that a text is not UTF-8 (RFC 3629), however the text is cut into pieces. Overlong forms,
 * surrogates and what lies past U+10FFFF are bad.
 *
 * <p>Not thread-safe.
 */
public final class Utf8Validator {
    private static final byte[] NONE = {};

    private final Buffer.UnsafeCursor cursor = new Buffer.UnsafeCursor();
    private final ByteBuffer none = ByteBuffer.wrap(NONE);
    /** The segment that was checked last. */
    private byte[] segment = NONE;
    /** The same as words. */
    private ByteBuffer segmentWords = none;

    /** Continuation bytes that the code point at hand still wants. */
    private int wanted;
    /** What the next continuation byte may be. Narrower than 80..BF after E0, ED, F0 and F4 only. */
    private int lowest;

    private int highest;
    private boolean ascii = true;

    /** Begins a text of its own. */
    public void begin() {
        wanted = 0;
        ascii = true;
    }

    /** Keeps what was checked last no longer. */
    void forget() {
        if (segment == NONE) return;
        segment = NONE;
        segmentWords = none;
    }

    /** Checks {@code buffer} from {@code offset} on, as what follows all that was checked before. */
    public boolean check(Buffer buffer, long offset) {
        if (offset == buffer.size()) return true;
        buffer.readUnsafe(cursor);
        try {
            for (int length = cursor.seek(offset); length != -1; length = cursor.next()) {
                if (segment != cursor.data) {
                    segment = cursor.data;
                    segmentWords = ByteBuffer.wrap(segment);
                }
                if (!check(segment, segmentWords, cursor.start, cursor.end)) return false;
            }
            return true;
        } finally {
            cursor.close();
        }
    }

    /** @param words the same as {@code data} */
    boolean check(byte[] data, ByteBuffer words, int from, int to) {
        int i = from;
        while (i < to) {
            if (wanted == 0) {
                i = Ascii.end(words, i, to);
                if (i == to) return true;
                ascii = false;
                if (!lead(data[i++] & 0xff)) return false;
            } else {
                int b = data[i++] & 0xff;
                if (b < lowest || b > highest) return false;
                lowest = 0x80;
                highest = 0xbf;
                wanted--;
            }
        }
        return true;
    }

    private boolean lead(int b) {
        lowest = b == 0xe0 ? 0xa0 : b == 0xf0 ? 0x90 : 0x80;
        highest = b == 0xed ? 0x9f : b == 0xf4 ? 0x8f : 0xbf;
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

    /** Whether there was nothing but ASCII since the text began. */
    public boolean isAscii() {
        return ascii;
    }

    /** Whether the text may end here: not inside a code point. */
    public boolean isComplete() {
        return wanted == 0;
    }
}

package dev.holdfast.internal.message;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;

/**
 * Decompresses deflate's format (RFC 1951) with a window of a given size, as a peer with that much memory would: what
 * refers further back fails. The JDK's inflater can't be limited.
 */
public final class StrictInflater {
    private static final int[] LENGTH_BASE = {
        3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227,
        258
    };
    private static final int[] LENGTH_EXTRA = {
        0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0
    };
    private static final int[] CODE_LENGTH_ORDER = {16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15};

    private final int window;
    private final boolean contextTakeover;
    private byte[] in;
    private int at;
    private int bit;
    /** All that was decompressed and may be referred to. */
    private byte[] out = new byte[1024];

    private int size;
    /** The furthest reference seen. */
    private int furthest;

    public StrictInflater(int windowBits, boolean contextTakeover) {
        this.window = 1 << windowBits;
        this.contextTakeover = contextTakeover;
    }

    int furthest() {
        return furthest;
    }

    /** A whole message, whose last four bytes were left off. */
    public byte[] inflate(byte[] message) {
        in = new byte[message.length + 4];
        System.arraycopy(message, 0, in, 0, message.length);
        in[message.length + 2] = (byte) 0xff;
        in[message.length + 3] = (byte) 0xff;
        at = 0;
        bit = 0;
        if (!contextTakeover) size = 0;
        int before = size;
        while (at < in.length) block();
        assertEquals(0, bit, "ends at a whole byte");
        return Arrays.copyOfRange(out, before, size);
    }

    private void append(int value) {
        if (size == out.length) out = Arrays.copyOf(out, 2 * size);
        out[size++] = (byte) value;
    }

    private void block() {
        assertEquals(0, bits(1), "a final block");
        switch (bits(2)) {
            case 0 -> stored();
            case 1 -> compressed(fixedLengths(), fixedDistances());
            case 2 -> dynamic();
            default -> throw new AssertionError("block of type 3");
        }
    }

    private void stored() {
        if (bit > 0) {
            bit = 0;
            at++;
        }
        int length = (in[at] & 0xff) | ((in[at + 1] & 0xff) << 8);
        int inverted = (in[at + 2] & 0xff) | ((in[at + 3] & 0xff) << 8);
        assertEquals(0xffff, length ^ inverted, "length of a stored block");
        at += 4;
        for (int i = 0; i < length; i++) append(in[at++]);
    }

    private void dynamic() {
        int literals = bits(5) + 257;
        int distances = bits(5) + 1;
        int[] codeLengths = new int[19];
        for (int i = 0, n = bits(4) + 4; i < n; i++) codeLengths[CODE_LENGTH_ORDER[i]] = bits(3);
        Huffman code = new Huffman(codeLengths, 0, 19);
        int[] lengths = new int[literals + distances];
        for (int i = 0; i < lengths.length; ) {
            int symbol = code.read();
            if (symbol < 16) {
                lengths[i++] = symbol;
            } else {
                int repeated = symbol == 16 ? lengths[i - 1] : 0;
                int times = symbol == 16 ? 3 + bits(2) : symbol == 17 ? 3 + bits(3) : 11 + bits(7);
                while (times-- > 0) lengths[i++] = repeated;
            }
        }
        compressed(new Huffman(lengths, 0, literals), new Huffman(lengths, literals, distances));
    }

    private void compressed(Huffman literals, Huffman distances) {
        for (int symbol = literals.read(); symbol != 256; symbol = literals.read()) {
            if (symbol < 256) {
                append(symbol);
                continue;
            }
            int length = LENGTH_BASE[symbol - 257] + bits(LENGTH_EXTRA[symbol - 257]);
            int code = distances.read();
            int extra = code < 4 ? 0 : code / 2 - 1;
            int distance = (code < 4 ? code : (2 + (code & 1)) << extra) + 1 + bits(extra);
            furthest = Math.max(furthest, distance);
            assertTrue(distance <= window, "reference " + distance + " bytes back in a window of " + window);
            assertTrue(distance <= size, "reference to before the beginning");
            for (int i = 0; i < length; i++) append(out[size - distance]);
        }
    }

    private int bits(int count) {
        int value = 0;
        for (int i = 0; i < count; i++) {
            value |= ((in[at] >> bit) & 1) << i;
            if (++bit == 8) {
                bit = 0;
                at++;
            }
        }
        return value;
    }

    private Huffman fixedLengths() {
        int[] lengths = new int[288];
        for (int i = 0; i < 288; i++) lengths[i] = i < 144 ? 8 : i < 256 ? 9 : i < 280 ? 7 : 8;
        return new Huffman(lengths, 0, 288);
    }

    private Huffman fixedDistances() {
        int[] lengths = new int[30];
        Arrays.fill(lengths, 5);
        return new Huffman(lengths, 0, 30);
    }

    /** A canonical code, section 3.2.2. */
    private final class Huffman {
        private final int[] counts = new int[16];
        private final int[] symbols;

        Huffman(int[] lengths, int from, int size) {
            symbols = new int[size];
            for (int i = 0; i < size; i++) counts[lengths[from + i]]++;
            int[] next = new int[16];
            for (int length = 1; length < 15; length++) next[length + 1] = next[length] + counts[length];
            for (int i = 0; i < size; i++) {
                int length = lengths[from + i];
                if (length > 0) symbols[next[length]++] = i;
            }
            counts[0] = 0;
        }

        int read() {
            int code = 0;
            int first = 0;
            int index = 0;
            for (int length = 1; length < 16; length++) {
                code |= bits(1);
                if (code - first < counts[length]) return symbols[index + code - first];
                index += counts[length];
                first = (first + counts[length]) << 1;
                code <<= 1;
            }
            throw new AssertionError("no such code");
        }
    }
}

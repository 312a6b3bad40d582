package dev.holdfast.stomp;

import dev.holdfast.internal.frame.Words;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import okio.Buffer;
import okio.Utf8;
import org.jspecify.annotations.Nullable;

/**
 * What the heads of a connection's messages have in common: the names, and those values that have been the same. Most messages of
 * a broker have such a head. To recognize it takes a comparison for each value that changes, in place of a search, a check and two
 * strings for each line.
 *
 * <p>Not thread-safe.
 */
final class KnownHead {
    /** The maximum length of what is compared, in bytes. */
    private static final int MAX_BYTES = 2 * 1024;
    /** A longer value counts as one that changes. */
    private static final int MAX_VALUE = 128;

    /** The names that a reader looks for: to find one takes no comparison if it is the same string. */
    private static final List<String> NAMES = Collections.unmodifiableList(
            Arrays.asList("destination", "message-id", "subscription", "ack", "content-length", "content-type"));

    private static final byte[] COMMAND = "MESSAGE\n".getBytes(StandardCharsets.US_ASCII);

    /** Immutable. */
    private static final class Shape {
        /** Names and values in turns. */
        final String[] pairs;
        /** Whether the value of the same index in {@code pairs} changes. */
        final boolean[] changes;
        /** The bytes of the head without the values that change. */
        final ByteBuffer fixed;
        /** For each value that changes, its index in {@code pairs}, and the number of bytes before it in {@code fixed}. */
        final int[] places;

        final int[] cuts;

        Shape(String[] pairs, boolean[] changes) {
            this.pairs = pairs;
            this.changes = changes;
            int[] allPlaces = new int[pairs.length / 2];
            int[] allCuts = new int[allPlaces.length];
            int count = 0;
            Buffer head = new Buffer().write(COMMAND);
            for (int i = 1; i < pairs.length; i += 2) {
                head.writeUtf8(pairs[i - 1]).writeByte(':');
                if (changes[i]) {
                    allPlaces[count] = i;
                    allCuts[count++] = (int) head.size();
                } else {
                    head.writeUtf8(pairs[i]);
                }
                head.writeByte('\n');
            }
            this.fixed = Words.of(head.writeByte('\n').readByteArray());
            this.places = Arrays.copyOf(allPlaces, count);
            this.cuts = Arrays.copyOf(allCuts, count);
        }

        boolean hasNames(String[] others, int length) {
            if (length != pairs.length) return false;
            for (int i = 0; i < length; i += 2) {
                if (!pairs[i].equals(others[i])) return false;
            }
            return true;
        }
    }

    /** Null before the first head. */
    private @Nullable Shape shape;
    /** Whether the last head had other names. */
    private boolean missed;

    private int behind;

    /**
     * Returns the names and values of a head, in turns, if it begins at {@code from}, is complete, and is as those before; otherwise
     * null. Nobody changes them. {@link #behind} then tells where it ends.
     */
    String @Nullable [] match(byte[] bytes, ByteBuffer words, int from, int end) {
        Shape known = shape;
        if (known == null) return null;
        String[] pairs = known.pairs;
        int[] cuts = known.cuts;
        int at = from;
        int compared = 0;
        for (int i = 0; i < cuts.length; i++) {
            int count = cuts[i] - compared;
            if (count > end - at || !Words.areEqual(words, at, known.fixed, compared, count)) return null;
            at += count;
            compared = cuts[i];
            int valueEnd = Words.endOfOrdinary(words, at, end, Words.HIGH_BITS);
            if (valueEnd == end || bytes[valueEnd] != '\n' || valueEnd - from > FrameParser.MAX_HEAD_BYTES - MAX_BYTES)
                return null;
            if (i == 0) pairs = pairs.clone();
            // ASCII is a part of Latin-1, which takes no decoding.
            pairs[known.places[i]] = new String(bytes, at, valueEnd - at, StandardCharsets.ISO_8859_1);
            at = valueEnd;
        }
        int rest = known.fixed.capacity() - compared;
        if (rest > end - at || !Words.areEqual(words, at, known.fixed, compared, rest)) return null;
        missed = false;
        behind = at + rest;
        return pairs;
    }

    /** Returns the index behind the empty line of the head that was matched last. */
    int behind() {
        return behind;
    }

    /**
     * Takes in a head that was not matched, for the messages that follow. In the message its lines were as the names and values
     * are: ended by LF, without escapes, and each name once.
     *
     * @param pairs names and values, in turns
     * @param length the number of both together
     */
    void learn(String[] pairs, int length) {
        Shape before = shape;
        Shape same = before != null && before.hasNames(pairs, length) ? before : null;
        if (before != same && !missed) {
            // The next one may be as before: messages of several subscriptions take turns.
            missed = true;
            return;
        }
        missed = false;
        String[] copy = Arrays.copyOf(pairs, length);
        boolean[] changes = new boolean[length];
        long bytes = COMMAND.length + 1L;
        for (int i = 1; i < length; i += 2) {
            int known = NAMES.indexOf(copy[i - 1]);
            if (known >= 0) copy[i - 1] = NAMES.get(known);
            changes[i] = copy[i].length() > MAX_VALUE
                    || (same != null && (same.changes[i] || !copy[i].equals(same.pairs[i])));
            bytes += Utf8.size(copy[i - 1]) + (changes[i] ? 0 : Utf8.size(copy[i])) + 2;
        }
        boolean isKnown = same != null && Arrays.equals(changes, same.changes);
        if (!isKnown && bytes <= MAX_BYTES) shape = new Shape(copy, changes);
    }
}

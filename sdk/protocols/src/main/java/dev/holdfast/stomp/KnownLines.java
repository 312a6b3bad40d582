package dev.holdfast.stomp;

import dev.holdfast.internal.frame.Words;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The header lines that the messages of a connection have had at each place. Most of the next message's lines are the same, or differ
 * in the value alone. To recognize one takes a comparison, in place of a search, a check and two strings.
 *
 * <p>Not thread-safe.
 */
final class KnownLines {
    /** The maximum length of a line that is kept. */
    private static final int MAX_BYTES = 128;

    /** The names that a reader looks for: to find one takes no comparison if it is the same string. */
    private static final List<String> NAMES = Collections.unmodifiableList(
            Arrays.asList("destination", "message-id", "subscription", "ack", "content-length", "content-type"));

    /** A line with its LF. If its value was another one in another message, the name and the colon alone. Immutable. */
    static final class Line {
        private final ByteBuffer words;
        final int size;
        final String name;
        /** Null if the bytes are the name alone. */
        final @Nullable String value;

        private Line(byte[] bytes, String name, @Nullable String value) {
            this.words = Words.of(bytes);
            this.size = bytes.length;
            this.name = name;
            this.value = value;
        }
    }

    private final @Nullable Line[] lines = new Line[Headers.MAX];
    /** The lines of the current head that were as expected, at least in their names. */
    private int recognized;
    /** Those that were not. */
    private int unexpected;

    /** Returns the known line of a place in the head if the bytes begin with it, otherwise null. */
    @Nullable
    Line at(int place, ByteBuffer words, int at, int end) {
        Line known = place < lines.length ? lines[place] : null;
        if (known == null) return null;
        if (known.size > end - at || !Words.areEqual(words, at, known.words, known.size)) {
            unexpected++;
            return null;
        }
        recognized++;
        return known;
    }

    /**
     * Takes in a line that was not recognized, for the messages that follow. It must have no escapes.
     *
     * @param from the index of the name
     * @param colon the index of the colon
     * @param end the index behind the line, without the LF
     */
    void learn(int place, byte[] bytes, int from, int colon, int end, String name, String value) {
        if (place >= lines.length || end - from >= MAX_BYTES) return;
        Line before = lines[place];
        if (before == null) {
            byte[] line = Arrays.copyOfRange(bytes, from, end + 1);
            line[line.length - 1] = '\n';
            int known = NAMES.indexOf(name);
            lines[place] = new Line(line, known < 0 ? name : NAMES.get(known), value);
        } else if (before.value != null && before.name.equals(name)) {
            lines[place] = new Line(Arrays.copyOfRange(bytes, from, colon + 1), before.name, null);
            recognized++;
        }
    }

    /** Ends a head. If nothing in it was as expected, the lines are forgotten: the next messages may be of its kind. */
    void endHead() {
        if (recognized == 0 && unexpected > 0) Arrays.fill(lines, null);
        recognized = 0;
        unexpected = 0;
    }
}

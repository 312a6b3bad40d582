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

    /** A line with its LF, or only its name and the colon if the value changes. Immutable. */
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
    /** A bit for each place whose last line had another name than the known one. */
    private int missed;

    /** Returns the known line of a place in the head if the bytes begin with it, otherwise null. */
    @Nullable
    Line at(int place, ByteBuffer words, int at, int end) {
        Line known = place < lines.length ? lines[place] : null;
        if (known == null || known.size > end - at || !Words.areEqual(words, at, known.words, known.size)) return null;
        missed &= ~(1 << place);
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
        int bit = 1 << place;
        if (before == null || (!before.name.equals(name) && (missed & bit) != 0)) {
            byte[] line = Arrays.copyOfRange(bytes, from, end + 1);
            line[line.length - 1] = '\n';
            int known = NAMES.indexOf(name);
            lines[place] = new Line(line, known < 0 ? name : NAMES.get(known), value);
            missed &= ~bit;
        } else if (!before.name.equals(name)) {
            // The next one may be as before: messages of several subscriptions take turns.
            missed |= bit;
        } else if (before.value != null && !before.value.equals(value)) {
            lines[place] = new Line(Arrays.copyOfRange(bytes, from, colon + 1), before.name, null);
        }
    }
}

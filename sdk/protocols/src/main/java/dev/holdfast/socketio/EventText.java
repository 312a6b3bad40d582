package dev.holdfast.socketio;

import dev.holdfast.internal.frame.Utf8Length;
import dev.holdfast.internal.session.Packet;
import dev.holdfast.internal.session.TextWriter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The text of an event that is short, and whose arguments are immutable and need no codec. It goes out without being made: that
 * saves the memory of another copy. Immutable.
 */
final class EventText implements Packet.Text {
    private static final @Nullable Object[] NOTHING = {};
    /** The buffer for more bytes would not be kept, so such a text is made as a string. */
    private static final int TOO_MANY = TextWriter.MAX_KEPT + 1;

    private final String head;
    private final String event;
    // Strings, numbers, booleans and nulls. Most events have one argument, which needs no array.
    private final @Nullable Object first;
    /** The arguments behind the first; null if there is no first. */
    private final @Nullable Object @Nullable [] rest;

    private final int bytes;

    private EventText(
            String head, String event, @Nullable Object first, @Nullable Object @Nullable [] rest, int bytes) {
        this.head = head;
        this.event = event;
        this.first = first;
        this.rest = rest;
        this.bytes = bytes;
    }

    /**
     * Returns the text of an event, null if it must be made.
     *
     * @param head what goes before its JSON
     * @param arguments the caller may change them later
     */
    static @Nullable EventText of(String head, String event, @Nullable Object[] arguments) {
        int count = arguments.length;
        Object first = count == 0 ? null : arguments[0];
        @Nullable Object[] rest = count < 2 ? NOTHING : Arrays.copyOfRange(arguments, 1, count);
        long bytes = Utf8Length.of(head) + TextWriter.quotedBytes(event) + count + 2;
        if (count > 0) bytes += bytes(first);
        for (Object argument : rest) bytes += bytes(argument);
        return bytes > TextWriter.MAX_KEPT
                ? null
                : new EventText(head, event, first, count == 0 ? null : rest, (int) bytes);
    }

    /** Returns the bytes of an argument in JSON, and more than there is room for if the text must be made. */
    private static int bytes(@Nullable Object argument) {
        if (argument instanceof String) {
            // Its characters are counted only if there is room for them.
            String text = (String) argument;
            return text.length() > TextWriter.MAX_KEPT ? TOO_MANY : (int) TextWriter.quotedBytes(text);
        }
        return isWord(argument) ? String.valueOf(argument).length() : TOO_MANY;
    }

    /** Returns whether the JSON of a value that is not a string is what {@link String#valueOf} returns. */
    private static boolean isWord(@Nullable Object value) {
        return value == null || value instanceof Boolean || value instanceof Integer || value instanceof Long;
    }

    @Override
    public long bytes() {
        return bytes;
    }

    void write(TextWriter out) {
        out.begin().text(head).raw("[").quoted(event);
        if (rest != null) {
            write(first, out);
            for (Object argument : rest) write(argument, out);
        }
        out.raw("]");
    }

    private static void write(@Nullable Object argument, TextWriter out) {
        out.raw(",");
        if (argument instanceof String) {
            out.quoted((String) argument);
        } else {
            out.text(String.valueOf(argument));
        }
    }

    @Override
    public String toString() {
        List<@Nullable Object> arguments = new ArrayList<>();
        if (rest != null) {
            arguments.add(first);
            Collections.addAll(arguments, rest);
        }
        return head
                + Arguments.array(event, arguments.toArray(), Collections.emptyList(), () -> {
                    throw new IllegalStateException("no argument needs a codec");
                });
    }
}

package dev.holdfast.socketio;

import dev.holdfast.internal.protocols.TextWriter;
import dev.holdfast.internal.session.Packet;
import java.util.Collections;
import okio.Utf8;
import org.jspecify.annotations.Nullable;

/**
 * The text of an event that is short, and whose arguments are immutable and need no codec. It goes out without being made: that
 * saves the memory of another copy. Immutable.
 */
final class EventText implements Packet.Text {
    private final String head;
    private final String event;
    /** Strings, numbers, booleans and nulls. */
    private final @Nullable Object[] arguments;

    private final long bytes;

    private EventText(String head, String event, @Nullable Object[] arguments, long bytes) {
        this.head = head;
        this.event = event;
        this.arguments = arguments;
        this.bytes = bytes;
    }

    /**
     * Returns the text of an event, null if it must be made.
     *
     * @param head what goes before its JSON
     * @param arguments the caller may change them later
     */
    static @Nullable EventText of(String head, String event, @Nullable Object[] arguments) {
        @Nullable Object[] copy = arguments.clone();
        long bytes = Utf8.size(head) + TextWriter.quotedBytes(event) + copy.length + 2;
        for (Object argument : copy) {
            if (argument instanceof String) {
                // Its characters are counted only if there is room for them.
                if (((String) argument).length() > TextWriter.MAX_BYTES) return null;
                bytes += TextWriter.quotedBytes((String) argument);
            } else if (isWord(argument)) {
                bytes += String.valueOf(argument).length();
            } else {
                return null;
            }
        }
        return bytes > TextWriter.MAX_BYTES ? null : new EventText(head, event, copy, bytes);
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
        out.begin(bytes).text(head).ascii('[').quoted(event);
        for (Object argument : arguments) {
            out.ascii(',');
            if (argument instanceof String) {
                out.quoted((String) argument);
            } else {
                out.text(String.valueOf(argument));
            }
        }
        out.ascii(']');
    }

    @Override
    public String toString() {
        return head
                + Arguments.array(event, arguments, Collections.emptyList(), () -> {
                    throw new IllegalStateException("no argument needs a codec");
                });
    }
}

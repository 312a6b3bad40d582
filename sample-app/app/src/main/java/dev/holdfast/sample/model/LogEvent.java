package dev.holdfast.sample.model;

import java.time.LocalTime;
import java.time.format.DateTimeFormatter;
import okio.ByteString;
import org.jspecify.annotations.Nullable;

/** A line of the event log. Thread-safe. */
public final class LogEvent {
    /** The maximum length of a line's text. The rest of a message is in its body. */
    public static final int MAX_TEXT = 500;

    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("HH:mm:ss.SSS");

    /** The direction of a message. */
    public enum Direction {
        SENT("\u2192"),
        RECEIVED("\u2190"),
        /** The line is not about a message. */
        NONE("");

        private final String sign;

        Direction(String sign) {
            this.sign = sign;
        }

        /** Returns the direction as an arrow; empty for none. */
        public String sign() {
            return sign;
        }
    }

    /** A message: text or bytes, of which the other one is null. */
    public record Body(@Nullable String text, @Nullable ByteString bytes) {
        /** Returns the number of characters or bytes. */
        public int size() {
            return text != null ? text.length() : bytes == null ? 0 : bytes.size();
        }
    }

    private final LocalTime time;
    private final Direction direction;
    private final String kind;
    private final String text;
    private final int size;
    private volatile @Nullable Body body;

    private LogEvent(LocalTime time, Direction direction, String kind, String text, int size, @Nullable Body body) {
        this.time = time;
        this.direction = direction;
        this.kind = kind;
        this.text = text;
        this.size = size;
        this.body = body;
    }

    /** @param kind the subject of the event in one word */
    static LogEvent of(LocalTime time, String kind, String text) {
        Body body = text.length() > MAX_TEXT ? new Body(text, null) : null;
        return new LogEvent(time, Direction.NONE, kind, shortened(text), -1, body);
    }

    static LogEvent message(LocalTime time, Direction direction, String kind, String text) {
        Body body = text.length() > MAX_TEXT ? new Body(text, null) : null;
        return new LogEvent(time, direction, kind, shortened(text), text.length(), body);
    }

    static LogEvent message(LocalTime time, Direction direction, String kind, ByteString bytes) {
        int shown = Math.min(bytes.size(), MAX_TEXT / 2);
        String hex = bytes.substring(0, shown).hex() + (shown < bytes.size() ? "\u2026" : "");
        return new LogEvent(time, direction, kind, hex, bytes.size(), new Body(null, bytes));
    }

    /** Returns the first characters on one line: a cell of a table grows with its lines. */
    private static String shortened(String text) {
        String start = text.length() > MAX_TEXT ? text.substring(0, MAX_TEXT) + "\u2026" : text;
        return start.indexOf('\n') < 0 && start.indexOf('\r') < 0 ? start : start.replaceAll("[\r\n]+", "\u23ce");
    }

    /** Returns the time of day in milliseconds. */
    public String time() {
        return TIME.format(time);
    }

    public Direction direction() {
        return direction;
    }

    /** Returns the subject of the event in one word. */
    public String kind() {
        return kind;
    }

    /** Returns the first {@value #MAX_TEXT} characters. */
    public String text() {
        return text;
    }

    /** Returns the size of a message in characters or bytes; -1 if the line is not about a message. */
    public int size() {
        return size;
    }

    /** Returns the whole message; null if {@link #text} is all of it, or if the log no longer keeps it. */
    public @Nullable Body body() {
        return body;
    }

    void dropBody() {
        body = null;
    }

    @Override
    public String toString() {
        return time() + "  " + kind + "  " + text;
    }
}

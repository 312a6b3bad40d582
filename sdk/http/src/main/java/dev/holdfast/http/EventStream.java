package dev.holdfast.http;

import dev.holdfast.internal.frame.ProtocolViolation;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import okio.Buffer;
import okio.ByteString;
import org.jspecify.annotations.Nullable;

/**
 * Parses a stream of events, as the HTML standard defines it in section 9.2, from the pieces in which it comes. Looks at each byte
 * once. An event that the stream does not end is dropped. Not thread-safe.
 */
final class EventStream {
    private static final ByteString BYTE_ORDER_MARK = ByteString.decodeHex("efbbbf");
    private static final ByteString LINE_ENDS = ByteString.encodeUtf8("\r\n");
    private static final ByteString DATA = ByteString.encodeUtf8("data");
    private static final ByteString EVENT = ByteString.encodeUtf8("event");
    private static final ByteString ID = ByteString.encodeUtf8("id");
    private static final ByteString RETRY = ByteString.encodeUtf8("retry");
    /** A longer time counts as one of so many nines. */
    private static final int MAX_RETRY_DIGITS = 12;

    /** Receives events. */
    interface Handler {
        /**
         * Receives an event.
         *
         * @param name empty if it has none
         * @param data to be read in the call
         * @param id null if the event has no id of its own
         */
        void onEvent(String name, Buffer data, @Nullable String id) throws IOException;

        /** An event without data has come, which has nothing but an id. */
        default void onId(String id) {}

        /** The server wants this time to pass before a client connects again. */
        default void onRetry(long millis) {}

        /** A comment line has come. */
        default void onComment() {}
    }

    private final long maxEventBytes;
    private final Handler handler;
    private final Buffer in = new Buffer();
    private final Buffer data = new Buffer();
    private String name = "";
    private @Nullable String id;
    private boolean hasData;
    private boolean hasBegun;
    /** Whether a line feed belongs to the line end before it. */
    private boolean skipsLineFeed;
    /** How much of {@link #in} has no line end. */
    private long searched;

    EventStream(long maxEventBytes, Handler handler) {
        this.maxEventBytes = maxEventBytes;
        this.handler = handler;
    }

    /**
     * Takes what has come, and reports the events that it completes.
     *
     * @throws ProtocolViolation if an event is too long, or what the handler throws
     */
    void read(Buffer piece) throws IOException {
        in.writeAll(piece);
        if (!begins()) return;
        while (true) {
            if (skipsLineFeed && in.size() > 0) {
                skipsLineFeed = false;
                if (in.getByte(0) == '\n') in.skip(1);
            }
            long end = in.indexOfElement(LINE_ENDS, searched);
            if (end == -1) break;
            searched = 0;
            skipsLineFeed = in.getByte(end) == '\r';
            line(end);
        }
        searched = in.size();
        if (searched + data.size() > maxEventBytes) throw tooBig();
    }

    /** Skips a byte order mark. Returns false if what has come may be the begin of one. */
    private boolean begins() throws IOException {
        if (hasBegun) return true;
        long there = Math.min(in.size(), BYTE_ORDER_MARK.size());
        boolean isMark = in.rangeEquals(0, BYTE_ORDER_MARK, 0, (int) there);
        if (isMark && there < BYTE_ORDER_MARK.size()) return false;
        if (isMark) in.skip(there);
        hasBegun = true;
        return true;
    }

    /** Handles the line that ends before this index, and skips its end. */
    private void line(long end) throws IOException {
        if (end == 0) {
            in.skip(1);
            dispatch();
            return;
        }
        long colon = in.indexOf((byte) ':', 0, end);
        if (colon == 0) {
            in.skip(end + 1);
            handler.onComment();
            return;
        }
        long nameEnd = colon == -1 ? end : colon;
        ByteString field = nameEnd <= EVENT.size() ? in.snapshot((int) nameEnd) : ByteString.EMPTY;
        long valueAt = colon == -1 ? end : colon + 1;
        if (valueAt < end && in.getByte(valueAt) == ' ') valueAt++;
        in.skip(valueAt);
        field(field, end - valueAt);
        in.skip(1);
    }

    /** Handles a field whose value is the next so many bytes, and takes these. */
    private void field(ByteString field, long size) throws IOException {
        if (field.equals(DATA)) {
            if (hasData) data.writeByte('\n');
            hasData = true;
            data.write(in, size);
            if (data.size() > maxEventBytes) throw tooBig();
        } else if (field.equals(EVENT)) {
            name = in.readString(size, StandardCharsets.UTF_8);
        } else if (field.equals(ID)) {
            String value = in.readString(size, StandardCharsets.UTF_8);
            if (value.indexOf('\0') < 0) id = value;
        } else if (field.equals(RETRY)) {
            retry(in.readString(size, StandardCharsets.UTF_8));
        } else {
            in.skip(size);
        }
    }

    private void retry(String value) {
        if (value.isEmpty() || !value.chars().allMatch(c -> c >= '0' && c <= '9')) return;
        String digits = value.length() > MAX_RETRY_DIGITS ? "999999999999" : value;
        handler.onRetry(Long.parseLong(digits));
    }

    private void dispatch() throws IOException {
        String event = name;
        String ownId = id;
        name = "";
        id = null;
        if (!hasData) {
            if (ownId != null) handler.onId(ownId);
            return;
        }
        hasData = false;
        try {
            handler.onEvent(event, data, ownId);
        } finally {
            data.clear();
        }
    }

    private ProtocolViolation tooBig() {
        return new ProtocolViolation(
                ProtocolViolation.MESSAGE_TOO_BIG, "an event has more than " + maxEventBytes + " bytes");
    }
}

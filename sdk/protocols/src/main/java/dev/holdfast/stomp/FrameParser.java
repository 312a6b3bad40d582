package dev.holdfast.stomp;

import dev.holdfast.internal.frame.Words;
import dev.holdfast.internal.protocols.BadMessageException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import okio.Buffer;
import org.jspecify.annotations.Nullable;

/**
 * A parser of a server's STOMP 1.2 frames. It takes bytes in pieces of any size: a WebSocket message may have a part of a frame
 * or several frames, with the EOLs of a heart-beat in between.
 *
 * <p>Not thread-safe.
 */
final class FrameParser {
    static final int MAX_HEADERS = 1_000;
    /** The maximum bytes of a frame's command and headers together. */
    static final int MAX_HEAD_BYTES = 64 * 1024;

    private static final int MAX_LENGTH_DIGITS = 15;
    /** The maximum length of a name or a value that is kept for the next frame. */
    private static final int MAX_KEPT = 64;
    /** The maximum bytes of a head whose names and values may stay in memory until the next frame. */
    private static final int MAX_KEPT_HEAD = 1024;

    private static final List<String> COMMANDS =
            Collections.unmodifiableList(Arrays.asList("MESSAGE", "RECEIPT", "CONNECTED", "ERROR"));

    /** The line of a header with its end, which has no escapes, and what it says. Immutable. */
    private static final class Line {
        final ByteBuffer words;
        final int size;
        final String name;
        final String value;

        private Line(byte[] bytes, String name, String value) {
            this.words = Words.of(bytes);
            this.size = bytes.length;
            this.name = name;
            this.value = value;
        }

        /** @param lineEnd the index of its LF */
        static Line of(byte[] bytes, int from, int lineEnd, String name, String value) {
            byte[] copy = Arrays.copyOfRange(bytes, from, lineEnd + 1);
            copy[copy.length - 1] = '\n';
            return new Line(copy, name, value);
        }
    }

    private static final Line MESSAGE = new Line("MESSAGE\n".getBytes(StandardCharsets.US_ASCII), COMMANDS.get(0), "");

    private enum State {
        BETWEEN,
        HEAD,
        /** In a body whose length is known. */
        COUNTED,
        /** In a body that ends with NUL. */
        OPEN,
        /** At the NUL behind a body whose length is known. */
        END
    }

    private final long maxBodyBytes;
    private State state = State.BETWEEN;

    /** The part of the current line that came with earlier pieces. */
    private final Buffer line = new Buffer();

    private int headBytes;
    private String command = "";
    private int headerCount;
    /** The headers, each name once: name, value, name and so on, as far as they are few. */
    private final String[] pairs = new String[2 * Headers.MAX];

    private int pairsLength;
    /** All headers, if they are more than {@link Headers#MAX}. */
    private @Nullable Map<String, String> many;

    /** Names and values of headers by their places in the last frame: many of the next one are the same. */
    private final @Nullable String[] last = new String[2 * Headers.MAX];
    /** Lines by their places, of headers that were the same in two frames. */
    private final @Nullable Line[] lines = new Line[Headers.MAX];

    private final Buffer body = new Buffer();
    /** The bytes of the body that have not come, if its length is known. */
    private long missing;

    /** The whole body, if it has come in one piece of UTF-8. Otherwise null, and the body is in {@link #body}. */
    private @Nullable String text;

    private int textBytes;

    FrameParser(long maxBodyBytes) {
        this.maxBodyBytes = maxBodyBytes;
    }

    /**
     * Parses the next bytes of the connection.
     *
     * @param words wraps the bytes, as {@link Words#of} does
     * @param utf8 whether they are known to be whole characters of UTF-8
     * @param out gets the frames that are complete, also if an exception is thrown
     */
    void parse(byte[] bytes, ByteBuffer words, int from, int size, boolean utf8, List<Frame> out)
            throws BadMessageException {
        int end = from + size;
        int at = from;
        while (at < end) at = step(bytes, words, at, end, utf8, out);
    }

    /** Parses one part, and returns the index behind it. */
    private int step(byte[] bytes, ByteBuffer words, int at, int end, boolean utf8, List<Frame> out)
            throws BadMessageException {
        switch (state) {
            case BETWEEN:
                if (bytes[at] == '\n' || bytes[at] == '\r') return at + 1;
                state = State.HEAD;
                return at;
            case HEAD:
                return head(bytes, words, at, end);
            case COUNTED: {
                int part = (int) Math.min(missing, end - at);
                boolean whole = utf8 && part == missing && body.size() == 0;
                addBody(bytes, at, at + part, whole);
                missing -= part;
                if (missing == 0) state = State.END;
                return at + part;
            }
            case OPEN: {
                int until = Words.indexOf((byte) Frame.NUL, words, at, end);
                if (body.size() + (until - at) > maxBodyBytes) throw tooLarge();
                // A text without its end may go on as bytes.
                addBody(bytes, at, until, utf8 && until < end && body.size() == 0);
                if (until == end) return end;
                complete(out);
                return until + 1;
            }
            default:
                if (bytes[at] != Frame.NUL) throw new BadMessageException("no NUL behind a body");
                complete(out);
                return at + 1;
        }
    }

    /** @param whole whether this is all of the body, as UTF-8 */
    private void addBody(byte[] bytes, int from, int end, boolean whole) {
        if (whole) {
            text = new String(bytes, from, end - from, StandardCharsets.UTF_8);
            textBytes = end - from;
        } else {
            body.write(bytes, from, end - from);
        }
    }

    private void complete(List<Frame> out) {
        Map<String, String> headers =
                many == null ? new Headers(Arrays.copyOf(pairs, pairsLength)) : Collections.unmodifiableMap(many);
        String whole = text;
        out.add(
                whole == null
                        ? new Frame(command, headers, headBytes, body.readByteString())
                        : new Frame(command, headers, headBytes, whole, textBytes));
        text = null;
        command = "";
        // Long values are not kept.
        if (headBytes > MAX_KEPT_HEAD) Arrays.fill(pairs, 0, pairsLength, "");
        pairsLength = 0;
        many = null;
        headerCount = 0;
        headBytes = 0;
        state = State.BETWEEN;
    }

    private BadMessageException tooLarge() {
        return new BadMessageException("body of more than " + maxBodyBytes + " bytes");
    }

    // ---- command and headers ----

    private int head(byte[] bytes, ByteBuffer words, int at, int end) throws BadMessageException {
        Line same = line.size() == 0 ? sameLine(words, at, end) : null;
        int newline = same == null ? Words.indexOf((byte) '\n', words, at, end) : at + same.size - 1;
        headBytes += newline == end ? end - at : newline - at + 1;
        if (headBytes > MAX_HEAD_BYTES) {
            throw new BadMessageException("headers of more than " + MAX_HEAD_BYTES + " bytes");
        }
        if (same == MESSAGE) {
            command = same.name;
        } else if (same != null) {
            countHeader();
            add(same.name, same.value);
        } else if (newline == end) {
            line.write(bytes, at, end - at);
        } else if (line.size() == 0) {
            line(bytes, at, newline);
        } else {
            line.write(bytes, at, newline - at);
            byte[] whole = line.readByteArray();
            line(whole, 0, whole.length);
        }
        return newline == end ? end : newline + 1;
    }

    /** Returns the kept line of the next header if the bytes are the same, otherwise null. */
    private @Nullable Line sameLine(ByteBuffer words, int at, int end) {
        if (headerCount >= lines.length) return null;
        Line kept = command.isEmpty() ? MESSAGE : lines[headerCount];
        if (kept == null || end - at < kept.size) return null;
        return Words.areEqual(words, at, kept.words, kept.size) ? kept : null;
    }

    /** Parses a line without its LF. */
    private void line(byte[] bytes, int from, int lineEnd) throws BadMessageException {
        int end = lineEnd > from && bytes[lineEnd - 1] == '\r' ? lineEnd - 1 : lineEnd;
        if (command.isEmpty()) {
            command = command(bytes, from, end);
        } else if (from == end) {
            beginBody();
        } else {
            header(bytes, from, end, lineEnd);
        }
    }

    private static String command(byte[] bytes, int from, int end) throws BadMessageException {
        for (String known : COMMANDS) {
            if (is(known, bytes, from, end)) return known;
        }
        boolean unused = checkLine(bytes, from, end);
        throw new BadMessageException("unknown command");
    }

    /** @param lineEnd the index of the LF, which is not always in the array */
    private void header(byte[] bytes, int from, int end, int lineEnd) throws BadMessageException {
        boolean isPlain = checkLine(bytes, from, end);
        int place = countHeader();
        int colon = from;
        while (colon < end && bytes[colon] != ':') colon++;
        if (colon == end) throw new BadMessageException("header without a colon");
        if (colon == from) throw new BadMessageException("header without a name");
        String sameName = last(bytes, from, colon, 2 * place);
        String sameValue = last(bytes, colon + 1, end, 2 * place + 1);
        String name = sameName == null ? text(bytes, from, colon, 2 * place) : sameName;
        String value = sameValue == null ? text(bytes, colon + 1, end, 2 * place + 1) : sameValue;
        if (isPlain) {
            add(name, value);
            if (sameName != null && sameValue != null) lines[place] = Line.of(bytes, from, lineEnd, name, value);
        } else {
            boolean escaped = !command.equals("CONNECTED");
            add(escaped ? unescape(name) : name, escaped ? unescape(value) : value);
        }
    }

    /** Counts a header, and returns its place. */
    private int countHeader() throws BadMessageException {
        if (headerCount == MAX_HEADERS) throw new BadMessageException("more than " + MAX_HEADERS + " headers");
        return headerCount++;
    }

    /** Adds a header unless there is one of its name. */
    private void add(String name, String value) {
        Map<String, String> all = many;
        if (all != null) {
            all.putIfAbsent(name, value);
        } else if (Headers.find(name, pairs, pairsLength) >= 0) {
            return;
        } else if (pairsLength < pairs.length) {
            pairs[pairsLength] = name;
            pairs[pairsLength + 1] = value;
            pairsLength += 2;
        } else {
            all = new LinkedHashMap<>(new Headers(pairs));
            all.put(name, value);
            many = all;
        }
    }

    private @Nullable String header(String name) {
        Map<String, String> all = many;
        if (all != null) return all.get(name);
        int found = Headers.find(name, pairs, pairsLength);
        return found < 0 ? null : pairs[found];
    }

    private static String unescape(String text) throws BadMessageException {
        int at = text.indexOf('\\');
        if (at < 0) return text;
        StringBuilder out = new StringBuilder(text.length());
        int from = 0;
        while (at >= 0) {
            out.append(text, from, at).append(unescaped(at + 1 < text.length() ? text.charAt(at + 1) : Frame.NUL));
            from = at + 2;
            at = text.indexOf('\\', from);
        }
        return out.append(text, from, text.length()).toString();
    }

    private static char unescaped(char c) throws BadMessageException {
        switch (c) {
            case 'n':
                return '\n';
            case 'r':
                return '\r';
            case 'c':
                return ':';
            case '\\':
                return '\\';
            default:
                throw new BadMessageException("undefined escape in a header");
        }
    }

    /** Checks that a line is UTF-8, and has no NUL and no CR. Returns whether it has no backslash either. */
    private static boolean checkLine(byte[] bytes, int from, int end) throws BadMessageException {
        boolean ascii = true;
        boolean plain = true;
        for (int i = from; i < end; i++) {
            byte b = bytes[i];
            if (b == Frame.NUL || b == '\r') throw new BadMessageException("NUL or CR in a header");
            ascii &= b >= 0;
            plain &= b != '\\';
        }
        if (ascii) return plain;
        try {
            CharBuffer unused = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes, from, end - from));
        } catch (CharacterCodingException e) {
            throw new BadMessageException("header that is not UTF-8");
        }
        return plain;
    }

    /** Returns the text that the last frame had at a place among its names and values if it is this one, otherwise null. */
    private @Nullable String last(byte[] bytes, int from, int end, int place) {
        String before = place < last.length ? last[place] : null;
        return before != null && is(before, bytes, from, end) ? before : null;
    }

    /** Returns a part of a line as text, and keeps it for the next frame. */
    private String text(byte[] bytes, int from, int end, int place) {
        String text = new String(bytes, from, end - from, StandardCharsets.UTF_8);
        if (place < last.length && text.length() <= MAX_KEPT) last[place] = text;
        return text;
    }

    /** Returns whether bytes are the ASCII of a text. */
    private static boolean is(String text, byte[] bytes, int from, int end) {
        if (text.length() != end - from) return false;
        for (int i = 0; i < text.length(); i++) {
            // Bytes that are not ASCII are negative.
            if (text.charAt(i) != bytes[from + i]) return false;
        }
        return true;
    }

    // ---- body ----

    private void beginBody() throws BadMessageException {
        String length = header("content-length");
        if (length == null) {
            state = State.OPEN;
            return;
        }
        missing = length(length);
        if (missing > maxBodyBytes) throw tooLarge();
        state = missing == 0 ? State.END : State.COUNTED;
    }

    private static long length(String text) throws BadMessageException {
        boolean digits = !text.isEmpty() && text.length() <= MAX_LENGTH_DIGITS;
        for (int i = 0; digits && i < text.length(); i++) digits = text.charAt(i) >= '0' && text.charAt(i) <= '9';
        if (!digits) throw new BadMessageException("illegal content-length");
        return Long.parseLong(text);
    }
}

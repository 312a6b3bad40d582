package dev.holdfast.stomp;

import dev.holdfast.internal.frame.ProtocolViolation;
import dev.holdfast.internal.frame.Utf8Text;
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
    /** The room for names and values in the first frame. */
    private static final int FIRST_PAIRS = 8;

    private static final String MESSAGE = "MESSAGE";
    private static final List<String> COMMANDS =
            Collections.unmodifiableList(Arrays.asList(MESSAGE, "RECEIPT", "CONNECTED", "ERROR"));

    // States are ints, not objects: each store of an object into this long-lived parser would cost the garbage
    // collector's write barrier.

    private static final int BETWEEN = 0;
    private static final int COMMAND = 1;
    private static final int HEADERS = 2;
    /** In a body whose length is known. */
    private static final int COUNTED = 3;
    /** In a body that ends with NUL. */
    private static final int OPEN = 4;
    /** At the NUL behind a body whose length is known. */
    private static final int END = 5;

    private static final String[] NONE = {};

    private static final char REPLACEMENT = '\ufffd';

    private final long maxBodyBytes;
    private int state = BETWEEN;

    /** The part of the current line that came with earlier pieces. */
    private final Buffer line = new Buffer();

    private int headBytes;
    /** The command of the current frame, or of the last; at first MESSAGE. */
    private String command = MESSAGE;

    private int headerCount;
    /**
     * The headers, each name once: name, value, name and so on, as far as they are few. A new array for each frame: it becomes the
     * frame's, and stores into a young one are cheap.
     */
    private String[] pairs = NONE;

    private int pairsLength;
    /** The room for the names and values of the next frame, by those of the last. */
    private int nextPairs = FIRST_PAIRS;
    /** All headers, if they are more than {@link Headers#MAX}. */
    private @Nullable Map<String, String> many;

    private final KnownHead known = new KnownHead();
    /** Whether all lines of the current head so far end with LF, and have no escapes. */
    private boolean isPlain;

    /** What came with earlier pieces of the body. */
    private final Buffer body = new Buffer();
    /** The bytes of the body that have not come, if its length is known. */
    private long missing;

    FrameParser(long maxBodyBytes) {
        this.maxBodyBytes = maxBodyBytes;
    }

    /**
     * Parses the next text message of the connection. Unless this throws, the text is UTF-8.
     *
     * @param out gets the frames that are complete, also if a {@link BadMessageException} is thrown
     */
    void parse(Utf8Text text, List<Frame> out) throws BadMessageException, ProtocolViolation {
        parse(text.bytes(), text.words(), text.from(), text.size(), text, out);
    }

    /** Parses the next binary message of the connection, as {@link #parse(Utf8Text, List)} does. */
    void parse(byte[] bytes, List<Frame> out) throws BadMessageException {
        try {
            parse(bytes, Words.of(bytes), 0, bytes.length, null, out);
        } catch (ProtocolViolation e) {
            throw new IllegalStateException("no text", e);
        }
    }

    private void parse(byte[] bytes, ByteBuffer words, int from, int size, @Nullable Utf8Text text, List<Frame> out)
            throws BadMessageException, ProtocolViolation {
        int end = from + size;
        int at = from;
        while (at < end) at = step(bytes, words, at, end, text, out);
    }

    /** Checks all of a text. */
    private static void check(@Nullable Utf8Text text) throws ProtocolViolation {
        if (text != null) text.check();
    }

    /** Parses one part, and returns the index behind it. */
    private int step(byte[] bytes, ByteBuffer words, int at, int end, @Nullable Utf8Text text, List<Frame> out)
            throws BadMessageException, ProtocolViolation {
        switch (state) {
            case BETWEEN:
                if (bytes[at] == '\n' || bytes[at] == '\r') return at + 1;
                state = COMMAND;
                return at;
            case COMMAND: {
                int behind = line.size() == 0 ? known(bytes, words, at, end) : at;
                return behind > at ? behind : head(bytes, words, at, end, text);
            }
            case HEADERS:
                return head(bytes, words, at, end, text);
            case COUNTED: {
                int behind = at + (int) Math.min(missing, end - at);
                boolean isRest = behind - at == missing;
                missing -= behind - at;
                if (isRest) state = END;
                return body(bytes, at, behind, end, isRest, text, out);
            }
            case OPEN: {
                int last = text != null && out.isEmpty() && body.size() == 0 ? lastNul(bytes, at, end) : -1;
                if (last >= 0 && last - at <= maxBodyBytes) {
                    // Most messages have one frame. This is tried once in a message, so that many frames cost no more
                    // than twice.
                    String all = decoded(bytes, at, last);
                    if (all != null && all.indexOf(Frame.NUL) < 0) {
                        complete(out, new Frame(command, headers(), headBytes, all, last - at));
                        return last + 1;
                    }
                }
                int until = Words.indexOf((byte) Frame.NUL, words, at, end);
                if (body.size() + (until - at) > maxBodyBytes) throw tooLarge();
                boolean isRest = until < end;
                if (isRest) state = END;
                return body(bytes, at, until, end, isRest, text, out);
            }
            default:
                requireNul(bytes[at]);
                complete(out, new Frame(command, headers(), headBytes, body.readByteString()));
                return at + 1;
        }
    }

    /** Returns the index of a NUL that ends the message, with nothing but EOLs behind it; -1 if it has none. */
    private static int lastNul(byte[] bytes, int from, int end) {
        int last = end - 1;
        while (last > from && (bytes[last] == '\n' || bytes[last] == '\r')) last--;
        return bytes[last] == Frame.NUL ? last : -1;
    }

    /**
     * Returns bytes as text, null if they are not UTF-8, or if it takes a closer look to know that: the replacement character may
     * have been sent, or stand for what is illegal. The platform's decoder is faster than a check before it.
     */
    private static @Nullable String decoded(byte[] bytes, int from, int to) {
        String text = new String(bytes, from, to - from, StandardCharsets.UTF_8);
        return text.indexOf(REPLACEMENT) < 0 ? text : null;
    }

    /**
     * Takes a part of the body in, and ends the frame if all of the body is here as text.
     *
     * @param isRest whether it is the rest of the body
     */
    private int body(byte[] bytes, int from, int to, int end, boolean isRest, @Nullable Utf8Text text, List<Frame> out)
            throws BadMessageException, ProtocolViolation {
        if (!isRest || to == end || body.size() > 0 || text == null) {
            check(text);
            body.write(bytes, from, to - from);
            return to;
        }
        requireNul(bytes[to]);
        String whole = decoded(bytes, from, to);
        if (whole == null) {
            text.check();
            whole = new String(bytes, from, to - from, text.charset());
        }
        complete(out, new Frame(command, headers(), headBytes, whole, to - from));
        return to + 1;
    }

    private static void requireNul(byte b) throws BadMessageException {
        if (b != Frame.NUL) throw new BadMessageException("no NUL behind a body");
    }

    private Map<String, String> headers() {
        if (many != null) return Collections.unmodifiableMap(many);
        return new Headers(pairsLength == pairs.length ? pairs : Arrays.copyOf(pairs, pairsLength));
    }

    private void complete(List<Frame> out, Frame frame) {
        out.add(frame);
        nextPairs = pairsLength;
        pairs = NONE;
        pairsLength = 0;
        many = null;
        headerCount = 0;
        headBytes = 0;
        state = BETWEEN;
    }

    private BadMessageException tooLarge() {
        return new BadMessageException("body of more than " + maxBodyBytes + " bytes");
    }

    // ---- command and headers ----

    /** Parses the head of a message if it is complete and known. Returns the index behind it, otherwise {@code at}. */
    private int known(byte[] bytes, ByteBuffer words, int at, int end) throws BadMessageException {
        String[] found = known.match(bytes, words, at, end);
        if (found == null) return at;
        int behind = known.behind();
        headBytes = behind - at;
        setCommand(MESSAGE);
        pairs = found;
        pairsLength = found.length;
        beginBody();
        return behind;
    }

    private boolean isMessage() {
        return command.equals(MESSAGE);
    }

    /** Skips the garbage collector's write barrier if the command has not changed. */
    private void setCommand(String newCommand) {
        if (!command.equals(newCommand)) command = newCommand;
    }

    private void begin(String newCommand) {
        setCommand(newCommand);
        pairs = nextPairs == 0 ? NONE : new String[nextPairs];
        state = HEADERS;
    }

    private void countHead(int bytes) throws BadMessageException {
        headBytes += bytes;
        if (headBytes > MAX_HEAD_BYTES) {
            throw new BadMessageException("headers of more than " + MAX_HEAD_BYTES + " bytes");
        }
    }

    /** Parses a line of the head, or keeps the part of it that is here. Returns the index behind it. */
    private int head(byte[] bytes, ByteBuffer words, int at, int end, @Nullable Utf8Text text)
            throws BadMessageException, ProtocolViolation {
        int newline = Words.indexOf((byte) '\n', words, at, end);
        countHead(newline == end ? end - at : newline - at + 1);
        // A whole line is checked by itself.
        if (newline == end || line.size() > 0) check(text);
        if (newline == end) {
            line.write(bytes, at, end - at);
            return end;
        }
        if (line.size() == 0) {
            line(bytes, at, newline);
        } else {
            line.write(bytes, at, newline - at);
            byte[] whole = line.readByteArray();
            line(whole, 0, whole.length);
        }
        return newline + 1;
    }

    /** Parses a line without its LF. */
    private void line(byte[] bytes, int from, int lineEnd) throws BadMessageException {
        int end = lineEnd > from && bytes[lineEnd - 1] == '\r' ? lineEnd - 1 : lineEnd;
        if (state == COMMAND) {
            begin(command(bytes, from, end));
            isPlain = end == lineEnd;
        } else if (from == end) {
            boolean isLearnt =
                    isPlain && end == lineEnd && isMessage() && many == null && 2 * headerCount == pairsLength;
            if (isLearnt) known.learn(pairs, pairsLength);
            beginBody();
        } else {
            header(bytes, from, end, end == lineEnd);
        }
    }

    private static String command(byte[] bytes, int from, int end) throws BadMessageException {
        for (String one : COMMANDS) {
            if (is(one, bytes, from, end)) return one;
        }
        boolean unused = checkLine(bytes, from, end);
        throw new BadMessageException("unknown command");
    }

    /** @param endsWithLf whether an LF ends the line, without a CR */
    private void header(byte[] bytes, int from, int end, boolean endsWithLf) throws BadMessageException {
        boolean hasNoEscapes = checkLine(bytes, from, end);
        isPlain &= hasNoEscapes && endsWithLf;
        countHeader();
        int colon = from;
        while (colon < end && bytes[colon] != ':') colon++;
        if (colon == end) throw new BadMessageException("header without a colon");
        if (colon == from) throw new BadMessageException("header without a name");
        String name = new String(bytes, from, colon - from, StandardCharsets.UTF_8);
        String value = new String(bytes, colon + 1, end - colon - 1, StandardCharsets.UTF_8);
        if (hasNoEscapes) {
            add(name, value);
        } else {
            boolean escaped = !command.equals("CONNECTED");
            add(escaped ? unescape(name) : name, escaped ? unescape(value) : value);
        }
    }

    private void countHeader() throws BadMessageException {
        if (headerCount == MAX_HEADERS) throw new BadMessageException("more than " + MAX_HEADERS + " headers");
        headerCount++;
    }

    /** Adds a header unless there is one of its name. */
    private void add(String name, String value) {
        Map<String, String> all = many;
        if (all != null) {
            all.putIfAbsent(name, value);
        } else if (Headers.find(name, pairs, pairsLength) >= 0) {
            return;
        } else if (pairsLength < 2 * Headers.MAX) {
            if (pairsLength == pairs.length)
                pairs = Arrays.copyOf(pairs, Math.min(pairsLength + FIRST_PAIRS, 2 * Headers.MAX));
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
            state = OPEN;
            return;
        }
        missing = length(length);
        if (missing > maxBodyBytes) throw tooLarge();
        state = missing == 0 ? END : COUNTED;
    }

    private static long length(String text) throws BadMessageException {
        boolean digits = !text.isEmpty() && text.length() <= MAX_LENGTH_DIGITS;
        for (int i = 0; digits && i < text.length(); i++) digits = text.charAt(i) >= '0' && text.charAt(i) <= '9';
        if (!digits) throw new BadMessageException("illegal content-length");
        return Long.parseLong(text);
    }
}

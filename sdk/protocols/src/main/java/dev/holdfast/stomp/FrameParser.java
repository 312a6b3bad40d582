package dev.holdfast.stomp;

import dev.holdfast.internal.protocols.BadMessageException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import okio.Buffer;

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
    private Map<String, String> headers = new LinkedHashMap<>();
    private int headerCount;

    private final Buffer body = new Buffer();
    /** The bytes of the body that have not come, if its length is known. */
    private long missing;

    FrameParser(long maxBodyBytes) {
        this.maxBodyBytes = maxBodyBytes;
    }

    /**
     * Parses the next bytes of the connection.
     *
     * @param out gets the frames that are complete, also if an exception is thrown
     */
    void parse(byte[] bytes, int from, int size, List<Frame> out) throws BadMessageException {
        int end = from + size;
        int at = from;
        while (at < end) at = step(bytes, at, end, out);
    }

    /** Parses one part, and returns the index behind it. */
    private int step(byte[] bytes, int at, int end, List<Frame> out) throws BadMessageException {
        switch (state) {
            case BETWEEN:
                if (bytes[at] == '\n' || bytes[at] == '\r') return at + 1;
                state = State.HEAD;
                return at;
            case HEAD:
                return head(bytes, at, end);
            case COUNTED: {
                int part = (int) Math.min(missing, end - at);
                body.write(bytes, at, part);
                missing -= part;
                if (missing == 0) state = State.END;
                return at + part;
            }
            case OPEN: {
                int nul = indexOf((byte) Frame.NUL, bytes, at, end);
                int until = nul < 0 ? end : nul;
                if (body.size() + (until - at) > maxBodyBytes) throw tooLarge();
                body.write(bytes, at, until - at);
                if (nul < 0) return end;
                complete(out);
                return nul + 1;
            }
            default:
                if (bytes[at] != Frame.NUL) throw new BadMessageException("no NUL behind a body");
                complete(out);
                return at + 1;
        }
    }

    private void complete(List<Frame> out) {
        out.add(new Frame(command, headers, body.readByteString()));
        command = "";
        headers = new LinkedHashMap<>();
        headerCount = 0;
        headBytes = 0;
        state = State.BETWEEN;
    }

    private BadMessageException tooLarge() {
        return new BadMessageException("body of more than " + maxBodyBytes + " bytes");
    }

    // ---- command and headers ----

    private int head(byte[] bytes, int at, int end) throws BadMessageException {
        int newline = indexOf((byte) '\n', bytes, at, end);
        headBytes += newline < 0 ? end - at : newline - at + 1;
        if (headBytes > MAX_HEAD_BYTES) {
            throw new BadMessageException("headers of more than " + MAX_HEAD_BYTES + " bytes");
        }
        if (newline < 0) {
            line.write(bytes, at, end - at);
        } else if (line.size() == 0) {
            line(bytes, at, newline);
        } else {
            line.write(bytes, at, newline - at);
            byte[] whole = line.readByteArray();
            line(whole, 0, whole.length);
        }
        return newline < 0 ? end : newline + 1;
    }

    /** Parses a line without its LF. */
    private void line(byte[] bytes, int from, int lineEnd) throws BadMessageException {
        int end = lineEnd > from && bytes[lineEnd - 1] == '\r' ? lineEnd - 1 : lineEnd;
        if (command.isEmpty()) {
            command = command(text(bytes, from, end));
        } else if (from == end) {
            beginBody();
        } else {
            header(text(bytes, from, end));
        }
    }

    private static String command(String text) throws BadMessageException {
        switch (text) {
            case "CONNECTED":
            case "MESSAGE":
            case "RECEIPT":
            case "ERROR":
                return text;
            default:
                throw new BadMessageException("unknown command");
        }
    }

    private void header(String text) throws BadMessageException {
        if (++headerCount > MAX_HEADERS) throw new BadMessageException("more than " + MAX_HEADERS + " headers");
        int colon = text.indexOf(':');
        if (colon < 1) throw new BadMessageException(colon < 0 ? "header without a colon" : "header without a name");
        boolean escaped = !command.equals("CONNECTED");
        String name = text.substring(0, colon);
        String value = text.substring(colon + 1);
        headers.putIfAbsent(escaped ? unescape(name) : name, escaped ? unescape(value) : value);
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

    /** Returns a line as text. */
    private static String text(byte[] bytes, int from, int end) throws BadMessageException {
        for (int i = from; i < end; i++) {
            if (bytes[i] == Frame.NUL || bytes[i] == '\r') throw new BadMessageException("NUL or CR in a header");
        }
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes, from, end - from))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new BadMessageException("header that is not UTF-8");
        }
    }

    // ---- body ----

    private void beginBody() throws BadMessageException {
        String length = headers.get("content-length");
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

    private static int indexOf(byte sought, byte[] bytes, int from, int end) {
        for (int i = from; i < end; i++) {
            if (bytes[i] == sought) return i;
        }
        return -1;
    }
}

package dev.holdfast.stomp;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import okio.Buffer;
import okio.ByteString;
import org.jspecify.annotations.Nullable;

/** A STOMP 1.2 frame. Immutable. */
final class Frame {
    static final char NUL = '\0';

    final String command;
    /** The headers, unescaped. Of a repeated header the first value counts (section "Repeated Header Entries"). */
    final Map<String, String> headers;

    /** The body as it was read: a text, or bytes if this is null. */
    private final @Nullable String text;

    private final ByteString bytes;
    private final int headBytes;
    private final int bodyBytes;

    /**
     * Creates a frame whose body is bytes.
     *
     * @param headers nobody changes it
     * @param headBytes the bytes of the command and the headers
     */
    Frame(String command, Map<String, String> headers, int headBytes, ByteString body) {
        this(command, headers, headBytes, null, body, body.size());
    }

    /**
     * Creates a frame whose body was received as UTF-8.
     *
     * @param headers nobody changes it
     * @param headBytes the bytes of the command and the headers
     * @param bodyBytes the bytes of the body
     */
    Frame(String command, Map<String, String> headers, int headBytes, String body, int bodyBytes) {
        this(command, headers, headBytes, body, ByteString.EMPTY, bodyBytes);
    }

    private Frame(
            String command,
            Map<String, String> headers,
            int headBytes,
            @Nullable String text,
            ByteString bytes,
            int bodyBytes) {
        this.command = command;
        this.headers = headers;
        this.headBytes = headBytes;
        this.text = text;
        this.bytes = bytes;
        this.bodyBytes = bodyBytes;
    }

    ByteString body() {
        return text == null ? bytes : ByteString.encodeUtf8(text);
    }

    /** Returns the body as text in UTF-8. */
    String bodyText() {
        return text == null ? bytes.utf8() : text;
    }

    int bodyBytes() {
        return bodyBytes;
    }

    /** Returns the bytes of the command, the headers and the body. */
    long bytes() {
        return (long) headBytes + bodyBytes;
    }

    @Nullable
    String header(String name) {
        return headers.get(name);
    }

    // ---- writing ----

    /** Returns a frame without a body. */
    static String text(String command, Map<String, String> headers) {
        return head(new StringBuilder(), command, headers).append(NUL).toString();
    }

    /** Returns a frame whose body is text. It must not contain NUL, since it has no content-length. */
    static String text(String command, Map<String, String> headers, String body) {
        return head(new StringBuilder(body.length() + 128), command, headers)
                .append(body)
                .append(NUL)
                .toString();
    }

    /** Returns a frame whose body is bytes. The headers have the content-length. */
    static ByteString binary(String command, Map<String, String> headers, ByteString body) {
        return new Buffer()
                .writeString(head(new StringBuilder(), command, headers).toString(), StandardCharsets.UTF_8)
                .write(body)
                .writeByte(NUL)
                .readByteString();
    }

    private static StringBuilder head(StringBuilder out, String command, Map<String, String> headers) {
        out.append(command).append('\n');
        // A client of STOMP 1.0 or its server would not unescape these.
        boolean escapes = !command.equals("CONNECT");
        headers.forEach((name, value) -> {
            append(out, name, escapes);
            out.append(':');
            append(out, value, escapes);
            out.append('\n');
        });
        return out.append('\n');
    }

    private static void append(StringBuilder out, String text, boolean escapes) {
        out.append(escapes ? escaped(text) : text);
    }

    /** Returns the name or the value of a header with its escapes. */
    static String escaped(String text) {
        int plain = 0;
        while (plain < text.length() && escapeOf(text.charAt(plain)) == NUL) plain++;
        if (plain == text.length()) return text;
        StringBuilder out = new StringBuilder(text.length() + 8).append(text, 0, plain);
        for (int i = plain; i < text.length(); i++) {
            char c = text.charAt(i);
            char escape = escapeOf(c);
            if (escape == NUL) {
                out.append(c);
            } else {
                out.append('\\').append(escape);
            }
        }
        return out.toString();
    }

    private static char escapeOf(char c) {
        switch (c) {
            case '\n':
                return 'n';
            case '\r':
                return 'r';
            case ':':
                return 'c';
            case '\\':
                return '\\';
            default:
                return NUL;
        }
    }

    /**
     * Checks headers that the application sets.
     *
     * @param escaped whether the frame escapes its headers, so that they may have line breaks
     * @throws IllegalArgumentException if a header can't be sent
     */
    static void check(Map<String, String> headers, boolean escaped) {
        headers.forEach((name, value) -> {
            if (name.isEmpty()) throw new IllegalArgumentException("the name of a header is empty");
            if (name.indexOf(NUL) >= 0 || value.indexOf(NUL) >= 0) {
                throw new IllegalArgumentException("a header contains NUL");
            }
            if (escaped) return;
            if (name.indexOf(':') >= 0 || hasLineBreak(name) || hasLineBreak(value)) {
                throw new IllegalArgumentException("a header of CONNECT has a line break, or a colon in its name");
            }
        });
    }

    private static boolean hasLineBreak(String text) {
        return text.indexOf('\n') >= 0 || text.indexOf('\r') >= 0;
    }

    /** Returns the command and the sizes, but not the content. */
    @Override
    public String toString() {
        return command + " with " + headers.size() + " headers and " + bodyBytes + " bytes";
    }
}

package dev.holdfast.stomp;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import okio.ByteString;

/**
 * A second parser of STOMP frames, written from the grammar of STOMP 1.2 and as simple as it can be: it has all bytes at once. The
 * parser of the client must agree with it.
 */
final class SimpleFrames {
    private final byte[] bytes;
    private final long maxBody;
    private int at;

    private SimpleFrames(byte[] bytes, long maxBody) {
        this.bytes = bytes;
        this.maxBody = maxBody;
    }

    /** Returns what the frames say, one line each, and at the end {@code illegal} or {@code incomplete} if they are. */
    static List<String> read(byte[] bytes, long maxBody) {
        SimpleFrames frames = new SimpleFrames(bytes, maxBody);
        List<String> all = new ArrayList<>();
        try {
            while (frames.skipEols()) all.add(frames.frame());
        } catch (ArrayIndexOutOfBoundsException e) {
            all.add("incomplete");
        } catch (IllegalArgumentException e) {
            all.add("illegal");
        }
        return all;
    }

    static String describe(String command, Map<String, String> headers, ByteString body) {
        return command + headers + body.hex();
    }

    private boolean skipEols() {
        while (at < bytes.length && (bytes[at] == '\n' || bytes[at] == '\r')) at++;
        return at < bytes.length;
    }

    private String frame() {
        String command = line();
        if (!List.of("CONNECTED", "MESSAGE", "RECEIPT", "ERROR").contains(command))
            throw new IllegalArgumentException();
        Map<String, String> headers = new LinkedHashMap<>();
        int count = 0;
        for (String line = line(); !line.isEmpty(); line = line()) {
            if (++count > FrameParser.MAX_HEADERS) throw new IllegalArgumentException();
            String[] parts = line.split(":", 2);
            if (parts.length < 2 || parts[0].isEmpty()) throw new IllegalArgumentException();
            boolean escaped = !command.equals("CONNECTED");
            String name = escaped ? unescape(parts[0]) : parts[0];
            String value = escaped ? unescape(parts[1]) : parts[1];
            headers.putIfAbsent(name, value);
        }
        return describe(command, headers, body(headers.get("content-length")));
    }

    private String line() {
        int from = at;
        while (bytes[at] != '\n') at++;
        byte[] line = Arrays.copyOfRange(bytes, from, at++);
        if (line.length > 0 && line[line.length - 1] == '\r') line = Arrays.copyOf(line, line.length - 1);
        for (byte b : line) {
            if (b == 0 || b == '\r') throw new IllegalArgumentException();
        }
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(line))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new IllegalArgumentException(e);
        }
    }

    private static String unescape(String text) {
        // What no header has stands for a backslash meanwhile.
        String found = text.replace("\\\\", "\0")
                .replace("\\n", "\n")
                .replace("\\r", "\r")
                .replace("\\c", ":");
        if (found.indexOf('\\') >= 0) throw new IllegalArgumentException();
        return found.replace("\0", "\\");
    }

    private ByteString body(String length) {
        int from = at;
        if (length == null) {
            for (; ; at++) {
                if (at - from > maxBody) throw new IllegalArgumentException();
                if (bytes[at] == 0) break;
            }
        } else {
            if (!length.matches("[0-9]{1,15}") || Long.parseLong(length) > maxBody)
                throw new IllegalArgumentException();
            at += Integer.parseInt(length);
            if (bytes[at] != 0) throw new IllegalArgumentException();
        }
        return ByteString.of(bytes, from, at++ - from);
    }
}

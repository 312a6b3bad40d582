package dev.holdfast.testkit;

import java.nio.charset.StandardCharsets;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** A proxy between a client and its server that reads HTTP. It affects new connections, each of which carries one request. */
public enum Middlebox {
    /** Nothing: bytes pass, whatever they are. */
    NONE,
    /** A proxy that refuses upgrades with 403, and lets other requests pass. */
    FORBIDS_UPGRADES,
    /** A proxy that answers upgrades with 200 and a page, and lets other requests pass. */
    ANSWERS_UPGRADES,
    /** A proxy that refuses upgrades with 403, and holds answers back until they are complete or its buffer is full. */
    BUFFERS;

    private static final String PAGE = "<html><body>WebSockets are not allowed here.</body></html>";
    private static final String END_OF_HEAD = "\r\n\r\n";

    /** Returns whether these bytes, decoded as ISO 8859-1, contain the whole head of a request. */
    static boolean hasHead(String request) {
        return request.contains(END_OF_HEAD);
    }

    /** Returns the answer to a request that does not get through; null if it does. */
    byte @Nullable [] answerTo(String request) {
        String head = request.substring(0, request.indexOf(END_OF_HEAD) + 2).toLowerCase(Locale.ROOT);
        if (this == NONE || !head.contains("\r\nupgrade: websocket\r\n")) return null;
        String status = this == ANSWERS_UPGRADES ? "200 OK" : "403 Forbidden";
        return ("HTTP/1.1 " + status + "\r\nContent-Type: text/html\r\nContent-Length: " + PAGE.length()
                        + "\r\nConnection: close" + END_OF_HEAD + PAGE)
                .getBytes(StandardCharsets.ISO_8859_1);
    }

    /** Returns the request as it goes to the server, which is asked to end the connection after its answer. */
    static byte[] forwarded(String request) {
        int end = request.indexOf(END_OF_HEAD);
        String head = request.substring(0, end).replaceAll("(?i)\r\nConnection: [^\r]*", "");
        return (head + "\r\nConnection: close" + request.substring(end)).getBytes(StandardCharsets.ISO_8859_1);
    }
}

package dev.holdfast.stomp;

import dev.holdfast.internal.frame.Utf8Length;
import dev.holdfast.internal.session.Packet;
import dev.holdfast.internal.session.TextWriter;
import java.util.Collections;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A SEND frame that is short, and whose body is text. It goes out without being made: that saves the memory of a copy. Immutable. */
final class SendText implements Packet.Text {
    static final String RECEIPT = "receipt";

    private static final String COMMAND = "SEND";
    private static final String DESTINATION = "destination";
    private static final String CONTENT_TYPE = "content-type";

    private final String destination;
    private final Map<String, String> headers;
    private final Body body;
    /** The id of the receipt that it asks for, 0 for none. */
    private final long receipt;

    private final long bytes;

    private SendText(String destination, Map<String, String> headers, Body body, long receipt, long bytes) {
        this.destination = destination;
        this.headers = headers;
        this.body = body;
        this.receipt = receipt;
        this.bytes = bytes;
    }

    /**
     * Returns a frame, null if it must be made.
     *
     * @param headers the application's; nobody changes it
     * @param receipt the id of the receipt that it asks for, 0 for none
     */
    static @Nullable SendText of(String destination, Map<String, String> headers, Body body, long receipt) {
        String text = body.text();
        // The buffer for a longer one would not be kept, so it is made as a string. Its characters need not be counted
        // for that.
        if (text == null || text.length() > TextWriter.MAX_KEPT) return null;
        String contentType = body.contentType();
        // The application's content type takes the place of the body's.
        if (contentType != null && headers.containsKey(CONTENT_TYPE)) return null;
        long bytes = COMMAND.length() + 1 + bytesOf(DESTINATION, destination);
        if (contentType != null) bytes += bytesOf(CONTENT_TYPE, contentType);
        if (!headers.isEmpty()) {
            for (Map.Entry<String, String> header : headers.entrySet()) {
                bytes += bytesOf(header.getKey(), header.getValue());
            }
        }
        if (receipt != 0) bytes += bytesOf(RECEIPT, Long.toString(receipt));
        // An empty line, the body and NUL.
        bytes += 1 + Utf8Length.of(text) + 1;
        return bytes > TextWriter.MAX_KEPT ? null : new SendText(destination, headers, body, receipt, bytes);
    }

    /** Returns the bytes of a header line. */
    private static long bytesOf(String name, String value) {
        return Utf8Length.of(Frame.escaped(name)) + 1 + Utf8Length.of(Frame.escaped(value)) + 1;
    }

    @Override
    public long bytes() {
        return bytes;
    }

    void write(TextWriter out) {
        out.begin().raw(COMMAND).raw("\n");
        write(DESTINATION, destination, out);
        String contentType = body.contentType();
        if (contentType != null) write(CONTENT_TYPE, contentType, out);
        if (!headers.isEmpty()) headers.forEach((name, value) -> write(name, value, out));
        if (receipt != 0) write(RECEIPT, Long.toString(receipt), out);
        out.raw("\n").text(String.valueOf(body.text())).raw("\0");
    }

    private static void write(String name, String value, TextWriter out) {
        out.text(Frame.escaped(name)).raw(":").text(Frame.escaped(value)).raw("\n");
    }

    @Override
    public String toString() {
        return String.valueOf(body.send(destination, headers, asking(receipt)).text);
    }

    /** Returns the header that asks for a receipt, none for 0. */
    static Map<String, String> asking(long receipt) {
        return receipt == 0 ? Collections.emptyMap() : Collections.singletonMap(RECEIPT, Long.toString(receipt));
    }
}

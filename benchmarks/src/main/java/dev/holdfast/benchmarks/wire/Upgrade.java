package dev.holdfast.benchmarks.wire;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** Both sides of the opening handshake, RFC 6455 section 4. No extension is ever selected. */
public final class Upgrade {
    private static final String GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
    private static final String PROTOCOL = "sec-websocket-protocol";

    private Upgrade() {}

    /** Reads a client's request, selects the last subprotocol that it offers, and returns the requested path. */
    public static String accept(InputStream in, OutputStream out) throws IOException {
        String[] lines = readHead(in).split("\r\n", -1);
        Map<String, String> headers = new TreeMap<>();
        for (String line : lines) {
            int colon = line.indexOf(':');
            if (colon > 0)
                headers.put(
                        line.substring(0, colon).toLowerCase(Locale.ROOT),
                        line.substring(colon + 1).trim());
        }
        String key = headers.get("sec-websocket-key");
        if (key == null) throw new IOException("not an upgrade: " + lines[0]);
        StringBuilder response = new StringBuilder("HTTP/1.1 101 Switching Protocols\r\n")
                .append("Upgrade: websocket\r\nConnection: Upgrade\r\n")
                .append("Sec-WebSocket-Accept: ")
                .append(acceptKey(key))
                .append("\r\n");
        String protocol = headers.get(PROTOCOL);
        if (protocol != null) {
            String last = protocol.substring(protocol.lastIndexOf(',') + 1);
            response.append("Sec-WebSocket-Protocol: ").append(last.trim()).append("\r\n");
        }
        out.write(response.append("\r\n").toString().getBytes(StandardCharsets.ISO_8859_1));
        return lines[0].split(" ", -1)[1];
    }

    /** Asks a server for a WebSocket and reads its answer. */
    public static void request(URI uri, InputStream in, OutputStream out) throws IOException {
        String request = "GET " + uri.getPath() + " HTTP/1.1\r\nHost: " + uri.getAuthority() + "\r\n"
                + "Upgrade: websocket\r\nConnection: Upgrade\r\n"
                + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n";
        out.write(request.getBytes(StandardCharsets.ISO_8859_1));
        String head = readHead(in);
        if (!head.startsWith("HTTP/1.1 101 ")) throw new IOException("refused: " + head);
    }

    private static String acceptKey(String key) {
        try {
            byte[] digest =
                    MessageDigest.getInstance("SHA-1").digest((key + GUID).getBytes(StandardCharsets.ISO_8859_1));
            return Base64.getEncoder().encodeToString(digest);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Reads byte by byte, so that nothing after the head is consumed. */
    private static String readHead(InputStream in) throws IOException {
        StringBuilder head = new StringBuilder();
        while (head.length() < 4 || !head.substring(head.length() - 4).equals("\r\n\r\n")) {
            int next = in.read();
            if (next == -1) throw new EOFException("stream ended inside the opening handshake");
            head.append((char) next);
        }
        return head.toString();
    }
}

package dev.holdfast.conformance;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import javax.net.ssl.SSLSocketFactory;
import org.jspecify.annotations.Nullable;

/** A request on a TCP connection of its own, and the answer as it comes. Used by one thread, but any may cut it. */
final class RawRequest implements AutoCloseable {
    private static final int CONNECT_MILLIS = 10_000;
    private static final int MAX_HEAD = 1 << 16;
    private static final int MAX_BODY = 1 << 26;

    /** The head of an answer, with the names of its headers in lower case. */
    record Head(int status, Map<String, String> headers) {}

    private final Socket socket;
    private final DataInputStream in;
    private @Nullable Head head;
    /** What is left of the body, or of the chunk; -1 if the body ends with the connection. */
    private long left;

    private boolean chunked;
    private boolean ended;

    private RawRequest(Socket socket) throws IOException {
        this.socket = socket;
        this.in = new DataInputStream(new BufferedInputStream(socket.getInputStream(), 1 << 16));
    }

    /** Connects to the server of a URL, whose scheme is {@code ws} or {@code wss}. */
    static Socket connect(URI uri) throws IOException {
        boolean tls = "wss".equals(uri.getScheme());
        int port = uri.getPort() > 0 ? uri.getPort() : tls ? 443 : 80;
        Socket socket = new Socket();
        try {
            socket.connect(new InetSocketAddress(uri.getHost(), port), CONNECT_MILLIS);
            socket.setTcpNoDelay(true);
            if (!tls) return socket;
            return ((SSLSocketFactory) SSLSocketFactory.getDefault()).createSocket(socket, uri.getHost(), port, true);
        } catch (IOException | RuntimeException e) {
            socket.close();
            throw e;
        }
    }

    /** Returns the head of a request, with the empty line at its end. */
    static byte[] head(String method, URI uri, Map<String, String> headers) {
        String path = uri.getRawPath() == null || uri.getRawPath().isEmpty() ? "/" : uri.getRawPath();
        String query = uri.getRawQuery() == null ? "" : "?" + uri.getRawQuery();
        StringBuilder text = new StringBuilder(method + " " + path + query + " HTTP/1.1\r\n");
        text.append("Host: " + uri.getHost() + (uri.getPort() > 0 ? ":" + uri.getPort() : "") + "\r\n");
        headers.forEach((name, value) -> text.append(name + ": " + value + "\r\n"));
        return text.append("\r\n").toString().getBytes(StandardCharsets.ISO_8859_1);
    }

    static Head readHead(DataInputStream in) throws IOException {
        StringBuilder text = new StringBuilder();
        while (text.length() < 4 || !text.substring(text.length() - 4).equals("\r\n\r\n")) {
            if (text.length() > MAX_HEAD) throw new IOException("the head of the answer is too long");
            text.append((char) in.readUnsignedByte());
        }
        String[] lines = text.toString().split("\r\n", -1);
        Map<String, String> headers = new LinkedHashMap<>();
        for (String line : lines) {
            int colon = line.indexOf(':');
            if (colon <= 0) continue;
            headers.put(
                    line.substring(0, colon).toLowerCase(Locale.ROOT),
                    line.substring(colon + 1).trim());
        }
        try {
            return new Head(Integer.parseInt(lines[0].split(" ", -1)[1]), headers);
        } catch (RuntimeException e) {
            throw new IOException("not an HTTP answer: " + lines[0], e);
        }
    }

    /** Sends a POST of section 15. */
    static RawRequest post(URI uri, Map<String, String> headers, String body) throws IOException {
        Socket socket = connect(uri);
        try {
            RawRequest request = new RawRequest(socket);
            byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
            Map<String, String> all = new LinkedHashMap<>();
            all.put("Content-Type", "application/json");
            all.put("Content-Length", Integer.toString(bytes.length));
            all.put("Connection", "close");
            all.putAll(headers);
            byte[] head = head("POST", uri, all);
            // In one write: a server may answer, and close, as soon as it has read the head.
            ByteArrayOutputStream whole = new ByteArrayOutputStream(head.length + bytes.length);
            whole.writeBytes(head);
            whole.writeBytes(bytes);
            whole.writeTo(socket.getOutputStream());
            return request;
        } catch (IOException | RuntimeException e) {
            socket.close();
            throw e;
        }
    }

    /** Waits for the head of the answer, for this long at most; 0 waits for ever. */
    Head answer(int millis) throws IOException {
        if (head != null) return head;
        socket.setSoTimeout(millis);
        Head read = readHead(in);
        head = read;
        String coding = read.headers().getOrDefault("transfer-encoding", "");
        chunked = coding.toLowerCase(Locale.ROOT).equals("chunked");
        String length = read.headers().get("content-length");
        left = chunked ? 0 : length == null ? -1 : Long.parseLong(length);
        ended = read.status() == 204 || (left == 0 && !chunked);
        return read;
    }

    /** Returns the next bytes of the body, or an empty array at its orderly end. */
    byte[] next() throws IOException {
        if (ended) return new byte[0];
        if (chunked && left == 0) {
            left = Long.parseLong(line().split(";", 2)[0].trim(), 16);
            if (left == 0) {
                while (!line().isEmpty()) {}
                ended = true;
                return new byte[0];
            }
        }
        byte[] piece = new byte[(int) Math.min(left < 0 ? Integer.MAX_VALUE : left, 1 << 16)];
        int count = in.read(piece);
        if (count < 0 && left < 0) {
            ended = true;
            return new byte[0];
        }
        if (count < 0) throw new EOFException("the answer broke off");
        if (left > 0) {
            left -= count;
            if (left == 0 && chunked) line();
            if (left == 0 && !chunked) ended = true;
        }
        return java.util.Arrays.copyOf(piece, count);
    }

    private String line() throws IOException {
        StringBuilder text = new StringBuilder();
        for (int b = in.readUnsignedByte(); b != '\n'; b = in.readUnsignedByte()) {
            if (text.length() > MAX_HEAD) throw new IOException("a line of the answer is too long");
            if (b != '\r') text.append((char) b);
        }
        return text.toString();
    }

    /** Waits for the whole body. */
    byte[] body(int millis) throws IOException {
        Head unused = answer(millis);
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (byte[] piece = next(); piece.length > 0; piece = next()) {
            all.writeBytes(piece);
            if (all.size() > MAX_BODY) throw new IOException("an answer of more than " + MAX_BODY + " bytes");
        }
        return all.toByteArray();
    }

    /** Returns the body as it comes. */
    InputStream stream() {
        return new InputStream() {
            private byte[] piece = new byte[0];
            private int at;

            private boolean isAtEnd() throws IOException {
                if (at < piece.length) return false;
                piece = next();
                at = 0;
                return piece.length == 0;
            }

            @Override
            public int read() throws IOException {
                return isAtEnd() ? -1 : piece[at++] & 0xff;
            }

            @Override
            public int read(byte[] to, int from, int length) throws IOException {
                if (length == 0) return 0;
                if (isAtEnd()) return -1;
                int count = Math.min(length, piece.length - at);
                System.arraycopy(piece, at, to, from, count);
                at += count;
                return count;
            }
        };
    }

    /** Sets how long a read waits; 0 for ever. */
    void patience(int millis) throws IOException {
        socket.setSoTimeout(millis);
    }

    void cut() throws IOException {
        if (socket.isClosed()) return;
        socket.setSoLinger(true, 0);
        socket.close();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}

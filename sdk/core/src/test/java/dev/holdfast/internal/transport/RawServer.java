package dev.holdfast.internal.transport;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedInputStream;
import java.io.Closeable;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;
import okhttp3.tls.HandshakeCertificates;
import okio.Buffer;
import okio.ByteString;

/**
 * A server of bytes that does, or spoils, exactly what a test says. It has no thread: the test's own plays it. Its frames
 * are made and read without the codec under test.
 */
public final class RawServer implements Closeable {
    private static final int LIMIT_MILLIS = (int) TimeUnit.SECONDS.toMillis(10);
    private static final String ACCEPT_SUFFIX = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

    /** For a server that speaks TLS. */
    private final SSLSocketFactory tls;

    private final ServerSocket listening;
    private final List<Peer> peers = new ArrayList<>();

    public RawServer() {
        this(null, 0);
    }

    /** @param receiveBuffer how little a peer takes in before it reads */
    public RawServer(int receiveBuffer) {
        this(null, receiveBuffer);
    }

    /** @param certificates what the server shows of itself in the TLS handshake */
    public RawServer(HandshakeCertificates certificates) {
        this(certificates.sslSocketFactory(), 0);
    }

    private RawServer(SSLSocketFactory tls, int receiveBuffer) {
        this.tls = tls;
        try {
            listening = new ServerSocket();
            if (receiveBuffer > 0) listening.setReceiveBufferSize(receiveBuffer);
            listening.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
            listening.setSoTimeout(LIMIT_MILLIS);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public int port() {
        return listening.getLocalPort();
    }

    public String url() {
        return (tls == null ? "ws" : "wss") + "://127.0.0.1:" + port() + "/live";
    }

    /** Waits for the next client. */
    public Peer accept() throws IOException {
        Socket tcp = listening.accept();
        Peer peer = new Peer(tcp, tls == null ? tcp : (SSLSocket) tls.createSocket(tcp, null, true));
        peers.add(peer);
        return peer;
    }

    /** Waits for the next client, which asks for an upgrade and gets it. */
    public Peer acceptUpgrade() throws IOException {
        Peer peer = accept();
        peer.readRequest();
        peer.answer(peer.upgraded());
        return peer;
    }

    /** Nobody listens any more; the peers stay. */
    public void stopListening() throws IOException {
        listening.close();
    }

    @Override
    public void close() throws IOException {
        listening.close();
        for (Peer peer : peers) peer.close();
    }

    /** A frame from a client, unmasked. */
    public record Frame(boolean fin, int opcode, ByteString payload) {
        /** Null at the end of the stream. */
        static Frame read(DataInputStream in) throws IOException {
            return read(in, 0);
        }

        static Frame read(DataInputStream in, int reservedBits) throws IOException {
            int first = in.read();
            if (first == -1) return null;
            assertEquals(reservedBits, first & 0x70, "reserved bits");
            int second = in.readUnsignedByte();
            assertTrue((second & 0x80) != 0, "a client's frame is masked");
            long length = second & 0x7f;
            if (length == 126) {
                length = in.readUnsignedShort();
                assertTrue(length >= 126, "shortest form of the length");
            } else if (length == 127) {
                length = in.readLong();
                assertTrue(length >= 65_536, "shortest form of the length");
            }
            byte[] key = new byte[4];
            in.readFully(key);
            byte[] payload = new byte[Math.toIntExact(length)];
            in.readFully(payload);
            for (int i = 0; i < payload.length; i++) payload[i] ^= key[i % 4];
            return new Frame((first & 0x80) != 0, first & 0x0f, ByteString.of(payload));
        }

        public int closeCode() {
            assertEquals(8, opcode, "opcode of " + this);
            return payload.size() == 0 ? 1005 : ((payload.getByte(0) & 0xff) << 8) | (payload.getByte(1) & 0xff);
        }

        public String utf8() {
            return payload.utf8();
        }

        @Override
        public String toString() {
            return (fin ? "frame " : "fragment ") + opcode + " of " + payload.size() + " bytes";
        }
    }

    /** The server's end of one connection. */
    public static final class Peer implements Closeable {
        private final Socket tcp;
        private final Socket socket;
        private final DataInputStream in;
        private final List<String> request = new ArrayList<>();

        Peer(Socket tcp, Socket socket) throws IOException {
            this.tcp = tcp;
            this.socket = socket;
            socket.setSoTimeout(LIMIT_MILLIS);
            socket.setTcpNoDelay(true);
            in = new DataInputStream(new BufferedInputStream(socket.getInputStream()));
        }

        // ---- HTTP ----

        /** Reads a request's head. */
        public void readRequest() throws IOException {
            request.clear();
            StringBuilder line = new StringBuilder();
            while (true) {
                char c = (char) in.readUnsignedByte();
                if (c == '\r') continue;
                if (c != '\n') {
                    line.append(c);
                } else if (line.length() == 0) {
                    return;
                } else {
                    request.add(line.toString());
                    line.setLength(0);
                }
            }
        }

        public String requestLine() {
            return request.get(0);
        }

        /** Every value of a request header. */
        public List<String> header(String name) {
            List<String> values = new ArrayList<>();
            for (String line : request) {
                if (line.regionMatches(true, 0, name + ": ", 0, name.length() + 2)) {
                    values.add(line.substring(name.length() + 2));
                }
            }
            return values;
        }

        /** What answers the request's key, RFC 6455 section 4.2.2. */
        public String acceptToken() {
            return ByteString.encodeUtf8(header("Sec-WebSocket-Key").get(0) + ACCEPT_SUFFIX)
                    .sha1()
                    .base64();
        }

        /** The head of a right answer to an upgrade, each line but the last empty one. */
        public List<String> upgraded() {
            List<String> head = new ArrayList<>();
            head.add("HTTP/1.1 101 Switching Protocols");
            head.add("Upgrade: websocket");
            head.add("Connection: Upgrade");
            head.add("Sec-WebSocket-Accept: " + acceptToken());
            for (String subprotocol : header("Sec-WebSocket-Protocol")) {
                head.add("Sec-WebSocket-Protocol: " + subprotocol);
            }
            return head;
        }

        public void answer(List<String> head) throws IOException {
            write(String.join("\r\n", head) + "\r\n\r\n");
        }

        public void answer(String... head) throws IOException {
            answer(List.of(head));
        }

        // ---- bytes ----

        /** Waits until the client has sent something, and takes one byte of it. */
        public void awaitByte() throws IOException {
            in.readUnsignedByte();
        }

        public void write(String latin1) throws IOException {
            write(latin1.getBytes(ISO_8859_1));
        }

        public void write(byte[] bytes) throws IOException {
            socket.getOutputStream().write(bytes);
            socket.getOutputStream().flush();
        }

        /** Bytes as the RFC prints them. */
        public void hex(String bytes) throws IOException {
            write(ByteString.decodeHex(bytes.replace(" ", "")).toByteArray());
        }

        // ---- frames ----

        public void text(String text) throws IOException {
            write(frame(0x81, ByteString.encodeUtf8(text)));
        }

        public void binary(ByteString payload) throws IOException {
            write(frame(0x82, payload));
        }

        public void ping(String payload) throws IOException {
            write(frame(0x89, ByteString.encodeUtf8(payload)));
        }

        public void pong(ByteString payload) throws IOException {
            write(frame(0x8a, payload));
        }

        public void closeFrame(int code, String reason) throws IOException {
            write(close(code, reason));
        }

        public static byte[] close(int code, String reason) {
            return frame(0x88, new Buffer().writeShort(code).writeUtf8(reason).readByteString());
        }

        public static byte[] frame(int firstByte, ByteString payload) {
            Buffer frame = new Buffer().writeByte(firstByte);
            if (payload.size() < 126) {
                frame.writeByte(payload.size());
            } else if (payload.size() < 65_536) {
                frame.writeByte(126).writeShort(payload.size());
            } else {
                frame.writeByte(127).writeLong(payload.size());
            }
            return frame.write(payload).readByteArray();
        }

        /** The client's next frame; null where it ended its stream instead. */
        public Frame readFrame() throws IOException {
            return Frame.read(in);
        }

        /** The client's next frame is a whole text message. */
        public void takeText(String text) throws IOException {
            Frame frame = take();
            assertEquals(new Frame(true, 1, ByteString.encodeUtf8(text)), frame);
        }

        /** The client's next frame is a close frame. */
        public Frame takeClose(int code) throws IOException {
            Frame frame = take();
            assertEquals(code, frame.closeCode());
            return frame;
        }

        /** The client's next frame is the first of a compressed message, RFC 7692 section 6. */
        public Frame takeCompressed() throws IOException {
            Frame frame = Frame.read(in, 0x40);
            assertNotNull(frame, "the client ended its stream");
            return frame;
        }

        /** The client's next frame, which there must be. */
        public Frame take() throws IOException {
            Frame frame = readFrame();
            assertNotNull(frame, "the client ended its stream");
            return frame;
        }

        /** The client has nothing more to say: its stream ends, cleanly or not. */
        public void takeEnd() throws IOException {
            try {
                assertEquals(null, readFrame());
            } catch (EOFException e) {
                throw new AssertionError("the client's stream ends inside a frame", e);
            } catch (SocketTimeoutException e) {
                throw new AssertionError("the client keeps its stream open", e);
            } catch (SocketException e) {
                // A reset ends it as well.
            }
        }

        // ---- ends ----

        /** Ends the server's stream; the client's stays. */
        public void endStream() throws IOException {
            socket.shutdownOutput();
        }

        /** Ends the connection with a reset. */
        public void reset() throws IOException {
            tcp.setSoLinger(true, 0);
            tcp.close();
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }
    }
}

package dev.holdfast.conformance;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.zip.DataFormatException;
import java.util.zip.Deflater;
import java.util.zip.Inflater;
import org.jspecify.annotations.Nullable;

/**
 * A WebSocket whose frames are written as the caller says, and that records what the server sends. Pings of the server
 * are answered.
 *
 * <p>Threads: any thread may send; one thread takes what came. A thread of the socket reads.
 */
final class RawWebSocket implements Wire {
    static final int TEXT = 1;
    static final int BINARY = 2;
    private static final int CONTINUATION = 0;
    private static final int CLOSE = 8;
    private static final int PING = 9;
    private static final int PONG = 10;

    private static final String ACCEPT_GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
    private static final String DEFLATE = "permessage-deflate; client_no_context_takeover; server_no_context_takeover";
    private static final byte[] DEFLATE_TAIL = {0, 0, (byte) 0xff, (byte) 0xff};
    private static final int CONNECT_MILLIS = 10_000;
    private static final int MAX_MESSAGE = 1 << 28;
    private static final int MAX_WAITING = 200_000;

    /** The upgrade was refused. */
    static final class Refused extends IOException {
        private static final long serialVersionUID = 1;
        private final int status;

        Refused(int status) {
            super("the server answered the upgrade with HTTP " + status);
            this.status = status;
        }

        int status() {
            return status;
        }
    }

    private final Socket socket;
    private final DataInputStream in;
    private final RawRequest.Head answer;
    private final BlockingQueue<Event> events = new LinkedBlockingQueue<>(MAX_WAITING);
    private final Random random = new Random();
    private final ReentrantLock writing = new ReentrantLock();

    private RawWebSocket(Socket socket, DataInputStream in, RawRequest.Head answer) {
        this.socket = socket;
        this.in = in;
        this.answer = answer;
    }

    /**
     * Connects.
     *
     * @param headers further headers of the upgrade
     * @throws Refused if the server answers with anything but 101
     */
    static RawWebSocket connect(URI uri, Map<String, String> headers, boolean compressed) throws IOException {
        Socket socket = RawRequest.connect(uri);
        try {
            socket.setSoTimeout(CONNECT_MILLIS);
            byte[] nonce = new byte[16];
            new Random().nextBytes(nonce);
            String key = Base64.getEncoder().encodeToString(nonce);
            Map<String, String> all = new LinkedHashMap<>();
            all.put("Upgrade", "websocket");
            all.put("Connection", "Upgrade");
            all.put("Sec-WebSocket-Key", key);
            all.put("Sec-WebSocket-Version", "13");
            if (compressed) all.put("Sec-WebSocket-Extensions", DEFLATE);
            all.putAll(headers);
            socket.getOutputStream().write(RawRequest.head("GET", uri, all));
            DataInputStream in = new DataInputStream(new BufferedInputStream(socket.getInputStream(), 1 << 16));
            RawRequest.Head answer = RawRequest.readHead(in);
            if (answer.status() != 101) throw new Refused(answer.status());
            if (!accept(key).equals(answer.headers().get("sec-websocket-accept"))) {
                throw new IOException("the server's Sec-WebSocket-Accept is wrong");
            }
            socket.setSoTimeout(0);
            RawWebSocket connected = new RawWebSocket(socket, in, answer);
            Thread reader = new Thread(connected::read, "conformance-reader");
            reader.setDaemon(true);
            reader.start();
            return connected;
        } catch (IOException | RuntimeException e) {
            socket.close();
            throw e;
        }
    }

    private static String accept(String key) {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-1")
                    .digest((key + ACCEPT_GUID).getBytes(StandardCharsets.ISO_8859_1));
            return Base64.getEncoder().encodeToString(hash);
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }

    /** Returns the value of a header of the server's answer, by its name in lower case; null if it is not there. */
    @Nullable
    String header(String name) {
        return answer.headers().get(name);
    }

    boolean compresses() {
        String extensions = header("sec-websocket-extensions");
        return extensions != null && extensions.contains("permessage-deflate");
    }

    // Sending

    @Override
    public void text(String text) throws IOException {
        frame(TEXT, true, false, text.getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public void binary(byte[] bytes) throws IOException {
        frame(BINARY, true, false, bytes);
    }

    /** Sends a text message in frames of one byte each, with a ping between two of them. */
    void fragments(String text) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        for (int i = 0; i < bytes.length; i++) {
            frame(i == 0 ? TEXT : CONTINUATION, i == bytes.length - 1, false, new byte[] {bytes[i]});
            if (i == bytes.length / 2) ping("between");
        }
    }

    /** Sends a text message compressed. The server must have agreed to it. */
    void deflated(String text) throws IOException {
        Deflater deflater = new Deflater(Deflater.DEFAULT_COMPRESSION, true);
        deflater.setInput(text.getBytes(StandardCharsets.UTF_8));
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        byte[] buffer = new byte[8192];
        int count;
        while ((count = deflater.deflate(buffer, 0, buffer.length, Deflater.SYNC_FLUSH)) > 0) {
            out.write(buffer, 0, count);
        }
        deflater.end();
        frame(TEXT, true, true, Arrays.copyOf(out.toByteArray(), out.size() - DEFLATE_TAIL.length));
    }

    /** Sends a text message whose bytes are no UTF-8. */
    void invalidText() throws IOException {
        frame(TEXT, true, false, new byte[] {'"', (byte) 0xc3, '"'});
    }

    @Override
    public void ping() throws IOException {
        ping("conformance");
    }

    private void ping(String payload) throws IOException {
        frame(PING, true, false, payload.getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public void sendClose(int code) throws IOException {
        frame(CLOSE, true, false, new byte[] {(byte) (code >> 8), (byte) code});
    }

    private void frame(int opcode, boolean fin, boolean deflated, byte[] payload) throws IOException {
        ByteBuffer frame = ByteBuffer.allocate(14 + payload.length);
        frame.put((byte) (opcode | (fin ? 0x80 : 0) | (deflated ? 0x40 : 0)));
        if (payload.length < 126) frame.put((byte) (0x80 | payload.length));
        else if (payload.length < 1 << 16) frame.put((byte) (0x80 | 126)).putShort((short) payload.length);
        else frame.put((byte) (0x80 | 127)).putLong(payload.length);
        writing.lock();
        try {
            byte[] mask = new byte[4];
            random.nextBytes(mask);
            frame.put(mask);
            int start = frame.position();
            frame.put(payload);
            byte[] bytes = frame.array();
            for (int i = 0; i < payload.length; i++) bytes[start + i] ^= mask[i & 3];
            socket.getOutputStream().write(bytes, 0, frame.position());
        } finally {
            writing.unlock();
        }
    }

    // Receiving

    @Override
    public @Nullable Event poll(long deadline) throws InterruptedException {
        return events.poll(Math.max(0, deadline - System.nanoTime()), TimeUnit.NANOSECONDS);
    }

    private void read() {
        String why = "the TCP connection ended";
        try {
            while (readMessage()) {}
        } catch (EOFException e) {
            // The server ended the connection.
        } catch (IOException | DataFormatException | RuntimeException e) {
            why = e.toString();
        }
        record(new Lost(why, System.nanoTime()));
    }

    /** Reads frames up to the end of a message. Returns false after the server's close frame. */
    private boolean readMessage() throws IOException, DataFormatException {
        ByteArrayOutputStream message = new ByteArrayOutputStream();
        int type = CONTINUATION;
        boolean deflated = false;
        while (true) {
            int first = in.readUnsignedByte();
            int opcode = first & 0x0f;
            boolean fin = (first & 0x80) != 0;
            int second = in.readUnsignedByte();
            if ((second & 0x80) != 0) throw new IOException("the server masks a frame");
            long length = second;
            if (second == 126) length = in.readUnsignedShort();
            if (second == 127) length = in.readLong();
            if (length < 0 || message.size() + length > MAX_MESSAGE) throw new IOException("a frame of " + length);
            byte[] payload = new byte[(int) length];
            in.readFully(payload);
            if (opcode >= CLOSE) {
                if (!control(opcode, payload)) return false;
                continue;
            }
            if ((type == CONTINUATION) == (opcode == CONTINUATION)) throw new IOException("opcode " + opcode);
            if (opcode != CONTINUATION) {
                type = opcode;
                deflated = (first & 0x40) != 0;
            }
            message.write(payload);
            if (fin) break;
        }
        byte[] bytes = deflated ? inflate(message) : message.toByteArray();
        if (type == TEXT) record(new Text(utf8(bytes), System.nanoTime()));
        else record(new Binary(bytes, System.nanoTime()));
        return true;
    }

    private boolean control(int opcode, byte[] payload) throws IOException {
        if (opcode == PING) frame(PONG, true, false, payload);
        if (opcode == PONG) record(new Pong(System.nanoTime()));
        if (opcode != CLOSE) return true;
        int code = payload.length < 2 ? 1005 : ((payload[0] & 0xff) << 8) | (payload[1] & 0xff);
        record(new Closed(code, System.nanoTime()));
        return false;
    }

    private static byte[] inflate(ByteArrayOutputStream message) throws DataFormatException {
        message.writeBytes(DEFLATE_TAIL);
        Inflater inflater = new Inflater(true);
        try {
            inflater.setInput(message.toByteArray());
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            byte[] buffer = new byte[8192];
            int count;
            while ((count = inflater.inflate(buffer)) > 0) out.write(buffer, 0, count);
            return out.toByteArray();
        } finally {
            inflater.end();
        }
    }

    private static String utf8(byte[] bytes) throws CharacterCodingException {
        return StandardCharsets.UTF_8
                .newDecoder()
                .decode(ByteBuffer.wrap(bytes))
                .toString();
    }

    private void record(Event event) {
        try {
            events.put(event);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    // Ending

    /** Ends the TCP connection with a reset. */
    @Override
    public void cut() throws IOException {
        if (socket.isClosed()) return;
        socket.setSoLinger(true, 0);
        socket.close();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}

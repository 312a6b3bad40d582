package dev.holdfast.websocket;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Locale;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.zip.CRC32C;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.Response;
import okhttp3.WebSocket;
import okio.Buffer;
import okio.ByteString;
import okio.Source;
import okio.Timeout;

/** A program that takes messages of a gibibyte, sends one, and prints what they were. {@link GibibyteTest} starts it. */
final class GibibyteClient {
    static final int BLOCK_BYTES = 1 << 20;
    static final int BLOCKS = 1024;
    static final long BYTES = (long) BLOCKS * BLOCK_BYTES;

    private final OkHttpClient client = new OkHttpClient();
    private final Request request;

    private GibibyteClient(String url) {
        this.request = new Request.Builder().url(url).build();
    }

    /** The argument is the server's address. */
    public static void main(String[] args) throws Exception {
        GibibyteClient program = new GibibyteClient(args[0]);
        program.converse(1, 0);
        program.converse(2, 1);
        program.client.connectionPool().evictAll();
        program.client.dispatcher().executorService().shutdown();
    }

    private void converse(int incoming, int outgoing) throws Exception {
        Listener listener = new Listener();
        HoldfastWebSocket webSocket = HoldfastWebSockets.create(client).newWebSocket(request, listener);
        for (int i = 0; i < incoming; i++) System.out.println(listener.told.take());
        for (int i = 0; i < outgoing; i++) webSocket.sendBinary(new Noise());
        webSocket.close(1000, "");
        System.out.println(listener.told.take());
    }

    /** Makes {@code block} the one of that number, which no other is like. */
    static void number(byte[] block, int number) {
        byte[] digits = String.format(Locale.ROOT, "%08x", number).getBytes(UTF_8);
        System.arraycopy(digits, 0, block, 0, digits.length);
    }

    static byte[] noise() {
        byte[] block = new byte[BLOCK_BYTES];
        new Random(1).nextBytes(block);
        return block;
    }

    static String describe(String kind, CRC32C checksum, long length) {
        return kind + " of " + length + " bytes, " + Long.toHexString(checksum.getValue());
    }

    /** A gibibyte of noise, in pieces of any length. */
    private static final class Noise implements Source {
        private final byte[] block = noise();
        private int number = -1;
        private int at = BLOCK_BYTES;

        @Override
        public long read(Buffer sink, long byteCount) {
            if (at == BLOCK_BYTES) {
                if (++number == BLOCKS) return -1;
                number(block, number);
                at = 0;
            }
            int length = (int) Math.min(byteCount, BLOCK_BYTES - at);
            sink.write(block, at, length);
            at += length;
            return length;
        }

        @Override
        public Timeout timeout() {
            return Timeout.NONE;
        }

        @Override
        public void close() {}
    }

    private static final class Listener extends StreamingWebSocketListener {
        final BlockingQueue<String> told = new LinkedBlockingQueue<>();
        private final CRC32C checksum = new CRC32C();
        private long length;

        @Override
        public void onTextPiece(WebSocket webSocket, String piece, boolean last) {
            add("text", ByteString.encodeUtf8(piece), last);
        }

        @Override
        public void onBinaryPiece(WebSocket webSocket, ByteString piece, boolean last) {
            add("binary", piece, last);
        }

        private void add(String kind, ByteString piece, boolean last) {
            checksum.update(piece.asByteBuffer());
            length += piece.size();
            if (!last) return;
            told.add(describe(kind, checksum, length));
            checksum.reset();
            length = 0;
        }

        @Override
        public void onClosed(WebSocket webSocket, int code, String reason) {
            told.add("closed " + code);
        }

        @Override
        public void onFailure(WebSocket webSocket, Throwable failure, Response response) {
            told.add("failed: " + failure);
        }
    }
}

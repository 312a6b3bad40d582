package dev.holdfast.internal.transport;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import okio.Buffer;
import okio.BufferedSource;
import okio.ForwardingSource;
import okio.Okio;
import okio.Sink;
import okio.Socket;
import okio.Source;
import org.jspecify.annotations.Nullable;

/**
 * The socket of an upgraded connection. If its streams are OkHttp's own, this class takes over what they have read ahead and
 * then uses the socket itself, because Okio makes a system call for every 8 KiB. Streams that an interceptor has put in their
 * place are used as they are.
 */
final class UpgradedSocket implements Closeable {
    private final Socket socket;
    private final InputStream in;
    private final OutputStream out;
    private final long writeTimeoutNanos;

    private UpgradedSocket(Socket socket, InputStream in, OutputStream out, long writeTimeoutNanos) {
        this.socket = socket;
        this.writeTimeoutNanos = writeTimeoutNanos;
        this.in = in;
        this.out = out;
    }

    /** @param plain the socket below, null if the streams are not OkHttp's own */
    static UpgradedSocket of(Socket socket, java.net.@Nullable Socket plain) throws IOException {
        Source source = socket.getSource();
        Sink sink = socket.getSink();
        // OkHttp's timeouts outlive the upgrade. Its read timeout would end an idle connection; WriteWatch replaces its
        // write timeout.
        source.timeout().clearTimeout();
        long writeTimeout = sink.timeout().timeoutNanos();
        sink.timeout().clearTimeout();
        Buffer ahead = readAhead(source);
        if (plain == null || ahead == null) {
            InputStream in = Okio.buffer(source).inputStream();
            return new UpgradedSocket(socket, in, Okio.buffer(sink).outputStream(), writeTimeout);
        }
        InputStream in = new Continued(ahead, plain.getInputStream());
        return new UpgradedSocket(socket, in, plain.getOutputStream(), writeTimeout);
    }

    /** Returns the buffer of OkHttp's source, null if the source is of an unknown kind. */
    private static @Nullable Buffer readAhead(Source source) {
        if (!(source instanceof ForwardingSource)) return null;
        Source below = ((ForwardingSource) source).delegate();
        return below instanceof BufferedSource ? ((BufferedSource) below).getBuffer() : null;
    }

    InputStream in() {
        return in;
    }

    OutputStream out() {
        return out;
    }

    /** Returns the write timeout of the application's client in nanoseconds, 0 for none. */
    long writeTimeoutNanos() {
        return writeTimeoutNanos;
    }

    @Override
    public void close() {
        Streams.close(socket.getSource());
        Streams.close(socket.getSink());
    }

    /** Reads what was read ahead, and then the rest of the stream. */
    private static final class Continued extends InputStream {
        private final Buffer ahead;
        private final InputStream rest;

        Continued(Buffer ahead, InputStream rest) {
            this.ahead = ahead;
            this.rest = rest;
        }

        @Override
        public int read() throws IOException {
            return ahead.exhausted() ? rest.read() : ahead.readByte() & 0xff;
        }

        @Override
        public int read(byte[] into, int offset, int byteCount) throws IOException {
            return ahead.exhausted() ? rest.read(into, offset, byteCount) : ahead.read(into, offset, byteCount);
        }
    }
}

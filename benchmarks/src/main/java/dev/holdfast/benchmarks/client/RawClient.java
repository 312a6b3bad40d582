package dev.holdfast.benchmarks.client;

import dev.holdfast.benchmarks.wire.BlockOutput;
import dev.holdfast.benchmarks.wire.FrameInput;
import dev.holdfast.benchmarks.wire.Frames;
import dev.holdfast.benchmarks.wire.Upgrade;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;

/**
 * An upper bound for all clients rather than a client: it sends ready-made frames through a plain socket in writes of
 * 64 KiB, and reads only the headers of incoming frames.
 */
final class RawClient implements Client {
    @Override
    public Connection connect(URI uri, Receiver receiver) throws IOException {
        Socket socket = new Socket(uri.getHost(), uri.getPort());
        socket.setTcpNoDelay(true);
        Upgrade.request(uri, socket.getInputStream(), socket.getOutputStream());
        Thread reader = new Thread(() -> read(socket, receiver), "raw-reader");
        reader.setDaemon(true);
        reader.start();
        return new RawConnection(socket);
    }

    private static void read(Socket socket, Receiver receiver) {
        try {
            FrameInput in = new FrameInput(socket.getInputStream());
            while (in.next()) {
                if (in.fin()) receiver.onBinary((int) in.length());
            }
        } catch (IOException e) {
            // The socket was closed by another thread.
        }
    }

    private static final class RawConnection implements Connection {
        private final Socket socket;
        private final BlockOutput out;

        private Object framed = "";
        private byte[] frame = {};

        RawConnection(Socket socket) throws IOException {
            this.socket = socket;
            this.out = new BlockOutput(socket.getOutputStream());
        }

        @Override
        public void sendText(String text) throws IOException {
            if (!isFramed(text)) frame = Frames.masked(Frames.TEXT, text.getBytes(StandardCharsets.UTF_8));
            out.write(frame);
        }

        @Override
        public void sendBinary(byte[] bytes) throws IOException {
            if (!isFramed(bytes)) frame = Frames.masked(Frames.BINARY, bytes);
            out.write(frame);
        }

        private boolean isFramed(Object message) {
            if (framed == message) return true;
            framed = message;
            return false;
        }

        @Override
        public void flush() throws IOException {
            out.flush();
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }
    }
}

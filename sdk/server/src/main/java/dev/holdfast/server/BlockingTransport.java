package dev.holdfast.server;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * The transport of a container whose sends block until the network has taken the message. Sends in order, one message at a
 * time, on threads that may block.
 */
abstract class BlockingTransport implements Transport {
    private final HoldfastServer server;
    private final Lane sender = new Lane();

    /** Whether a ping waits to be sent. Another one would say no more. */
    private final AtomicBoolean pingWaits = new AtomicBoolean();

    /** What closes the connection: with the code of {@link #close} once that is known. */
    private volatile Runnable closing = () -> tryClose(CloseCodes.GOING_AWAY, "");

    /** Set when a message could not be sent, after which none may be. Used only by the sender. */
    private boolean failed;

    BlockingTransport(HoldfastServer server) {
        this.server = server;
    }

    abstract void writeText(String text) throws IOException;

    abstract void writeBinary(ByteBuffer bytes) throws IOException;

    abstract void writePing() throws IOException;

    /** Closes, also while another thread writes. */
    abstract void writeClose(int code, String reason) throws IOException;

    abstract boolean isOpen();

    @Override
    public void sendText(String text, SendCallback callback) {
        send(() -> writeText(text), callback);
    }

    @Override
    public void sendBinary(byte[] bytes, SendCallback callback) {
        send(() -> writeBinary(ByteBuffer.wrap(bytes)), callback);
    }

    @Override
    public void ping() {
        if (pingWaits.compareAndSet(false, true)) {
            send(
                    () -> {
                        pingWaits.set(false);
                        writePing();
                    },
                    SendCallback.ignore());
        }
    }

    private interface Write {
        void run() throws IOException;
    }

    private void send(Write write, SendCallback callback) {
        sender.execute(server.workers(), () -> {
            if (failed) {
                callback.failed(new IOException("the connection is over"));
                return;
            }
            try {
                write.run();
            } catch (IOException e) {
                fail(e, callback);
                return;
            } catch (RuntimeException | Error e) {
                // Containers throw these as well when the connection has just ended, which is no fault of anyone's.
                if (isOpen()) {
                    server.failed(e);
                }
                fail(e, callback);
                return;
            }
            callback.succeeded();
        });
    }

    private void fail(Throwable failure, SendCallback callback) {
        failed = true;
        callback.failed(failure);
        abort();
    }

    @Override
    public void close(int code, String reason) {
        String fitting = CloseCodes.fitting(reason);
        closing = () -> tryClose(code, fitting);
        sender.execute(server.workers(), closing);
    }

    /**
     * These containers have no way to end a connection without a close. This one does not wait for what is still to be sent,
     * nor for a thread of the application's executor: they may all be blocked in such sends. If a close waits behind them, its
     * code goes out.
     */
    @Override
    public void abort() {
        server.workers().executeApart(closing);
    }

    private void tryClose(int code, String reason) {
        try {
            writeClose(code, reason);
        } catch (IOException e) {
            // The connection is over already.
        } catch (RuntimeException e) {
            if (isOpen()) {
                server.failed(e);
                if (!reason.isEmpty()) {
                    // What the container did not take may be the reason, and nobody else closes the connection.
                    tryClose(code, "");
                }
            }
        }
    }
}

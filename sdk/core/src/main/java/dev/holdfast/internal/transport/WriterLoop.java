package dev.holdfast.internal.transport;

import dev.holdfast.internal.frame.FrameBuffer;
import dev.holdfast.internal.frame.FrameObserver;
import dev.holdfast.internal.frame.FrameWriter;
import dev.holdfast.internal.frame.MaskingKeys;
import dev.holdfast.internal.message.MessageEncoder;
import dev.holdfast.internal.message.PermessageDeflate;
import java.io.Closeable;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/**
 * Writes what an {@link OutgoingQueue} holds to the socket, with one flush for all that is ready. Holds no lock meanwhile. A
 * message longer than a fragment is cut, so that control frames go out between its pieces (RFC 6455 section 5.4).
 *
 * <p>Confined to the thread that has the {@link WriterRole}, which calls {@link #run}. The queue's lock hands it over.
 */
final class WriterLoop implements Closeable {
    /** Reports of the writer's work, on its thread. */
    interface Listener {
        /** So many more messages, in the order in which they were sent, have been given to the socket to their end. */
        void onWritten(int messages);

        /** A ping has been given to the socket. */
        void onPingWritten();

        /** Our close frame, and everything before it, has been given to the socket. */
        void onCloseWritten();
    }

    private static final int NOTHING = -1;

    private final OutgoingQueue queue;
    private final OutputStream socket;
    private final Listener listener;
    private final FrameBuffer out = new FrameBuffer();
    private final MessageEncoder messages;
    private final BatchEncoder batch;

    /**
     * @param maskingKeys cryptographic
     * @param fragmentBytes the maximum payload, in bytes, of a frame that carries a message
     * @param socket closed when nothing is written any more
     * @param deflate the compression that was negotiated, null for none
     * @param observer observes each frame, null for none
     */
    WriterLoop(
            OutgoingQueue queue,
            Random maskingKeys,
            int fragmentBytes,
            OutputStream socket,
            @Nullable PermessageDeflate deflate,
            @Nullable FrameObserver observer,
            Listener listener) {
        this.queue = queue;
        this.socket = socket;
        this.listener = listener;
        FrameWriter frames = new FrameWriter(out, MaskingKeys.few(maskingKeys));
        frames.observe(observer);
        this.messages = new MessageEncoder(frames, fragmentBytes, deflate);
        // An observer sees each frame on the writer's thread, so the writer has to encode it.
        int maxEncodedBySender = observer == null ? messages.maxPlainFrame() : NOTHING;
        this.batch = new BatchEncoder(queue, out, frames, messages, fragmentBytes, maxEncodedBySender);
    }

    /**
     * Writes until there is nothing to write for the idle time, our close frame is out, or the queue is stopped. In the first
     * case another thread may call this method, even before it has returned here.
     *
     * @throws IOException if the socket does
     */
    void run() throws IOException {
        boolean ended = true;
        try {
            OutgoingQueue.Next next;
            while ((next = queue.take(batch)) == OutgoingQueue.Next.WRITE) {
                if (writeBatch()) return;
            }
            ended = next == OutgoingQueue.Next.END;
        } finally {
            if (ended) end();
        }
    }

    /** Returns whether our close frame was the last. */
    private boolean writeBatch() throws IOException {
        boolean pinged = batch.encodeControl();
        EncodedMessages.Chunk chunk = batch.chunk();
        if (chunk != null) {
            out.writeTo(socket);
            chunk.frames.writeTo(socket);
        }
        batch.encodeMessages();
        boolean closed = batch.encodeClose();
        out.writeTo(socket);
        socket.flush();
        report(pinged);
        if (closed) listener.onCloseWritten();
        return closed;
    }

    private void end() throws IOException {
        try {
            close();
        } finally {
            queue.writerEnded();
        }
    }

    /**
     * Releases what the writer holds. It does so itself when it ends; call this if the connection has ended while no thread
     * was the writer. Has no effect the second time.
     */
    @Override
    public void close() throws IOException {
        messages.close();
        socket.close();
    }

    private void report(boolean pinged) {
        EncodedMessages.Chunk chunk = batch.chunk();
        int messages = batch.takeCompleted() + (chunk == null ? 0 : chunk.messages);
        long bytes = batch.takeCompletedBytes() + (chunk == null ? 0 : chunk.bytes);
        if (chunk != null) chunk.recycle();
        if (messages == 0 && bytes == 0 && !pinged) return;
        if (!queue.written(chunk, bytes)) return;
        if (pinged) listener.onPingWritten();
        if (messages > 0) listener.onWritten(messages);
    }
}

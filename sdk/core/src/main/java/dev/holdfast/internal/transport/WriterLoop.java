package dev.holdfast.internal.transport;

import dev.holdfast.internal.frame.FrameBuffer;
import dev.holdfast.internal.frame.FrameObserver;
import dev.holdfast.internal.frame.FrameWriter;
import dev.holdfast.internal.frame.MaskingKeys;
import dev.holdfast.internal.message.MessageEncoder;
import dev.holdfast.internal.message.PermessageDeflate;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/**
 * Writes what an {@link OutgoingQueue} holds to the socket, with one flush for all that is ready. Holds no lock meanwhile. A
 * message longer than a fragment is cut, so that control frames go out between its pieces (RFC 6455 section 5.4).
 *
 * <p>Confined to the thread that calls {@link #run}.
 */
final class WriterLoop {
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
    private final int fragmentBytes;
    private final Listener listener;
    private final FrameBuffer out = new FrameBuffer();
    private final FrameWriter frames;
    private boolean observed;

    /**
     * @param maskingKeys cryptographic
     * @param fragmentBytes the maximum payload, in bytes, of a frame that carries a message
     */
    WriterLoop(OutgoingQueue queue, Random maskingKeys, int fragmentBytes, Listener listener) {
        this.queue = queue;
        this.fragmentBytes = fragmentBytes;
        this.listener = listener;
        this.frames = new FrameWriter(out, new MaskingKeys(maskingKeys));
    }

    /** Sets the observer of each frame, null for none. Call it before {@link #run}. */
    void observe(@Nullable FrameObserver observer) {
        frames.observe(observer);
        observed = observer != null;
    }

    /**
     * Writes until our close frame is out or the queue is stopped.
     *
     * @param deflate the compression that was negotiated, null for none
     * @throws IOException if the socket does
     */
    void run(OutputStream socket, @Nullable PermessageDeflate deflate) throws IOException {
        try (MessageEncoder messages = new MessageEncoder(frames, fragmentBytes, deflate)) {
            // An observer sees each frame on the writer's thread, so the writer has to encode it.
            int maxEncodedBySender = observed ? NOTHING : messages.maxPlainFrame();
            BatchEncoder batch = new BatchEncoder(queue, out, frames, messages, fragmentBytes, maxEncodedBySender);
            while (queue.take(batch)) {
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
                report(pinged, batch);
                if (closed) {
                    listener.onCloseWritten();
                    return;
                }
            }
        } finally {
            queue.writerEnded();
        }
    }

    private void report(boolean pinged, BatchEncoder batch) {
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

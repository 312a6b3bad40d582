package dev.holdfast.internal.transport;

import dev.holdfast.internal.frame.FrameBuffer;
import dev.holdfast.internal.frame.FrameObserver;
import dev.holdfast.internal.frame.FrameWriter;
import dev.holdfast.internal.frame.MaskingKeys;
import dev.holdfast.internal.frame.Utf8Length;
import dev.holdfast.internal.message.CloseStatus;
import dev.holdfast.internal.message.MessageEncoder;
import dev.holdfast.internal.message.PermessageDeflate;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.util.ArrayDeque;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import okio.Buffer;
import okio.ByteString;
import org.jspecify.annotations.Nullable;

/**
 * All that goes out on one connection. Any thread sends; one thread {@link #run}s: it gives what is ready to the socket,
 * with one flush, and holds no lock meanwhile. A short message is encoded by its sender, straight into the array that goes
 * out next, so that nothing is kept for it and the writer has only to write. What is long, compressed or shown to an
 * observer waits as it is, and all that is sent behind it does: the writer encodes that.
 *
 * <p>Order: pongs, ping, messages as sent, and last the close frame. A message longer than a fragment is cut, so that
 * control frames go out between its pieces (RFC 6455 section 5.4). Messages are bounded by their sender, see {@code
 * docs/concurrency.md}; a stream by making its sender wait.
 */
final class WriterLoop {
    /** Reports of the writer's work, on its thread. */
    interface Listener {
        void onWritten(int messages);

        void onPingWritten();

        /** Our close frame has been given to the socket, and everything before it. */
        void onCloseWritten();
    }

    /** How many fragments of a stream may wait for the writer before the stream's sender does. */
    private static final int STREAM_FRAGMENTS = 2;

    private static final int NOTHING = -1;

    /** A writer that has waited for so long gives back memory, if it holds more than a little. */
    private static final long IDLE_NANOS = TimeUnit.SECONDS.toNanos(1);

    private static final int IDLE_BYTES = 4 * 1024;

    /** RFC 6455 section 7.4.1: a condition that prevented the request from being fulfilled. */
    private static final CloseStatus STREAM_BROKEN = CloseStatus.of(1011, "message broken off");

    private final int fragmentBytes;
    private final Listener listener;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition work = lock.newCondition();
    private final Condition streamRoom = lock.newCondition();

    // Guarded by lock.
    private final CloseHandshake handshake = new CloseHandshake();
    private ControlFrames queuedControl = new ControlFrames();
    /** What senders have encoded. All of it was sent before what is queued. */
    private final Gathered gathered;
    /** The longest message that its sender may encode: {@link #NOTHING} where the writer has some to encode before it. */
    private int mostGathered = NOTHING;

    private ArrayDeque<OutgoingMessage> queued = new ArrayDeque<>(0);
    private boolean waiting;
    private boolean stopped;

    // For a reader that waits for the writer. Guarded by lock.
    private final Condition progress = lock.newCondition();
    /** How often the writer has looked for work. Whatever it wrote before a look has been reported. */
    private long looks;
    /** Whether the writer has taken work and has not reported it. */
    private boolean working;
    /** Whether the writer is calling the listener. */
    private boolean reporting;

    private boolean waitedEnough;
    private boolean finishing;

    private long bufferedBytes;

    // Confined to the thread that runs.
    private final FrameBuffer out = new FrameBuffer();
    private final FrameWriter frames;
    private boolean observed;
    private int longestPlainFrame;
    private ControlFrames control = new ControlFrames();
    private Gathered.@Nullable Chunk chunk;
    private @Nullable CloseStatus close;

    WriterLoop(Random maskingKeys, int fragmentBytes, Listener listener) {
        this.fragmentBytes = fragmentBytes;
        this.listener = listener;
        this.gathered = new Gathered(maskingKeys);
        this.frames = new FrameWriter(out, new MaskingKeys(maskingKeys));
    }

    /** Who is told of each frame. To be called before {@link #run}. */
    void observe(@Nullable FrameObserver observer) {
        frames.observe(observer);
        observed = observer != null;
    }

    /** Returns false if a close has begun or the writer is stopped. */
    boolean sendText(String text, long utf8Length) {
        lock.lock();
        try {
            if (!maySend()) return false;
            if (!mayGather(utf8Length) || !gathered.addText(text, utf8Length)) {
                queued.add(OutgoingMessage.text(text, utf8Length));
            }
            sent(utf8Length);
            return true;
        } finally {
            lock.unlock();
        }
    }

    /** As {@link #sendText(String, long)}, of text whose length in UTF-8 nobody has asked for. */
    boolean sendText(String text) {
        lock.lock();
        try {
            if (!maySend()) return false;
            if (mayGather(text.length()) && gathered.addAscii(text)) {
                sent(text.length());
                return true;
            }
            if (gathered.isAscii(text)) {
                queued.add(OutgoingMessage.text(text, text.length()));
                sent(text.length());
                return true;
            }
        } finally {
            lock.unlock();
        }
        return sendText(text, Utf8Length.of(text));
    }

    /** As {@link #sendText(String, long)} for a binary message. */
    boolean sendBinary(ByteString bytes) {
        lock.lock();
        try {
            if (!maySend()) return false;
            if (!mayGather(bytes.size()) || !gathered.addBinary(bytes)) queued.add(OutgoingMessage.binary(bytes));
            sent(bytes.size());
            return true;
        } finally {
            lock.unlock();
        }
    }

    /** As {@link #sendText(String, long)} for a message that is still to come. */
    boolean sendStream(OutgoingStream stream) {
        lock.lock();
        try {
            if (!maySend()) return false;
            queued.add(OutgoingMessage.stream(stream));
            sent(0);
            return true;
        } finally {
            lock.unlock();
        }
    }

    private boolean maySend() {
        return !stopped && handshake.maySendMessages();
    }

    private boolean mayGather(long bytes) {
        return bytes <= mostGathered && queued.isEmpty();
    }

    private void sent(long bytes) {
        bufferedBytes += bytes;
        wake();
    }

    /**
     * Moves all of {@code piece}, which is what follows in the message, behind what waits of it. Blocks while that is a lot.
     *
     * @throws IOException if the message can't be written to its end
     */
    void append(OutgoingStream stream, Buffer piece) throws IOException {
        lock.lock();
        try {
            while (!isOver() && stream.pending.size() >= (long) STREAM_FRAGMENTS * fragmentBytes) streamRoom.await();
            if (isOver()) throw new IOException("the connection ended before the message did");
            bufferedBytes += piece.size();
            stream.pending.write(piece, piece.size());
            if (stream.begun) wake();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while sending a message");
        } finally {
            lock.unlock();
        }
    }

    /** Whether there is no use in sending more of a message. */
    private boolean isOver() {
        return stopped || finishing || handshake.theirs() != null;
    }

    /** All of the message has been appended. */
    void endStream(OutgoingStream stream) {
        lock.lock();
        try {
            stream.ended = true;
            if (stream.begun) wake();
        } finally {
            lock.unlock();
        }
    }

    /**
     * There will be no end of the message. If nothing of it has gone out nobody need know; otherwise the connection is
     * closed in the midst of it, for nothing else could follow. Says whether it is.
     */
    boolean breakStream(OutgoingStream stream) {
        lock.lock();
        try {
            stream.broken = true;
            if (!stream.begun) {
                // The writer passes over it when its turn comes.
                bufferedBytes -= stream.pending.size();
                stream.pending.clear();
                return false;
            }
            wake();
            return true;
        } finally {
            lock.unlock();
        }
    }

    /** Payload bytes that were queued and are not in the socket yet. */
    long bufferedBytes() {
        lock.lock();
        try {
            return bufferedBytes;
        } finally {
            lock.unlock();
        }
    }

    void ping(ByteString payload) {
        lock.lock();
        try {
            queuedControl.ping(payload);
            wake();
        } finally {
            lock.unlock();
        }
    }

    void pong(ByteString payload) {
        lock.lock();
        try {
            queuedControl.pong(payload);
            wake();
        } finally {
            lock.unlock();
        }
    }

    /** Queues our close frame behind the messages. Says whether it will go out: there is none yet, nor is it too late. */
    boolean close(CloseStatus status) {
        lock.lock();
        try {
            if (stopped || !handshake.begin(status)) return false;
            wake();
            return true;
        } finally {
            lock.unlock();
        }
    }

    /** Takes the peer's close frame. Returns whether it is the first, so that {@link #answerClose} is due. */
    boolean closeReceived(CloseStatus status) {
        lock.lock();
        try {
            boolean first = handshake.receive(status);
            streamRoom.signalAll();
            if (!first) wake();
            return first;
        } finally {
            lock.unlock();
        }
    }

    /** Queues the answer to the peer's close frame behind the messages, unless a close has begun. */
    void answerClose() {
        lock.lock();
        try {
            handshake.answer();
            wake();
        } finally {
            lock.unlock();
        }
    }

    /**
     * Blocks until everything that was written before this call has been reported, the loop is stopped, or {@link
     * #stopAwaiting} is called.
     */
    void awaitReported() {
        lock.lock();
        try {
            long seen = looks;
            while (working && looks == seen && !stopped && !waitedEnough) progress.awaitUninterruptibly();
            waitedEnough = false;
        } finally {
            lock.unlock();
        }
    }

    /** Blocks until our close frame has been written, the loop is stopped, or {@link #stopAwaiting} is called. */
    void awaitCloseWritten() {
        lock.lock();
        try {
            while (!stopped && !waitedEnough) progress.awaitUninterruptibly();
            waitedEnough = false;
        } finally {
            lock.unlock();
        }
    }

    /** Ends the wait of {@link #awaitReported} or {@link #awaitCloseWritten}. */
    void stopAwaiting() {
        lock.lock();
        try {
            waitedEnough = true;
            progress.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /**
     * Drops what is queued, except for our close frame. When this returns no call of {@link Listener#onWritten} or {@link
     * Listener#onPingWritten} is running or will follow. Waits for one that is running: neither may block.
     */
    void finishSilently() {
        lock.lock();
        try {
            finishing = true;
            queued.clear();
            gathered.clear();
            streamRoom.signalAll();
            wake();
            while (reporting) progress.awaitUninterruptibly();
        } finally {
            lock.unlock();
        }
    }

    /** Ends {@link #run} before the next batch. What is queued is dropped. */
    void stop() {
        lock.lock();
        try {
            stopped = true;
            queued.clear();
            gathered.clear();
            streamRoom.signalAll();
            progress.signalAll();
            wake();
        } finally {
            lock.unlock();
        }
    }

    /** Only a writer that waits needs a signal; one that works looks again before it waits. */
    private void wake() {
        if (waiting) work.signal();
    }

    /**
     * Writes until the close frame is out or the loop is stopped.
     *
     * @param deflate what was agreed on compression, null if nothing was
     */
    void run(OutputStream socket, @Nullable PermessageDeflate deflate) throws IOException {
        try (MessageEncoder messages = new MessageEncoder(frames, fragmentBytes, deflate)) {
            BatchEncoder batch = new BatchEncoder(out, frames, messages, fragmentBytes);
            longestPlainFrame = observed ? NOTHING : messages.longestPlainFrame();
            while (take(batch)) {
                boolean pinged = control.encode(frames);
                Gathered.Chunk encoded = chunk;
                if (encoded != null) {
                    out.writeTo(socket);
                    encoded.frames.writeTo(socket);
                }
                batch.encode(this::begin, () -> takeMore(batch));
                CloseStatus last = batch.hasMore() ? null : close;
                if (last != null) batch.encode(last);
                out.writeTo(socket);
                socket.flush();
                report(pinged, batch);
                if (last != null) {
                    listener.onCloseWritten();
                    return;
                }
            }
        } finally {
            // In this order: whoever waits for the writer to stop may then report the end.
            reported();
            stop();
        }
    }

    private void report(boolean pinged, BatchEncoder batch) {
        Gathered.Chunk encoded = chunk;
        int messages = batch.takeCompleted() + (encoded == null ? 0 : encoded.messages);
        long bytes = batch.takeCompletedBytes() + (encoded == null ? 0 : encoded.bytes);
        if (encoded != null) encoded.recycle();
        if (messages == 0 && bytes == 0 && !pinged) return;
        if (!release(encoded, bytes)) return;
        if (pinged) listener.onPingWritten();
        if (messages > 0) listener.onWritten(messages);
    }

    /** Counts what is in the socket as no longer buffered. Returns whether it may be reported. */
    private boolean release(Gathered.@Nullable Chunk written, long bytes) {
        lock.lock();
        try {
            bufferedBytes -= bytes;
            if (written != null) gathered.giveBack(written);
            reporting = !finishing;
            return reporting;
        } finally {
            lock.unlock();
        }
    }

    private void reported() {
        lock.lock();
        try {
            looked();
        } finally {
            lock.unlock();
        }
    }

    /** The writer has reported what it wrote. */
    private void looked() {
        looks++;
        reporting = false;
        if (!working) return;
        working = false;
        progress.signalAll();
    }

    /** Waits for work and takes it over. Returns false once stopped. */
    private boolean take(BatchEncoder batch) {
        lock.lock();
        try {
            looked();
            awaitWork(batch);
            if (stopped) return false;
            working = true;
            ControlFrames encoded = control;
            control = queuedControl;
            queuedControl = encoded;
            chunk = gathered.take();
            close = null;
            if (chunk == null) takeMessages(batch);
            mayGatherBehind(batch);
            return true;
        } finally {
            lock.unlock();
        }
    }

    private void awaitWork(BatchEncoder batch) {
        while (!isWork(batch)) {
            waiting = true;
            try {
                if (gathered.freeBytes() + out.capacity() <= IDLE_BYTES) {
                    work.awaitUninterruptibly();
                } else if (work.awaitNanos(IDLE_NANOS) <= 0) {
                    giveMemoryBack();
                }
            } catch (InterruptedException e) {
                // Nothing that concerns the connection. With the memory gone it is not waited for in this way again.
                Thread.currentThread().interrupt();
                giveMemoryBack();
            }
            waiting = false;
        }
    }

    private void giveMemoryBack() {
        gathered.release();
        out.release();
    }

    private boolean isWork(BatchEncoder batch) {
        return stopped || !queuedControl.isEmpty() || !gathered.isEmpty() || isMessageWork(batch);
    }

    private boolean isMessageWork(BatchEncoder batch) {
        if (batch.hasWork()) return true;
        if (batch.streaming() != null) return finishing || handshake.isOver();
        return !queued.isEmpty() || handshake.ours() != null;
    }

    private void takeMessages(BatchEncoder batch) {
        if (finishing && handshake.ours() != null) {
            // The rest of a message may be missing: a close frame may come between its fragments.
            close = handshake.ours();
            batch.breakOff();
            return;
        }
        queued = batch.take(queued);
        if (queued.isEmpty()) close = handshake.ours();
        OutgoingStream stream = batch.streaming();
        if (stream == null) return;
        batch.take(stream);
        streamRoom.signalAll();
        // Nothing may follow a message without an end but the close frame, which may come in its midst.
        if (stream.broken || handshake.isOver()) {
            handshake.begin(STREAM_BROKEN);
            close = handshake.ours();
            batch.breakOff();
        }
    }

    /** Takes what has been queued since. */
    private boolean takeMore(BatchEncoder batch) {
        lock.lock();
        try {
            queued = batch.take(queued);
            mayGatherBehind(batch);
            return !batch.isIdle();
        } finally {
            lock.unlock();
        }
    }

    /** Says what senders may encode from now on: nothing where there is something that was sent before. */
    private void mayGatherBehind(BatchEncoder batch) {
        mostGathered = batch.isIdle() && queued.isEmpty() ? longestPlainFrame : NOTHING;
    }

    /** Says whether a stream is to be sent, which from then on can't be taken back. */
    private boolean begin(OutgoingStream stream) {
        lock.lock();
        try {
            stream.begun = !stream.broken;
            return stream.begun;
        } finally {
            lock.unlock();
        }
    }
}

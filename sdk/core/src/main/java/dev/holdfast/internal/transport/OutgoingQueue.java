package dev.holdfast.internal.transport;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.holdfast.internal.frame.Utf8Length;
import dev.holdfast.internal.message.CloseStatus;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.Random;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import okio.Buffer;
import okio.ByteString;
import org.jspecify.annotations.Nullable;

/**
 * The queue of outgoing frames of one connection. Any thread adds to it; the {@link WriterLoop} takes from it. All of its state is
 * guarded by one lock, which nobody holds while writing to the socket or calling a listener.
 *
 * <p>Order: pongs, a ping, messages as sent, and last the close frame. A short message is encoded by its sender, under the
 * lock, straight into the array that goes out next; so it needs no object of its own, and the writer only has to write. A
 * message that is long, compressed or observed waits as it is for the writer to encode it, and so does every message sent
 * behind it.
 *
 * <p>Senders bound their messages, see {@code docs/concurrency.md}. The sender of a stream blocks while too much of it waits.
 */
final class OutgoingQueue {
    /** RFC 6455 section 7.4.1: a condition that prevented the request from being fulfilled. */
    private static final CloseStatus STREAM_BROKEN = CloseStatus.of(1011, "message broken off");

    private final long maxBufferedBytes;

    private final ReentrantLock lock = new ReentrantLock();
    private final WriterRole role;
    private final Condition streamCapacity = lock.newCondition();
    private final WriterProgress progress = new WriterProgress(lock);

    @GuardedBy("lock")
    private final CloseHandshake handshake = new CloseHandshake();

    @GuardedBy("lock")
    private ControlFrames control = new ControlFrames();

    @GuardedBy("lock")
    private final OutgoingMessages messages;

    @GuardedBy("lock")
    private boolean finishing;

    @GuardedBy("lock")
    private long bufferedBytes;

    /**
     * @param maskingKeys cryptographic
     * @param maxBufferedBytes the maximum of {@link #bufferedBytes}; a message that would exceed it is not queued. A stream
     *     counts, but has its own limit
     * @param idleNanos the time without work after which the writer gives its thread back; after control frames it does so at once
     * @param starter starts the writer when there is work
     */
    OutgoingQueue(Random maskingKeys, long maxBufferedBytes, long idleNanos, WriterRole.Starter starter) {
        this.maxBufferedBytes = maxBufferedBytes;
        this.messages = new OutgoingMessages(maskingKeys);
        this.role = new WriterRole(lock, idleNanos, starter);
    }

    // ---- any thread ----

    /** Queues a text. Returns false if it exceeds the limit, a close has begun, or the writer has stopped. */
    boolean sendText(String text, long utf8Length) {
        lock.lock();
        try {
            if (!maySend(utf8Length)) return false;
            messages.addText(text, utf8Length);
            return sent(utf8Length);
        } finally {
            lock.unlock();
            role.start();
        }
    }

    /** Queues a text that is ASCII, as {@link #sendText(String, long)}. */
    boolean sendAscii(String text) {
        lock.lock();
        try {
            if (!maySend(text.length())) return false;
            messages.addAscii(text);
            return sent(text.length());
        } finally {
            lock.unlock();
            role.start();
        }
    }

    /** Queues a text given as UTF-8, as {@link #sendText(String, long)}. Copies its first {@code size} bytes. */
    boolean sendText(byte[] utf8, int size) {
        // A long text is copied before, without the lock.
        ByteString copy = size > EncodedMessages.MAX_MESSAGE_BYTES ? ByteString.of(utf8, 0, size) : null;
        lock.lock();
        try {
            if (!maySend(size)) return false;
            if (copy == null) {
                messages.addText(utf8, size);
            } else {
                messages.addText(copy);
            }
            return sent(size);
        } finally {
            lock.unlock();
            role.start();
        }
    }

    /** Queues a text of unknown UTF-8 length, as {@link #sendText(String, long)}. */
    boolean sendText(String text) {
        lock.lock();
        try {
            if (!maySend(text.length())) return false;
            if (messages.addIfAscii(text)) return sent(text.length());
        } finally {
            lock.unlock();
            role.start();
        }
        return sendText(text, Utf8Length.of(text));
    }

    /** Queues a binary message, as {@link #sendText(String, long)}. */
    boolean sendBinary(ByteString bytes) {
        lock.lock();
        try {
            if (!maySend(bytes.size())) return false;
            messages.addBinary(bytes);
            return sent(bytes.size());
        } finally {
            lock.unlock();
            role.start();
        }
    }

    /** Queues a message whose pieces follow, as {@link #sendText(String, long)}. */
    boolean sendStream(OutgoingStream stream) {
        lock.lock();
        try {
            if (!maySend(0)) return false;
            messages.addStream(stream);
            return sent(0);
        } finally {
            lock.unlock();
            role.start();
        }
    }

    @GuardedBy("lock")
    private boolean maySend(long bytes) {
        return !progress.isStopped() && handshake.maySendMessages() && bytes <= maxBufferedBytes - bufferedBytes;
    }

    @GuardedBy("lock")
    private boolean sent(long bytes) {
        bufferedBytes += bytes;
        role.wake();
        return true;
    }

    /**
     * Appends all of {@code piece} to the message. Blocks while too much of the message waits.
     *
     * @throws IOException if the message can't be sent to its end, or the thread is interrupted
     */
    void append(OutgoingStream stream, Buffer piece) throws IOException {
        lock.lock();
        try {
            while (!isOver() && stream.isFull()) streamCapacity.await();
            if (isOver()) throw new IOException("the connection ended before the message did");
            bufferedBytes += piece.size();
            stream.pending.write(piece, piece.size());
            if (stream.begun) role.wake();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while sending a message");
        } finally {
            lock.unlock();
            role.start();
        }
    }

    /** Returns whether sending more of a message is of no use. */
    @GuardedBy("lock")
    private boolean isOver() {
        return progress.isStopped() || finishing || handshake.theirs() != null;
    }

    /** Ends the message. */
    void endStream(OutgoingStream stream) {
        lock.lock();
        try {
            stream.ended = true;
            if (stream.begun) role.wake();
        } finally {
            lock.unlock();
            role.start();
        }
    }

    /**
     * Gives the message up. If some of it has gone out, the connection is closed in the middle of the message, since nothing
     * else can follow; otherwise the writer skips it.
     *
     * @return whether the connection is closed
     */
    boolean breakStream(OutgoingStream stream) {
        lock.lock();
        try {
            bufferedBytes -= stream.breakOff();
            if (stream.begun) role.wake();
            return stream.begun;
        } finally {
            lock.unlock();
            role.start();
        }
    }

    /** Returns the payload bytes, before compression, of what was sent and has not been given to the socket. */
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
            control.ping(payload);
            role.wake();
        } finally {
            lock.unlock();
            role.start();
        }
    }

    void pong(ByteString payload) {
        lock.lock();
        try {
            control.pong(payload);
            role.wake();
        } finally {
            lock.unlock();
            role.start();
        }
    }

    /** Queues our close frame behind the messages. Returns false if there is one already or the writer has stopped. */
    boolean close(CloseStatus status) {
        lock.lock();
        try {
            if (progress.isStopped() || !handshake.begin(status)) return false;
            role.wake();
            return true;
        } finally {
            lock.unlock();
            role.start();
        }
    }

    /** Returns whether our close frame is queued or the writer has stopped, so that no message can be sent. */
    boolean isClosing() {
        lock.lock();
        try {
            return !maySend(0);
        } finally {
            lock.unlock();
        }
    }

    /** Takes the peer's close frame. Returns whether ours has not been queued, so that {@link #answerClose} is due. */
    boolean closeReceived(CloseStatus status) {
        lock.lock();
        try {
            boolean first = handshake.receive(status);
            streamCapacity.signalAll();
            if (!first) role.wake();
            return first;
        } finally {
            lock.unlock();
            role.start();
        }
    }

    /** Queues the answer to the peer's close frame behind the messages, unless our close frame is queued already. */
    void answerClose() {
        lock.lock();
        try {
            handshake.answer();
            role.wake();
        } finally {
            lock.unlock();
            role.start();
        }
    }

    /**
     * Drops what is queued, except for our close frame. When this returns, no call of {@link WriterLoop.Listener#onWritten}
     * or {@link WriterLoop.Listener#onPingWritten} is running or will follow. Blocks while one is running.
     */
    void finishSilently() {
        lock.lock();
        try {
            finishing = true;
            drop();
            role.wake();
            progress.awaitNotReporting();
        } finally {
            lock.unlock();
            role.start();
        }
    }

    /** Stops the writer before its next round, and drops what is queued. */
    void stop() {
        lock.lock();
        try {
            drop();
            progress.stop();
            role.close();
        } finally {
            lock.unlock();
        }
    }

    @GuardedBy("lock")
    private void drop() {
        messages.clear();
        streamCapacity.signalAll();
    }

    /** Returns what the writer has done, to wait for it. */
    WriterProgress progress() {
        return progress;
    }

    // ---- the reader, when the connection is open ----

    /** Lets the writer be started: now if something is queued already, otherwise when something is. */
    void open() {
        lock.lock();
        try {
            if (progress.isStopped()) return;
            role.open();
            if (!control.isEmpty() || messages.hasPlain() || handshake.ours() != null) role.wake();
        } finally {
            lock.unlock();
            role.start();
        }
    }

    // ---- the writer's thread ----

    /** What the writer is to do. */
    enum Next {
        /** Write the batch. */
        WRITE,
        /** Leave: there is nothing to write. Another thread may be the writer already. */
        LEAVE,
        /** End: the writer has stopped. */
        END
    }

    /** Moves what goes out next into {@code batch}. Waits for something, for the idle time at most. */
    Next take(BatchEncoder batch) {
        lock.lock();
        try {
            progress.roundBegins();
            if (!awaitWork(batch)) return Next.LEAVE;
            if (progress.isStopped()) return Next.END;
            progress.taken();
            control = batch.takeControl(control);
            EncodedMessages.Chunk chunk = messages.takeEncoded();
            batch.takeChunk(chunk);
            if (chunk == null) takeMessages(batch);
            if (chunk != null || !batch.isIdle()) role.linger();
            messages.limitSenders(batch);
            return Next.WRITE;
        } finally {
            lock.unlock();
        }
    }

    /** Returns false if there is no work and none came for the idle time. The writer no longer has its role then. */
    @GuardedBy("lock")
    private boolean awaitWork(BatchEncoder batch) {
        while (!hasWork(batch)) {
            // Each message behind a stream that stalls would start a thread for nothing.
            if (batch.streaming() != null) role.linger();
            if (role.await()) continue;
            // What came at the end of the wait found a writer, and started none.
            if (hasWork(batch)) return true;
            messages.releaseMemory();
            batch.release();
            role.giveBack();
            return false;
        }
        return true;
    }

    @GuardedBy("lock")
    private boolean hasWork(BatchEncoder batch) {
        if (progress.isStopped() || !control.isEmpty() || messages.hasEncoded() || batch.hasWork()) return true;
        if (batch.streaming() != null) return finishing || handshake.isOver();
        return messages.hasPlain() || handshake.ours() != null;
    }

    @GuardedBy("lock")
    private void takeMessages(BatchEncoder batch) {
        CloseStatus ours = handshake.ours();
        if (finishing && ours != null) {
            // The rest of a message may be missing: a close frame may come between its fragments.
            batch.breakOff(ours);
            return;
        }
        messages.movePlainTo(batch);
        if (!messages.hasPlain() && ours != null) batch.endWith(ours);
        OutgoingStream stream = batch.streaming();
        if (stream == null) return;
        batch.takeFrom(stream);
        streamCapacity.signalAll();
        // Nothing may follow a message without an end but the close frame, which may come between its fragments.
        if (stream.broken || handshake.isOver()) batch.breakOff(handshake.beginOrGet(STREAM_BROKEN));
    }

    /** Moves what was queued meanwhile into {@code batch}. Returns whether the batch has more to encode. */
    boolean takeMore(BatchEncoder batch) {
        lock.lock();
        try {
            messages.movePlainTo(batch);
            messages.limitSenders(batch);
            return !batch.isIdle();
        } finally {
            lock.unlock();
        }
    }

    /** Returns whether the stream is to be sent. If so it can't be taken back any more. */
    boolean begin(OutgoingStream stream) {
        lock.lock();
        try {
            return stream.begin();
        } finally {
            lock.unlock();
        }
    }

    /**
     * Takes back a chunk, and no longer counts what is in the socket as buffered.
     *
     * @return whether the writer may call its listener
     */
    boolean written(EncodedMessages.@Nullable Chunk chunk, long bytes) {
        lock.lock();
        try {
            bufferedBytes -= bytes;
            if (chunk != null) messages.giveBack(chunk);
            progress.reporting(!finishing);
            return !finishing;
        } finally {
            lock.unlock();
        }
    }

    /** The writer has ended. A thread that waited for it may report the end of the connection at once. */
    void writerEnded() {
        lock.lock();
        try {
            progress.roundBegins();
            stop();
        } finally {
            lock.unlock();
        }
    }
}

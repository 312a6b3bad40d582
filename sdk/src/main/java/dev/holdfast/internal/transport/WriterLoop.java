package dev.holdfast.internal.transport;

import dev.holdfast.internal.frame.FrameObserver;
import dev.holdfast.internal.frame.FrameWriter;
import dev.holdfast.internal.frame.MaskingKeys;
import dev.holdfast.internal.frame.Opcode;
import dev.holdfast.internal.message.CloseStatus;
import dev.holdfast.internal.message.MessageEncoder;
import dev.holdfast.internal.message.PermessageDeflate;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.ArrayDeque;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import okio.Buffer;
import okio.ByteString;
import okio.Sink;
import org.jspecify.annotations.Nullable;

/**
 * All that goes out on one connection. Any thread queues; one thread {@link #run}s: it encodes what is ready into one
 * buffer and gives that to the socket with one flush, and holds no lock meanwhile.
 *
 * <p>Order: pongs, ping, messages as queued, and last the close frame. A message longer than a fragment is cut, so that
 * control frames go out between its pieces (RFC 6455 section 5.4). Of our pings only the newest waits, and few pongs do:
 * section 5.5.3 lets the newest answer for those before it, so a flood of pings costs no memory. Messages are bounded by
 * their sender, see {@code docs/concurrency.md}; a stream by making its sender wait.
 */
final class WriterLoop {
    /** What is told of the writer's work, on its thread. */
    interface Listener {
        /**
         * The peer's close frame was the first, and all that was written before it was noticed has been told. Ours answers
         * it behind what is queued by the time this returns.
         */
        void onPeerBeganClose();

        void onWritten(int messages);

        void onPingWritten();
    }

    /** Enough to make a system call worth its cost; little enough for a ping not to wait long behind it. */
    private static final int BATCH_BYTES = 64 * 1024;

    /** How many fragments of a stream may wait for the writer before the stream's sender does. */
    private static final int STREAM_FRAGMENTS = 2;

    /** Pongs that may wait. A peer that sends more pings than that while we can't write gets the newest answered only. */
    private static final int MAX_PONGS = 32;

    /** RFC 6455 section 7.4.1: a condition that prevented the request from being fulfilled. */
    private static final CloseStatus STREAM_BROKEN = CloseStatus.of(1011, "message broken off");

    private final int fragmentBytes;
    private final Listener listener;
    private final Buffer out = new Buffer();
    private final FrameWriter frames;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition work = lock.newCondition();
    private final Condition streamRoom = lock.newCondition();

    // Guarded by lock.
    private final CloseHandshake handshake = new CloseHandshake();
    private ArrayDeque<OutgoingMessage> queued = new ArrayDeque<>();
    private @Nullable ByteString queuedPing;
    private ArrayDeque<ByteString> queuedPongs = new ArrayDeque<>();
    private long bufferedBytes;
    /** Until it is told. */
    private boolean peerBegan;

    private boolean waiting;
    private boolean stopped;

    // Confined to the thread that runs.
    private ArrayDeque<OutgoingMessage> ready = new ArrayDeque<>();
    private @Nullable ByteString ping;
    private ArrayDeque<ByteString> pongs = new ArrayDeque<>();
    private @Nullable CloseStatus close;
    /** The stream that is the message at hand; its fields are the lock's all the same. */
    private @Nullable OutgoingStream streaming;
    /** What was taken from it and not encoded. */
    private final Buffer streamed = new Buffer();

    private final Buffer fragment = new Buffer();
    private boolean streamEnded;
    private boolean streamBroken;
    /** Payload of the message at hand, where it was given whole. */
    private long messageBytes;

    private int completed;
    private long completedBytes;

    WriterLoop(MaskingKeys maskingKeys, int fragmentBytes, Listener listener) {
        this.fragmentBytes = fragmentBytes;
        this.listener = listener;
        this.frames = new FrameWriter(out, maskingKeys);
    }

    /** Who is told of each frame. To be called before {@link #run}. */
    void observe(@Nullable FrameObserver observer) {
        frames.observe(observer);
    }

    /** Returns false if a close has begun or the writer is stopped. */
    boolean send(OutgoingMessage message) {
        lock.lock();
        try {
            if (stopped || !handshake.maySendMessages()) return false;
            queued.add(message);
            bufferedBytes += message.length;
            wake();
            return true;
        } finally {
            lock.unlock();
        }
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
        return stopped || handshake.theirs() != null;
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
            queuedPing = payload;
            wake();
        } finally {
            lock.unlock();
        }
    }

    void pong(ByteString payload) {
        lock.lock();
        try {
            if (queuedPongs.size() == MAX_PONGS) queuedPongs.clear();
            queuedPongs.add(payload);
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

    /** Takes the peer's close frame. Where it is the first, that is told and answered. */
    void closeReceived(CloseStatus status) {
        lock.lock();
        try {
            peerBegan = handshake.receive(status);
            streamRoom.signalAll();
            wake();
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
            streamRoom.signalAll();
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
    void run(Sink sink, @Nullable PermessageDeflate deflate) throws IOException {
        try (MessageEncoder messages = new MessageEncoder(frames, fragmentBytes, deflate)) {
            while (take(messages)) {
                boolean pinged = ping != null;
                boolean closing = encode(messages);
                if (!out.exhausted()) {
                    sink.write(out, out.size());
                    sink.flush();
                }
                release();
                if (pinged) listener.onPingWritten();
                if (completed > 0) listener.onWritten(completed);
                if (closing) return;
            }
        } finally {
            stop();
        }
    }

    /** What is in the socket is not buffered any more. */
    private void release() {
        if (completedBytes == 0) return;
        lock.lock();
        try {
            bufferedBytes -= completedBytes;
            completedBytes = 0;
        } finally {
            lock.unlock();
        }
    }

    /** Waits for work and takes it over. Returns false once stopped. */
    private boolean take(MessageEncoder messages) {
        lock.lock();
        try {
            while (true) {
                while (!isWork(messages)) {
                    waiting = true;
                    work.awaitUninterruptibly();
                    waiting = false;
                }
                if (stopped) return false;
                if (!peerBegan) break;
                peerBegan = false;
                tellPeerBegan();
            }
            takeMessages();
            ping = queuedPing;
            queuedPing = null;
            ArrayDeque<ByteString> answered = pongs;
            pongs = queuedPongs;
            queuedPongs = answered;
            return true;
        } finally {
            lock.unlock();
        }
    }

    private boolean isWork(MessageEncoder messages) {
        return stopped || peerBegan || queuedPing != null || !queuedPongs.isEmpty() || isMessageWork(messages);
    }

    private boolean isMessageWork(MessageEncoder messages) {
        OutgoingStream stream = streaming;
        if (stream != null) {
            return !streamed.exhausted()
                    || !stream.pending.exhausted()
                    || stream.ended
                    || stream.broken
                    || handshake.theirs() != null;
        }
        return messages.hasMore() || !ready.isEmpty() || !queued.isEmpty() || handshake.ours() != null;
    }

    private void tellPeerBegan() {
        lock.unlock();
        try {
            listener.onPeerBeganClose();
        } finally {
            lock.lock();
        }
        handshake.answer();
    }

    private void takeMessages() {
        if (ready.isEmpty()) {
            ArrayDeque<OutgoingMessage> taken = queued;
            queued = ready;
            ready = taken;
        }
        close = queued.isEmpty() ? handshake.ours() : null;
        OutgoingStream stream = streaming;
        if (stream == null) return;
        if (streamed.size() < fragmentBytes) {
            streamed.write(stream.pending, stream.pending.size());
            streamRoom.signalAll();
        }
        streamEnded = stream.ended && stream.pending.exhausted();
        // Nothing may follow a message without an end but the close frame, which may come in its midst.
        if (stream.broken || handshake.theirs() != null) {
            handshake.begin(STREAM_BROKEN);
            close = handshake.ours();
            streamBroken = true;
        }
    }

    /** Fills the buffer with one batch. Returns whether the close frame, and with it the last frame, is in it. */
    private boolean encode(MessageEncoder messages) {
        completed = 0;
        for (ByteString pong; (pong = pongs.poll()) != null; ) {
            frames.writeFrame(true, Opcode.PONG, pong, 0, pong.size());
        }
        if (ping != null) frames.writeFrame(true, Opcode.PING, ping, 0, ping.size());
        if (streamBroken) return encodeClose();
        while (out.size() < BATCH_BYTES) {
            if (streaming != null) {
                if (!encodeStream(messages)) return false;
            } else if (messages.hasMore()) {
                messages.encodeNext();
                if (!messages.hasMore()) complete(messageBytes);
            } else {
                OutgoingMessage message = ready.poll();
                if (message == null) return encodeClose();
                encodeMessage(messages, message);
            }
        }
        return false;
    }

    private void encodeMessage(MessageEncoder messages, OutgoingMessage message) {
        messageBytes = message.length;
        if (message.text != null) {
            messages.text(message.text, message.length);
        } else if (message.bytes != null) {
            messages.binary(message.bytes);
        } else if (message.stream != null) {
            begin(messages, message.stream);
            return;
        }
        if (!messages.hasMore()) complete(messageBytes);
    }

    private void begin(MessageEncoder messages, OutgoingStream stream) {
        lock.lock();
        try {
            if (stream.broken) return;
            stream.begun = true;
        } finally {
            lock.unlock();
        }
        messages.begin(stream.isText);
        streaming = stream;
        streamEnded = false;
    }

    /** Encodes one fragment of the stream. Returns false if there is none to encode until more was taken. */
    private boolean encodeStream(MessageEncoder messages) {
        if (streamed.exhausted() && !streamEnded) return false;
        fragment.write(streamed, Math.min(streamed.size(), fragmentBytes));
        completedBytes += fragment.size();
        boolean last = streamEnded && streamed.exhausted();
        messages.fragment(fragment, last);
        if (last) {
            streaming = null;
            complete(0);
        }
        return true;
    }

    private void complete(long bytes) {
        completed++;
        completedBytes += bytes;
    }

    private boolean encodeClose() {
        if (close == null) return false;
        ByteString payload = close.encode();
        frames.writeFrame(true, Opcode.CLOSE, payload, 0, payload.size());
        return true;
    }
}

package dev.holdfast.internal.transport;

import dev.holdfast.internal.frame.FrameWriter;
import dev.holdfast.internal.frame.MaskingKeys;
import dev.holdfast.internal.frame.Opcode;
import dev.holdfast.internal.message.CloseStatus;
import java.io.IOException;
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
 * their sender, see {@code docs/concurrency.md}.
 */
final class WriterLoop {
    /** What is told of the writer's work, on its thread. */
    interface Listener {
        /** The peer's close frame was the first; all that was written before it was noticed has been told. */
        void onPeerBeganClose();

        void onWritten(int messages);

        void onPingWritten();
    }

    /** Enough to make a system call worth its cost; little enough for a ping not to wait long behind it. */
    private static final int BATCH_BYTES = 64 * 1024;

    private static final int FRAGMENT_BYTES = 64 * 1024;

    /** Pongs that may wait. A peer that sends more pings than that while we can't write gets the newest answered only. */
    private static final int MAX_PONGS = 32;

    private final Listener listener;
    private final Buffer out = new Buffer();
    private final FrameWriter frames;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition work = lock.newCondition();

    // Guarded by lock.
    private final CloseHandshake handshake = new CloseHandshake();
    private ArrayDeque<OutgoingMessage> queued = new ArrayDeque<>();
    private @Nullable ByteString queuedPing;
    private ArrayDeque<ByteString> queuedPongs = new ArrayDeque<>();
    /** Until it is told. */
    private boolean peerBegan;

    private boolean waiting;
    private boolean stopped;

    // Confined to the thread that runs.
    private ArrayDeque<OutgoingMessage> ready = new ArrayDeque<>();
    private @Nullable ByteString ping;
    private ArrayDeque<ByteString> pongs = new ArrayDeque<>();
    private @Nullable CloseStatus close;
    private boolean peerBeganNow;
    /** The message that is being cut into fragments, null between messages. */
    private @Nullable ByteString cutting;

    private int cutAt;
    private int nextOpcode;
    private int completed;

    WriterLoop(MaskingKeys maskingKeys, Listener listener) {
        this.listener = listener;
        this.frames = new FrameWriter(out, maskingKeys);
    }

    /** Returns false if a close has begun or the writer is stopped. */
    boolean send(OutgoingMessage message) {
        lock.lock();
        try {
            if (stopped || !handshake.maySendMessages()) return false;
            queued.add(message);
            wake();
            return true;
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

    /** Takes the peer's close frame and queues the answer where one is due. */
    void closeReceived(CloseStatus status) {
        lock.lock();
        try {
            if (handshake.receive(status)) {
                peerBegan = true;
                wake();
            }
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
            wake();
        } finally {
            lock.unlock();
        }
    }

    /** Only a writer that waits needs a signal; one that works looks again before it waits. */
    private void wake() {
        if (waiting) work.signal();
    }

    /** Writes until the close frame is out or the loop is stopped. */
    void run(Sink sink) throws IOException {
        while (take()) {
            if (peerBeganNow) listener.onPeerBeganClose();
            boolean pinged = ping != null;
            boolean closing = encode();
            sink.write(out, out.size());
            sink.flush();
            if (pinged) listener.onPingWritten();
            if (completed > 0) listener.onWritten(completed);
            if (closing) return;
        }
    }

    /** Waits for work and takes it over. Returns false once stopped. */
    private boolean take() {
        lock.lock();
        try {
            while (!stopped
                    && queued.isEmpty()
                    && ready.isEmpty()
                    && cutting == null
                    && queuedPing == null
                    && queuedPongs.isEmpty()
                    && handshake.ours() == null) {
                waiting = true;
                work.awaitUninterruptibly();
                waiting = false;
            }
            if (stopped) return false;
            if (ready.isEmpty()) {
                ArrayDeque<OutgoingMessage> taken = queued;
                queued = ready;
                ready = taken;
            }
            ping = queuedPing;
            queuedPing = null;
            ArrayDeque<ByteString> answered = pongs;
            pongs = queuedPongs;
            queuedPongs = answered;
            close = queued.isEmpty() ? handshake.ours() : null;
            peerBeganNow = peerBegan;
            peerBegan = false;
            return true;
        } finally {
            lock.unlock();
        }
    }

    /** Fills the buffer with one batch. Returns whether the close frame, and with it the last frame, is in it. */
    private boolean encode() {
        completed = 0;
        for (ByteString pong; (pong = pongs.poll()) != null; ) {
            frames.writeFrame(true, Opcode.PONG, pong, 0, pong.size());
        }
        if (ping != null) frames.writeFrame(true, Opcode.PING, ping, 0, ping.size());
        while (out.size() < BATCH_BYTES) {
            if (cutting != null) {
                encodeFragment(cutting);
            } else {
                OutgoingMessage message = ready.poll();
                if (message == null) return encodeClose();
                encodeMessage(message);
            }
        }
        return false;
    }

    private void encodeMessage(OutgoingMessage message) {
        boolean whole = message.length <= FRAGMENT_BYTES;
        if (message.text != null) {
            if (whole) {
                frames.writeText(message.text, message.length);
                completed++;
            } else {
                cut(Opcode.TEXT, ByteString.encodeUtf8(message.text));
            }
        } else if (message.bytes != null) {
            if (whole) {
                frames.writeFrame(true, Opcode.BINARY, message.bytes, 0, message.bytes.size());
                completed++;
            } else {
                cut(Opcode.BINARY, message.bytes);
            }
        }
    }

    private void cut(int opcode, ByteString payload) {
        cutting = payload;
        cutAt = 0;
        nextOpcode = opcode;
    }

    private void encodeFragment(ByteString payload) {
        int length = Math.min(FRAGMENT_BYTES, payload.size() - cutAt);
        boolean fin = cutAt + length == payload.size();
        frames.writeFrame(fin, nextOpcode, payload, cutAt, length);
        cutAt += length;
        nextOpcode = Opcode.CONTINUATION;
        if (fin) {
            cutting = null;
            completed++;
        }
    }

    private boolean encodeClose() {
        if (close == null) return false;
        ByteString payload = close.encode();
        frames.writeFrame(true, Opcode.CLOSE, payload, 0, payload.size());
        return true;
    }
}

package dev.holdfast.internal.transport;

import dev.holdfast.ConnectionFailure.Phase;
import dev.holdfast.internal.frame.FrameReader;
import dev.holdfast.internal.frame.ProtocolViolation;
import dev.holdfast.internal.message.CloseStatus;
import dev.holdfast.internal.message.MessageAssembler;
import dev.holdfast.internal.message.MessageHandler;
import dev.holdfast.internal.time.Scheduler;
import dev.holdfast.internal.time.Scheduler.Scheduled;
import dev.holdfast.internal.time.Ticker;
import java.io.IOException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import okio.Buffer;
import okio.BufferedSource;
import okio.ByteString;
import okio.ForwardingSink;
import okio.ForwardingSource;
import okio.Okio;
import okio.Sink;
import okio.Socket;
import okio.Source;
import org.jspecify.annotations.Nullable;

/**
 * One WebSocket over one socket of OkHttp's: the upgrade and the reader on one thread, the {@link WriterLoop} on another,
 * the closing handshake with its time limit.
 *
 * <p>The reader's thread owns the end: it alone tells the listener of it, after it has closed its stream. Another
 * thread ends the connection by cancelling the call, which unblocks both streams; closing a stream from outside would
 * not.
 */
final class WebSocketConnection implements Connection, MessageHandler, WriterLoop.Listener {
    private static final int DRAIN_BYTES = 8 * 1024;

    private final OkHttpTransport transport;
    private final ConnectionListener listener;
    private final Ticker ticker;
    private final Scheduler scheduler;
    private final Upgrade upgrade;
    private final WriterLoop writer;

    /** The first reason why the connection ends, where that is not what the reader itself finds. */
    private final AtomicReference<@Nullable TransportException> cause = new AtomicReference<>();

    private final AtomicReference<@Nullable Scheduled> closeLimit = new AtomicReference<>();

    /** How many of reader and writer are done. */
    private final AtomicInteger ended = new AtomicInteger();

    private final ReentrantLock readingLock = new ReentrantLock();
    private final Condition readingAllowed = readingLock.newCondition();
    /** Guarded by readingLock for writing. */
    private volatile boolean reading = true;

    private volatile boolean cancelled;
    private volatile long lastInboundAt;
    private volatile long lastOutboundAt;

    /** The peer's close frame. Confined to the reader. */
    private @Nullable CloseStatus closedByPeer;

    WebSocketConnection(OkHttpTransport transport, ConnectionListener listener) {
        this.transport = transport;
        this.listener = listener;
        this.ticker = transport.ticker;
        this.scheduler = transport.scheduler;
        this.upgrade = transport.newUpgrade();
        this.writer = new WriterLoop(transport.newMaskingKeys(), this);
        this.lastInboundAt = ticker.nanos();
        this.lastOutboundAt = lastInboundAt;
    }

    void start() {
        try {
            transport.executor.execute(this::run);
        } catch (RejectedExecutionException e) {
            listener.onFailed(TransportException.of(Phase.TCP, "the I/O executor takes no more tasks", e));
        }
    }

    // ---- the reader's thread ----

    private void run() {
        TransportException failure = null;
        try {
            Socket socket = open();
            Source source = socket.getSource();
            try {
                startWriter(socket);
                listener.onOpen(this);
                read(source);
            } finally {
                writer.stop();
                Streams.close(source);
                closeSinkIfLast(socket.getSink());
            }
        } catch (TransportException e) {
            failure = e;
        } catch (IOException e) {
            failure = TransportException.of(Phase.SESSION, Streams.describe(e), e);
        }
        Scheduled limit = closeLimit.getAndSet(null);
        if (limit != null) limit.cancel();
        CloseStatus closed = closedByPeer;
        if (closed != null) {
            listener.onClosed(closed);
        } else {
            TransportException first = cause.get();
            if (first == null) first = failure;
            if (first == null) first = TransportException.of(Phase.SESSION, "connection ended", null);
            listener.onFailed(first);
        }
    }

    private Socket open() throws TransportException {
        Scheduled limit = scheduler.schedule(this::openingTookTooLong, transport.connectTimeoutNanos);
        try {
            Socket socket = upgrade.execute();
            lastInboundAt = ticker.nanos();
            return socket;
        } finally {
            limit.cancel();
        }
    }

    private void openingTookTooLong() {
        Phase phase = upgrade.phase();
        String what = phase == Phase.DNS
                ? "no answer from DNS"
                : phase == Phase.TCP
                        ? "no answer to the TCP connect"
                        : phase == Phase.TLS ? "no answer to the TLS handshake" : "no answer to the upgrade";
        abort(TransportException.of(
                phase, what + " within " + transport.connectTimeoutNanos / 1_000_000 + " ms", null));
    }

    private void startWriter(Socket socket) throws IOException {
        Sink sink = socket.getSink();
        try {
            transport.executor.execute(() -> write(sink));
        } catch (RejectedExecutionException e) {
            upgrade.cancel();
            closeSinkIfLast(sink);
            throw TransportException.of(Phase.TCP, "the I/O executor takes no more tasks", e);
        }
    }

    private void read(Source socketSource) throws IOException {
        // OkHttp's read timeout outlives the upgrade and would kill an idle connection; the heartbeat judges that.
        socketSource.timeout().clearTimeout();
        BufferedSource source = Okio.buffer(new ForwardingSource(socketSource) {
            @Override
            public long read(Buffer sink, long byteCount) throws IOException {
                long read = super.read(sink, byteCount);
                lastInboundAt = ticker.nanos();
                return read;
            }
        });
        MessageAssembler messages =
                new MessageAssembler(new FrameReader(source, false), transport.maxMessageBytes, this);
        try {
            while (!cancelled && messages.readFrame()) awaitReadingAllowed();
        } catch (ProtocolViolation e) {
            // In order: what is queued, then the close frame that says why, section 7.1.7.
            cause.compareAndSet(
                    null, TransportException.of(Phase.SESSION, "server broke the protocol: " + e.getMessage(), e));
            close(CloseStatus.of(e.closeCode(), ""));
        }
        if (closedByPeer == null && cause.get() == null) {
            throw TransportException.of(Phase.SESSION, "server ended the connection without a close frame", null);
        }
        drain(source);
    }

    /** Reads and forgets until the peer ends the stream, so that no reset overtakes our close frame. */
    private void drain(BufferedSource source) {
        Buffer forgotten = new Buffer();
        try {
            while (source.read(forgotten, DRAIN_BYTES) != -1) forgotten.clear();
        } catch (IOException e) {
            // The peer cut it short, or the time limit did. Why the connection ends is known already.
        }
    }

    private void awaitReadingAllowed() {
        if (reading) return;
        readingLock.lock();
        try {
            while (!reading && !cancelled) readingAllowed.awaitUninterruptibly();
        } finally {
            readingLock.unlock();
        }
    }

    @Override
    public void onText(String text) {
        listener.onText(text);
    }

    @Override
    public void onBinary(ByteString bytes) {
        listener.onBinary(bytes);
    }

    @Override
    public void onPing(ByteString payload) {
        writer.pong(payload);
    }

    @Override
    public void onPong(ByteString payload) {
        listener.onPong(payload);
    }

    @Override
    public void onClose(CloseStatus status) {
        closedByPeer = status;
        limitClose();
        writer.closeReceived(status);
    }

    // ---- the writer's thread ----

    private void write(Sink socketSink) {
        if (socketSink.timeout().timeoutNanos() == 0) {
            socketSink.timeout().timeout(transport.writeTimeoutNanos, TimeUnit.NANOSECONDS);
        }
        Sink sink = new ForwardingSink(socketSink) {
            @Override
            public void flush() throws IOException {
                super.flush();
                lastOutboundAt = ticker.nanos();
            }
        };
        try {
            writer.run(sink);
        } catch (IOException e) {
            abort(TransportException.of(Phase.SESSION, "write failed: " + Streams.describe(e), e));
        } finally {
            closeSinkIfLast(socketSink);
        }
    }

    /**
     * Called by reader and writer as each is done. The sink stays open until both are: closed earlier it would end the
     * TCP stream behind our close frame, which proxies take for a client that has gone.
     */
    private void closeSinkIfLast(Sink sink) {
        if (ended.incrementAndGet() == 2) Streams.close(sink);
    }

    @Override
    public void onWritten(int messages) {
        listener.onWritten(messages);
    }

    @Override
    public void onPingWritten() {
        listener.onPingWritten();
    }

    // ---- any thread ----

    @Override
    public boolean sendText(String text, long utf8Length) {
        return writer.send(new OutgoingMessage(text, utf8Length));
    }

    @Override
    public boolean sendBinary(ByteString bytes) {
        return writer.send(new OutgoingMessage(bytes));
    }

    @Override
    public void sendPing(ByteString payload) {
        writer.ping(payload);
    }

    @Override
    public void close(CloseStatus status) {
        if (writer.close(status)) limitClose();
    }

    private void limitClose() {
        Scheduled limit = scheduler.schedule(
                () -> abort(TransportException.of(Phase.SESSION, "server did not finish the closing handshake", null)),
                transport.closeTimeoutNanos);
        if (!closeLimit.compareAndSet(null, limit)) limit.cancel();
    }

    @Override
    public void cancel() {
        abort(TransportException.of(upgrade.phase(), "cancelled", null));
    }

    /** Ends the connection from outside the reader, which then tells of it. */
    private void abort(TransportException reason) {
        cause.compareAndSet(null, reason);
        cancelled = true;
        writer.stop();
        upgrade.cancel();
        setReading(true);
    }

    @Override
    public void setReading(boolean allowed) {
        readingLock.lock();
        try {
            if (allowed && !reading) lastInboundAt = ticker.nanos();
            reading = allowed;
            readingAllowed.signalAll();
        } finally {
            readingLock.unlock();
        }
    }

    @Override
    public long lastInboundAt() {
        return reading ? lastInboundAt : ticker.nanos();
    }

    @Override
    public long lastOutboundAt() {
        return lastOutboundAt;
    }
}

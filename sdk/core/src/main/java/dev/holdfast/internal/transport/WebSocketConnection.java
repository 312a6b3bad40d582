package dev.holdfast.internal.transport;

import dev.holdfast.ConnectionFailure.Phase;
import dev.holdfast.internal.frame.FrameObserver;
import dev.holdfast.internal.frame.FrameReader;
import dev.holdfast.internal.frame.ProtocolViolation;
import dev.holdfast.internal.frame.Utf8Text;
import dev.holdfast.internal.frame.Utf8Validator;
import dev.holdfast.internal.message.CloseStatus;
import dev.holdfast.internal.message.MessageAssembler;
import dev.holdfast.internal.message.MessageHandler;
import dev.holdfast.internal.message.PermessageDeflate;
import dev.holdfast.internal.message.PieceHandler;
import dev.holdfast.internal.time.Scheduler;
import dev.holdfast.internal.time.Scheduler.Scheduled;
import dev.holdfast.internal.time.Ticker;
import java.io.EOFException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.SocketTimeoutException;
import java.nio.charset.CharacterCodingException;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import okhttp3.Request;
import okhttp3.Response;
import okio.Buffer;
import okio.ByteString;
import okio.Source;
import org.jspecify.annotations.Nullable;

/**
 * One WebSocket over one socket of OkHttp's: the upgrade and the reader on one thread, the {@link WriterLoop} on another,
 * the closing handshake with its time limits.
 *
 * <p>Any thread ends the connection by cancelling the call, which unblocks both streams; closing a stream from outside
 * would not. The end is reported by whichever of reader and writer is the last to have anything to report, so that nothing
 * is reported after it. The reader may then wait in the background for the server to end the TCP stream. Whichever of the
 * two ends last closes the streams.
 */
public final class WebSocketConnection implements Connection, MessageHandler, WriterLoop.Listener {
    private static final String NO_TASKS = "the I/O executor takes no more tasks";
    private static final int DRAIN_BYTES = 8 * 1024;
    /** How long a listener may read of the body with which the server refused the upgrade. */
    private static final long REFUSAL_TIMEOUT_NANOS = TimeUnit.SECONDS.toNanos(1);

    /** How long the server may take to end the stream when nothing more is to be said. */
    private static final long DRAIN_TIMEOUT_NANOS = TimeUnit.SECONDS.toNanos(5);

    /** How long a report waits for a writer that is blocked. */
    private static final long WRITER_GRACE_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    private final OkHttpTransport transport;
    private final ConnectionListener listener;
    private final @Nullable PieceHandler pieces;
    private final Ticker ticker;
    private final Scheduler scheduler;
    private final Upgrade upgrade;
    private final WriterLoop writer;

    /** The first reason why the connection ends, where the peer sent no close frame. */
    private final AtomicReference<@Nullable TransportException> cause = new AtomicReference<>();

    /**
     * What the reader met. Counts only where there is no other reason: a stream that broke here may do so because of what
     * went wrong there. Written by the reader.
     */
    private volatile @Nullable TransportException readFailure;

    /** The time limits of the end, all of them still to be cancelled. */
    private final Queue<Scheduled> limits = new ConcurrentLinkedQueue<>();

    /** Until the upgrade is answered or took too long. */
    private final AtomicBoolean opening = new AtomicBoolean(true);

    /** Whether the end has been reported. */
    private final AtomicBoolean told = new AtomicBoolean();

    /** How many of reader and writer may have something to report. */
    private final AtomicInteger reporting = new AtomicInteger(1);

    /** How many of reader and writer have not ended. */
    private final AtomicInteger running = new AtomicInteger(1);

    /** Set by the reader before the writer starts; after that read by whoever ends last. */
    private @Nullable UpgradedSocket socket;

    private final ReentrantLock readingLock = new ReentrantLock();
    private final Condition readingAllowed = readingLock.newCondition();
    /** Guarded by readingLock for writing. */
    private volatile boolean reading = true;

    private volatile boolean cancelled;
    private volatile boolean closeWritten;
    /** Whether the reader has nothing more to report. Confined to its thread. */
    private boolean readerDone;

    private volatile long lastInboundAt;
    /** Written by the reader. */
    private volatile long lastControlFrameAt;

    private volatile @Nullable WriteWatch output;

    /** The peer's close frame. Written by the reader. */
    private volatile @Nullable CloseStatus closedByPeer;

    WebSocketConnection(
            OkHttpTransport transport, Request request, ConnectionListener listener, @Nullable PieceHandler pieces) {
        this.transport = transport;
        this.listener = listener;
        this.pieces = pieces;
        this.ticker = transport.ticker;
        this.scheduler = transport.scheduler;
        this.upgrade = transport.newUpgrade(request);
        this.writer = new WriterLoop(transport.secureRandom(), transport.settings.fragmentBytes, this);
        this.lastInboundAt = ticker.nanos();
        this.lastControlFrameAt = lastInboundAt;
    }

    /** Starts to open it, once. */
    public void start() {
        try {
            transport.executor.execute(this::run);
        } catch (Throwable e) {
            // An executor refuses with more than RejectedExecutionException: a system without threads with an Error.
            abort(noTasks(e));
            readerEnded();
        }
    }

    /** A pool that is shut down or too small will refuse again. What the process has run out of may come back. */
    private static TransportException noTasks(Throwable refusal) {
        Phase phase = refusal instanceof VirtualMachineError ? Phase.UPGRADE : Phase.CONFIGURATION;
        return TransportException.of(phase, NO_TASKS, refusal);
    }

    // ---- the reader's thread ----

    private void run() {
        try {
            UpgradedSocket opened = open();
            socket = opened;
            lastInboundAt = ticker.nanos();
            FrameObserver observer = listener.frameObserver();
            writer.observe(observer);
            startWriter(opened);
            listener.onOpen(this);
            read(opened.in(), observer);
        } catch (TransportException e) {
            abort(e);
        } catch (IOException e) {
            readFailure = TransportException.of(Phase.SESSION, Streams.describe(e), e);
            abort(null);
        } catch (Throwable e) {
            // What interceptors, DNS or a listener throw ends up here. Kotlin does not declare its checked exceptions.
            abort(TransportException.of(upgrade.phase(), e.toString(), e));
        } finally {
            try {
                readerEnded();
            } finally {
                upgrade.discard();
            }
        }
    }

    private UpgradedSocket open() throws TransportException {
        Scheduled limit = scheduler.schedule(this::openingTookTooLong, transport.settings.connectTimeoutNanos);
        try {
            return upgrade.execute(this::onResponse);
        } finally {
            limit.cancel();
        }
    }

    /** The answer decides how opening ends, and the time limit no longer does. */
    private void onResponse(Response response) throws TransportException {
        if (!opening.getAndSet(false)) throw TransportException.of(Phase.UPGRADE, "answered too late", null);
        if (response.socket() != null) {
            listener.onResponse(response);
            return;
        }
        // Cancelling unblocks a listener that reads the body.
        Scheduled limit = scheduler.schedule(upgrade::cancelReporting, REFUSAL_TIMEOUT_NANOS);
        try {
            listener.onResponse(response);
        } finally {
            limit.cancel();
        }
    }

    private void openingTookTooLong() {
        if (!opening.getAndSet(false)) return;
        abort(TransportException.of(
                upgrade.phase(),
                upgrade.unanswered() + " within "
                        + TimeUnit.NANOSECONDS.toMillis(transport.settings.connectTimeoutNanos) + " ms",
                null));
        // Not left to the reader: a DNS lookup can't be cancelled and may keep it for minutes.
        try {
            transport.executor.execute(this::tellEnd);
        } catch (Throwable e) {
            tellEnd();
        }
    }

    private void startWriter(UpgradedSocket opened) throws TransportException {
        long ofClient = opened.writeTimeoutNanos();
        long limit = ofClient > 0 ? ofClient : transport.writeTimeoutNanos;
        WriteWatch watched = new WriteWatch(opened.out(), ticker, limit, this::writeStalled);
        output = watched;
        running.incrementAndGet();
        reporting.incrementAndGet();
        try {
            transport.executor.execute(() -> write(watched));
        } catch (Throwable e) {
            running.decrementAndGet();
            reporting.decrementAndGet();
            throw noTasks(e);
        }
    }

    private void read(InputStream socketIn, @Nullable FrameObserver observer) throws IOException {
        InputStream in = new FilterInputStream(socketIn) {
            @Override
            public int read(byte[] into, int offset, int byteCount) throws IOException {
                listener.onWaiting();
                int read = super.read(into, offset, byteCount);
                lastInboundAt = ticker.nanos();
                return read;
            }
        };
        PermessageDeflate deflate = upgrade.deflate();
        FrameReader frames = new FrameReader(in, false, deflate != null);
        try (MessageAssembler messages =
                new MessageAssembler(frames, deflate, transport.settings.maxMessageBytes, this, pieces)) {
            messages.observe(observer);
            readFrames(messages);
        } catch (ProtocolViolation e) {
            // In order: what is queued, then the close frame that says why, section 7.1.7.
            cause.compareAndSet(
                    null, TransportException.of(Phase.SESSION, "server broke the protocol: " + e.getMessage(), e));
            fail(CloseStatus.of(e.closeCode(), ""));
        }
        if (closedByPeer == null && cause.get() == null) {
            String end = "server ended the connection without a close frame";
            throw TransportException.of(Phase.SESSION, end, new EOFException(end));
        }
        readerDone();
        drain(in);
    }

    /**
     * Sends our close frame and reports the end as soon as it is written, or cannot be written soon. The server may keep
     * the TCP connection for as long as it likes, and may have stopped reading.
     */
    private void fail(CloseStatus status) {
        writer.close(status);
        limitEnd(Math.min(DRAIN_TIMEOUT_NANOS, transport.settings.closeTimeoutNanos));
        awaitWriter(writer::awaitCloseWritten);
        writer.finishSilently();
        tellEnd();
    }

    /** Runs a wait for the writer, for {@link #WRITER_GRACE_NANOS} at most. */
    private void awaitWriter(Runnable wait) {
        Scheduled limit = scheduler.schedule(writer::stopAwaiting, WRITER_GRACE_NANOS);
        try {
            wait.run();
        } finally {
            limit.cancel();
        }
    }

    private void readFrames(MessageAssembler messages) throws IOException {
        try {
            while (!cancelled && messages.readFrame()) awaitReadingAllowed();
        } finally {
            listener.onWaiting();
        }
    }

    /** Reads and forgets until the peer ends the stream, so that no reset overtakes our close frame. */
    private static void drain(InputStream in) {
        byte[] forgotten = new byte[DRAIN_BYTES];
        int read = 0;
        try {
            while (read != -1) read = in.read(forgotten, 0, DRAIN_BYTES);
        } catch (IOException e) {
            // The peer cut it short, or the time limit did. Why the connection ends is known already.
        }
    }

    private void awaitReadingAllowed() {
        if (reading) return;
        listener.onWaiting();
        readingLock.lock();
        try {
            while (!reading && !cancelled) readingAllowed.awaitUninterruptibly();
        } finally {
            readingLock.unlock();
        }
    }

    @Override
    public void onText(Utf8Text text) throws ProtocolViolation {
        listener.onText(text);
    }

    @Override
    public void onBinary(ByteString bytes) {
        listener.onBinary(bytes);
    }

    @Override
    public void onPing(ByteString payload) {
        lastControlFrameAt = lastInboundAt;
        writer.pong(payload);
    }

    @Override
    public void onPong(ByteString payload) {
        lastControlFrameAt = lastInboundAt;
        listener.onPong(payload);
    }

    @Override
    public void onClose(CloseStatus status) {
        listener.onWaiting();
        closedByPeer = status;
        if (writer.closeReceived(status)) {
            limitFlush();
            // What the server answers with its close frame has been written, and that is reported first. A writer that
            // is
            // blocked has nothing to report.
            awaitWriter(writer::awaitReported);
            listener.onClosing(status);
            writer.answerClose();
            return;
        }
        // Ours may have been written a moment ago, or wait behind a write that is blocked until its time limit.
        if (!closeWritten) awaitWriter(writer::awaitReported);
        if (closeWritten) limitEnd(DRAIN_TIMEOUT_NANOS);
        else listener.onClosing(status);
    }

    // ---- the writer's thread ----

    private void write(WriteWatch watched) {
        try (WriteWatch out = watched) {
            writer.run(out, upgrade.deflate());
        } catch (IOException e) {
            if (!cancelled) writeFailed(e);
        } catch (Throwable e) {
            abort(TransportException.of(Phase.SESSION, "write failed: " + e, e));
        } finally {
            try {
                doneReporting();
            } finally {
                ended();
            }
        }
    }

    /** On the timer of the watch. The socket goes, and the write with it. */
    private void writeStalled() {
        String stalled = "write timed out: server takes nothing";
        abort(TransportException.of(Phase.SESSION, stalled, new SocketTimeoutException(stalled)));
    }

    /** The server may have sent a close frame before it went, which is the better reason: the reader gets time to find it. */
    private void writeFailed(IOException e) {
        cause.compareAndSet(null, TransportException.of(Phase.SESSION, "write failed: " + Streams.describe(e), e));
        writer.stop();
        limitEnd(Math.min(DRAIN_TIMEOUT_NANOS, transport.settings.closeTimeoutNanos));
    }

    // ---- the end ----

    private void readerEnded() {
        try {
            readerDone();
        } finally {
            ended();
        }
    }

    private void readerDone() {
        if (readerDone) return;
        readerDone = true;
        doneReporting();
    }

    /**
     * Called by reader and writer as each has nothing more to report. The last of the two reports the end: before the streams
     * are closed, since closing may block in TLS and calls the application's event listener, which may throw.
     */
    private void doneReporting() {
        if (reporting.decrementAndGet() == 0) tellEnd();
    }

    /**
     * Called by reader and writer as each ends. The last of the two closes the streams, which nobody uses any more. Closed
     * earlier the sink would end the TCP stream behind our close frame, which proxies take for a client that has gone.
     */
    private void ended() {
        if (running.decrementAndGet() == 0) release();
    }

    private void release() {
        UpgradedSocket used = socket;
        try {
            if (used != null) used.close();
        } finally {
            cancelLimits();
        }
    }

    private void tellEnd() {
        if (told.getAndSet(true)) return;
        CloseStatus closed = closedByPeer;
        if (closed != null) {
            listener.onClosed(closed);
        } else {
            TransportException first = cause.get();
            if (first == null) first = readFailure;
            if (first == null) first = TransportException.of(Phase.SESSION, "connection ended", null);
            listener.onFailed(first);
        }
    }

    @Override
    public void onWritten(int messages) {
        listener.onWritten(messages);
    }

    @Override
    public void onPingWritten() {
        listener.onPingWritten();
    }

    /** The time limit of the closing handshake starts here: what was queued before the close frame has had its own time. */
    @Override
    public void onCloseWritten() {
        closeWritten = true;
        limitEnd(closedByPeer == null ? transport.settings.closeTimeoutNanos : DRAIN_TIMEOUT_NANOS);
    }

    // ---- any thread ----

    @Override
    public boolean sendText(String text, long utf8Length) {
        return writer.sendText(text, utf8Length);
    }

    /** As {@link #sendText(String, long)}, of text whose length in UTF-8 nobody has asked for. */
    public boolean sendText(String text) {
        return writer.sendText(text);
    }

    @Override
    public boolean sendBinary(ByteString bytes) {
        return writer.sendBinary(bytes);
    }

    /**
     * Sends a message of unknown length, as fragments, behind what is queued already. Blocks until all of it has been taken
     * over by the writer, a few fragments ahead of the socket. Leaves {@code source} open.
     *
     * @throws IOException if the message could not be sent whole: the source failed or is not UTF-8, the thread was
     *     interrupted, or the connection has ended. Where some of it was sent the connection is closed with 1011
     */
    public void send(boolean isText, Source source) throws IOException {
        OutgoingStream stream = new OutgoingStream(isText);
        if (!writer.sendStream(stream)) throw new IOException("the connection is closing or has ended");
        boolean sent = false;
        try {
            Utf8Validator utf8 = new Utf8Validator();
            Buffer piece = new Buffer();
            while (source.read(piece, transport.settings.fragmentBytes) != -1) {
                if (isText && !utf8.check(piece, 0)) throw new CharacterCodingException();
                writer.append(stream, piece);
            }
            if (!utf8.isComplete()) throw new CharacterCodingException();
            writer.endStream(stream);
            sent = true;
        } finally {
            if (!sent && writer.breakStream(stream)) limitFlush();
        }
    }

    /** Payload bytes of messages that were sent and are not in the socket yet, before compression. */
    public long bufferedBytes() {
        return writer.bufferedBytes();
    }

    @Override
    public void sendPing(ByteString payload) {
        writer.ping(payload);
    }

    @Override
    public boolean close(CloseStatus status) {
        if (!writer.close(status)) return false;
        limitFlush();
        return true;
    }

    /** From now on what is queued has so long to go out, and our close frame behind it. */
    private void limitFlush() {
        long nanos = transport.settings.flushTimeoutNanos;
        if (nanos != ConnectionSettings.NO_LIMIT) limitEnd(nanos);
    }

    /** From now on the connection has so long to end by itself. */
    private void limitEnd(long nanos) {
        try {
            limits.add(scheduler.schedule(
                    () -> abort(
                            TransportException.of(Phase.SESSION, "server did not finish the closing handshake", null)),
                    nanos));
        } catch (Throwable e) {
            abort(TransportException.of(Phase.SESSION, "the scheduler takes no time limit for the end", e));
        }
        // Where all has ended meanwhile nobody else would cancel it.
        if (running.get() == 0) cancelLimits();
    }

    private void cancelLimits() {
        for (Scheduled limit; (limit = limits.poll()) != null; ) limit.cancel();
    }

    @Override
    public void cancel() {
        abort(TransportException.of(upgrade.phase(), "cancelled", null));
    }

    /**
     * Ends the connection; reader and writer then find out. Throws nothing: it runs on threads that must go on, such as
     * Okio's watchdog. What the application's event listener throws is added to the reason that is reported.
     */
    private void abort(@Nullable TransportException reason) {
        if (reason != null) cause.compareAndSet(null, reason);
        cancelled = true;
        writer.stop();
        try {
            upgrade.cancel();
        } catch (Throwable e) {
            TransportException first = cause.get();
            if (first != null) first.addSuppressed(e);
        }
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
    public boolean areSecretsWithheld() {
        return upgrade.areSecretsWithheld();
    }

    @Override
    public long lastInboundAt() {
        return reading ? lastInboundAt : ticker.nanos();
    }

    @Override
    public long lastControlFrameAt() {
        return lastControlFrameAt;
    }

    @Override
    public long lastOutboundAt() {
        WriteWatch out = output;
        return out == null ? lastInboundAt : out.lastWriteAt();
    }
}

package dev.holdfast.internal.transport;

import dev.holdfast.ConnectionFailure.Phase;
import dev.holdfast.internal.concurrent.LongTask;
import dev.holdfast.internal.concurrent.Once;
import dev.holdfast.internal.frame.FrameObserver;
import dev.holdfast.internal.frame.Utf8Validator;
import dev.holdfast.internal.message.CloseStatus;
import dev.holdfast.internal.message.PieceHandler;
import dev.holdfast.internal.time.Scheduler;
import dev.holdfast.internal.time.Scheduler.Scheduled;
import dev.holdfast.internal.time.Ticker;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.nio.charset.CharacterCodingException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import okhttp3.Request;
import okhttp3.Response;
import okio.Buffer;
import okio.ByteString;
import okio.Source;
import org.jspecify.annotations.Nullable;

/**
 * One WebSocket over one of OkHttp's sockets: the upgrade, then the reader on a thread of its own, the {@link WriterLoop} on another
 * one while there is something to write, and the closing handshake with its time limits.
 *
 * <p>Any thread ends the connection by cancelling the call, which unblocks both streams; closing a stream from outside
 * would not. {@link ConnectionEnd} says when the end is reported.
 */
public final class WebSocketConnection implements Connection, WriterLoop.Listener, WriterRole.Starter {
    /** The time that a listener may take to read the body with which the server refused the upgrade. */
    private static final long REFUSAL_TIMEOUT_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final OkHttpTransport transport;
    private final ConnectionListener listener;
    private final Ticker ticker;
    private final Scheduler scheduler;
    private final Upgrade upgrade;
    private final OutgoingQueue outgoing;
    private final ReadGate gate;
    private final ConnectionEnd end;
    private final ReaderLoop reader;

    /** Whether the upgrade has neither been answered nor taken too long. */
    private final AtomicBoolean opening = new AtomicBoolean(true);

    private volatile @Nullable WriteWatch output;

    WebSocketConnection(
            OkHttpTransport transport, Request request, ConnectionListener listener, @Nullable PieceHandler pieces) {
        this.transport = transport;
        this.listener = listener;
        this.ticker = transport.ticker;
        this.scheduler = transport.scheduler;
        this.upgrade = transport.newUpgrade(request);
        ConnectionSettings settings = transport.settings;
        this.outgoing =
                new OutgoingQueue(transport.secureRandom(), settings.maxBufferedBytes, settings.writerIdleNanos, this);
        this.gate = new ReadGate(ticker);
        this.end = new ConnectionEnd(listener, scheduler, settings, outgoing, upgrade, gate);
        this.reader = new ReaderLoop(listener, pieces, settings.maxMessageBytes, scheduler, outgoing, gate, end);
    }

    /** Starts to open the connection. Call it once. */
    public void start() {
        execute(new Once(this::open));
    }

    /** Starts a task that ends with {@link #ended}, or with another such task. */
    private void execute(Once task) {
        try {
            transport.executor.execute(task);
        } catch (Throwable e) {
            // An executor may throw more than RejectedExecutionException: an Error if the system has no threads left.
            if (!task.compareAndSet(false, true)) return;
            try {
                end.abort(noTasks(Phase.UPGRADE, e));
            } finally {
                ended();
            }
        }
    }

    private TransportException noTasks(Phase phase, Throwable refusal) {
        return TransportException.noTasks(transport.executor, phase, refusal);
    }

    // ---- the thread of the upgrade ----

    /**
     * The reader gets a thread of its own, because a thread keeps what the upgrade needed for as long as it lives: pages of its
     * stack, and the JDK's buffer for reads of the size that Okio asks for.
     */
    private void open() {
        Once next;
        try {
            UpgradedSocket opened = upgraded();
            end.opened(opened);
            gate.inbound();
            next = new LongTask(() -> read(opened));
        } catch (Throwable e) {
            try {
                failed(e);
            } finally {
                ended();
            }
            return;
        }
        execute(next);
    }

    // ---- the reader's thread ----

    private void read(UpgradedSocket opened) {
        try {
            if (end.isAborted()) return;
            FrameObserver observer = listener.frameObserver();
            openWriter(opened, observer);
            listener.onOpen(this);
            reader.run(opened.in(), upgrade.deflate(), observer);
        } catch (Throwable e) {
            failed(e);
        } finally {
            ended();
        }
    }

    // ---- both ----

    private void failed(Throwable thrown) {
        if (thrown instanceof TransportException) {
            end.abort((TransportException) thrown);
        } else if (thrown instanceof IOException) {
            IOException e = (IOException) thrown;
            end.readFailed(TransportException.of(Phase.SESSION, Streams.describe(e), e));
            end.abort();
        } else {
            // Exceptions of interceptors, DNS or a listener. Kotlin code may throw undeclared checked exceptions.
            end.abort(unexpected(upgrade.phase(), thrown.toString(), thrown));
        }
    }

    private void ended() {
        try {
            end.readerEnded();
        } finally {
            upgrade.discard();
        }
    }

    /** Libraries that do not fit together will not fit at the next attempt. Another exception may not come again. */
    private static TransportException unexpected(Phase phase, String message, Throwable thrown) {
        return thrown instanceof LinkageError
                ? TransportException.thrown(phase, thrown)
                : TransportException.of(phase, message, thrown);
    }

    private UpgradedSocket upgraded() throws TransportException {
        Scheduled limit = scheduler.schedule(this::openingTookTooLong, transport.settings.connectTimeoutNanos);
        try {
            return upgrade.execute(this::onResponse);
        } finally {
            limit.cancel();
        }
    }

    /** From now on the response decides how opening ends, not the time limit. */
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
        end.abort(TransportException.of(
                upgrade.phase(),
                upgrade.unanswered() + " within "
                        + TimeUnit.NANOSECONDS.toMillis(transport.settings.connectTimeoutNanos) + " ms",
                null));
        // The reader could report it only when a DNS lookup returns, which can't be cancelled and may take minutes.
        try {
            transport.executor.execute(end::report);
        } catch (Throwable e) {
            end.report();
        }
    }

    private void openWriter(UpgradedSocket opened, @Nullable FrameObserver observer) {
        long ofClient = opened.writeTimeoutNanos();
        long limit = ofClient > 0 ? ofClient : transport.writeTimeoutNanos;
        WriteWatch watched = new WriteWatch(opened.out(), ticker, limit, this::writeStalled);
        output = watched;
        end.writerOpened(new WriterLoop(
                outgoing,
                transport.secureRandom(),
                transport.settings.fragmentBytes,
                watched,
                upgrade.deflate(),
                observer,
                this));
        outgoing.open();
    }

    // ---- any thread, when there is something to write ----

    @Override
    public void onWriterWanted() {
        end.writerStarts();
    }

    @Override
    public void startWriter() {
        Once task = new Once(this::write);
        try {
            transport.executor.execute(task);
        } catch (Throwable e) {
            if (task.compareAndSet(false, true)) end.writerRefused(noTasks(Phase.SESSION, e));
        }
    }

    // ---- the writer's thread ----

    private void write() {
        try {
            WriterLoop ready = end.writer();
            if (ready != null) ready.run();
        } catch (IOException e) {
            if (!end.isAborted()) writeFailed(e);
        } catch (Throwable e) {
            end.abort(unexpected(Phase.SESSION, "write failed: " + e, e));
        } finally {
            end.writerEnded();
        }
    }

    /** Called on the timer of the watch. Aborting closes the socket, and thereby ends the write. */
    private void writeStalled() {
        String stalled = "write timed out: server does not read";
        end.abort(TransportException.of(Phase.SESSION, stalled, new SocketTimeoutException(stalled)));
    }

    /**
     * Gives the reader time to find a close frame that the server may have sent before: it is the better reason. A reader that
     * waits goes on, because what it waits for may never be written. It finds what has arrived.
     */
    private void writeFailed(IOException e) {
        gate.end();
        end.because(TransportException.of(Phase.SESSION, "write failed: " + Streams.describe(e), e));
        outgoing.stop();
        end.limitFailure();
    }

    @Override
    public void onWritten(int messages) {
        listener.onWritten(messages);
    }

    @Override
    public void onPingWritten() {
        listener.onPingWritten();
    }

    @Override
    public void onCloseWritten() {
        end.closeWritten();
    }

    // ---- any thread ----

    @Override
    public boolean sendText(String text, long utf8Length) {
        return outgoing.sendText(text, utf8Length);
    }

    @Override
    public boolean sendAscii(String text) {
        return outgoing.sendAscii(text);
    }

    @Override
    public boolean sendText(byte[] utf8, int size) {
        return outgoing.sendText(utf8, size);
    }

    /** Queues a text of unknown UTF-8 length, as {@link #sendText(String, long)}. */
    public boolean sendText(String text) {
        return outgoing.sendText(text);
    }

    @Override
    public boolean sendBinary(ByteString bytes) {
        return outgoing.sendBinary(bytes);
    }

    /**
     * Sends a message of unknown length as fragments, behind what is queued already. Blocks until the writer has taken the
     * last fragment; the writer takes at most a few fragments before they can be written. Leaves {@code source} open.
     *
     * @throws IOException if the source fails or is not UTF-8, the thread is interrupted, or the connection is closing or has
     *     ended. If some of the message has gone out by then, the connection closes with code 1011
     */
    public void send(boolean isText, Source source) throws IOException {
        OutgoingStream stream = new OutgoingStream(isText, transport.settings.fragmentBytes);
        if (!outgoing.sendStream(stream)) throw new IOException("the connection is closing or has ended");
        boolean sent = false;
        try {
            Utf8Validator utf8 = new Utf8Validator();
            Buffer piece = new Buffer();
            while (source.read(piece, transport.settings.fragmentBytes) != -1) {
                if (isText && !utf8.check(piece, 0)) throw new CharacterCodingException();
                outgoing.append(stream, piece);
            }
            if (!utf8.isComplete()) throw new CharacterCodingException();
            outgoing.endStream(stream);
            sent = true;
        } finally {
            if (!sent && outgoing.breakStream(stream)) end.limitFlush();
        }
    }

    /** Returns the payload bytes, before compression, of what was sent and has not been given to the socket. */
    public long bufferedBytes() {
        return outgoing.bufferedBytes();
    }

    @Override
    public void sendPing(ByteString payload) {
        outgoing.ping(payload);
    }

    @Override
    public boolean close(CloseStatus status) {
        if (!outgoing.close(status)) return false;
        end.limitFlush();
        return true;
    }

    /** Returns whether a close has begun or the connection has ended. */
    public boolean isClosing() {
        return outgoing.isClosing();
    }

    @Override
    public void cancel() {
        end.abort(TransportException.of(upgrade.phase(), "cancelled", null));
    }

    @Override
    public void setReading(boolean allowed) {
        gate.set(allowed);
    }

    @Override
    public boolean areSecretsWithheld() {
        return upgrade.areSecretsWithheld();
    }

    @Override
    public long lastInboundAt() {
        return gate.lastInboundAt();
    }

    @Override
    public long lastControlFrameAt() {
        return reader.lastControlFrameAt();
    }

    @Override
    public long lastOutboundAt() {
        WriteWatch out = output;
        return out == null ? gate.lastReadAt() : out.lastWriteAt();
    }
}

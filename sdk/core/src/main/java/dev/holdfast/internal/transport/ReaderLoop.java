package dev.holdfast.internal.transport;

import dev.holdfast.ConnectionFailure.Phase;
import dev.holdfast.internal.frame.FrameObserver;
import dev.holdfast.internal.frame.FrameReader;
import dev.holdfast.internal.frame.ProtocolViolation;
import dev.holdfast.internal.frame.Utf8Text;
import dev.holdfast.internal.message.CloseStatus;
import dev.holdfast.internal.message.MessageAssembler;
import dev.holdfast.internal.message.MessageHandler;
import dev.holdfast.internal.message.PermessageDeflate;
import dev.holdfast.internal.message.PieceHandler;
import dev.holdfast.internal.time.Scheduler;
import dev.holdfast.internal.time.Scheduler.Scheduled;
import java.io.EOFException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.concurrent.TimeUnit;
import okio.ByteString;
import org.jspecify.annotations.Nullable;

/**
 * Reads frames from the socket, reports the messages, answers pings, and leads the closing handshake.
 *
 * <p>Confined to the thread that calls {@link #run}, except for {@link #lastControlFrameAt}.
 */
final class ReaderLoop implements MessageHandler {
    private static final int DRAIN_BYTES = 8 * 1024;

    /** The time that a report waits for a writer that is blocked. */
    private static final long WRITER_GRACE_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    private final ConnectionListener listener;
    private final @Nullable PieceHandler pieces;
    private final long maxMessageBytes;
    private final Scheduler scheduler;
    private final OutgoingQueue outgoing;
    private final ReadGate gate;
    private final ConnectionEnd end;

    /** Written by the reader, read by any thread. */
    private volatile long lastControlFrameAt;

    /** @param pieces receives messages in pieces, in place of the listener; null if the listener receives them whole */
    ReaderLoop(
            ConnectionListener listener,
            @Nullable PieceHandler pieces,
            long maxMessageBytes,
            Scheduler scheduler,
            OutgoingQueue outgoing,
            ReadGate gate,
            ConnectionEnd end) {
        this.listener = listener;
        this.pieces = pieces;
        this.maxMessageBytes = maxMessageBytes;
        this.scheduler = scheduler;
        this.outgoing = outgoing;
        this.gate = gate;
        this.end = end;
        this.lastControlFrameAt = gate.lastReadAt();
    }

    /**
     * Reads until the server ends the stream or the connection is aborted. All that can be reported has been when this
     * returns.
     *
     * @param deflate the compression that was negotiated, null for none
     * @param observer observes each frame, null for none
     * @throws IOException if the socket does, or the stream ends without a close frame
     */
    void run(InputStream socketIn, @Nullable PermessageDeflate deflate, @Nullable FrameObserver observer)
            throws IOException {
        InputStream in = new FilterInputStream(socketIn) {
            @Override
            public int read(byte[] into, int offset, int byteCount) throws IOException {
                listener.onWaiting();
                int read = super.read(into, offset, byteCount);
                if (read > 0) gate.inbound();
                return read;
            }
        };
        FrameReader frames = new FrameReader(in, false, deflate != null);
        try (MessageAssembler messages = new MessageAssembler(frames, deflate, maxMessageBytes, this, pieces)) {
            messages.observe(observer);
            readFrames(messages);
        } catch (ProtocolViolation e) {
            // RFC 6455 section 7.1.7: what is queued goes out, then a close frame that says why.
            end.because(TransportException.of(Phase.SESSION, "server violated the protocol: " + e.getMessage(), e));
            fail(CloseStatus.of(e.closeCode(), ""));
        }
        if (!end.hasReason()) {
            String reason = "server ended the connection without a close frame";
            throw TransportException.of(Phase.SESSION, reason, new EOFException(reason));
        }
        end.readerReported();
        drain(in);
    }

    private void readFrames(MessageAssembler messages) throws IOException {
        try {
            while (!end.isAborted() && messages.readFrame()) awaitReadingAllowed();
        } finally {
            listener.onWaiting();
        }
    }

    private void awaitReadingAllowed() {
        if (gate.isOpen()) return;
        listener.onWaiting();
        gate.await();
    }

    /**
     * Sends our close frame, and reports the end as soon as it is written or can't be written soon. The server may keep the
     * TCP connection for any time, and may have stopped reading.
     */
    private void fail(CloseStatus status) {
        outgoing.close(status);
        end.limitFailure();
        awaitWriter(outgoing.progress()::awaitStopped);
        outgoing.finishSilently();
        end.report();
    }

    /** Waits for the writer, for {@link #WRITER_GRACE_NANOS} at most. */
    private void awaitWriter(Runnable wait) {
        Scheduled limit = scheduler.schedule(outgoing.progress()::cancelWait, WRITER_GRACE_NANOS);
        try {
            wait.run();
        } finally {
            limit.cancel();
        }
    }

    /** Reads and discards until the peer ends the stream, so that no TCP reset overtakes our close frame. */
    private static void drain(InputStream in) {
        byte[] discarded = new byte[DRAIN_BYTES];
        int read = 0;
        try {
            while (read != -1) read = in.read(discarded, 0, DRAIN_BYTES);
        } catch (IOException e) {
            // The peer reset the connection, or the time limit was reached. The reason for the end is known already.
        }
    }

    /** Returns the ticker's nanoseconds when a whole ping or pong last came in, or when the connection was made. */
    long lastControlFrameAt() {
        return lastControlFrameAt;
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
        lastControlFrameAt = gate.lastReadAt();
        outgoing.pong(payload);
        listener.onPing();
    }

    @Override
    public void onPong(ByteString payload) {
        lastControlFrameAt = gate.lastReadAt();
        listener.onPong(payload);
    }

    @Override
    public void onClose(CloseStatus status) {
        listener.onWaiting();
        end.closedByPeer(status);
        if (outgoing.closeReceived(status)) {
            end.limitFlush();
            // The server may have answered what is being written: that is reported first. A blocked writer reports
            // nothing.
            awaitWriter(outgoing.progress()::awaitReported);
            listener.onClosing(status);
            outgoing.answerClose();
            return;
        }
        // Our close frame may have been written a moment ago, or may wait behind a write that is blocked.
        if (!end.isCloseWritten()) awaitWriter(outgoing.progress()::awaitReported);
        if (end.isCloseWritten()) end.limitDrain();
        else listener.onClosing(status);
    }
}

package dev.holdfast.server;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * One connection. An adapter passes it what the client sends, and says when it is over. The methods that receive are
 * called serially; the others by any thread.
 *
 * <p>It accepts no more than the lane can process, sends through its {@link Outbox}, and handles the ways in which a
 * connection ends. The {@link SessionProtocol} interprets the messages.
 */
public final class ServerConnection {
    private static final int MAX_CAUSES = 50;
    private static final int MAX_MESSAGE_BYTES = HoldfastServer.MAX_MESSAGE_BYTES;

    /** The maximum message size that is stated to clients; the rest of a frame is for the envelope. */
    static final int MAX_PAYLOAD_BYTES = MAX_MESSAGE_BYTES - 256;

    /** The maximum number of acknowledgements and credentials that may wait beside a full window of messages. */
    private static final int MAX_WAITING_BESIDE = 64;

    private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(5);

    /** The connection's place in the order of upgrades. */
    private final long number;

    private final ServerContext context;
    private final Transport transport;
    private final Outbox outbox;
    private final SessionProtocol protocol;
    private final Lane ownLane = new Lane();
    private volatile @Nullable Future<?> openTimeout;
    private volatile @Nullable Future<?> closeTimeout;
    private final CredentialWatch credential;

    /** Set when the server's side ends the connection. Messages that arrive afterwards are not applied. */
    private volatile boolean deaf;

    // A client that keeps to its window is always read; otherwise its pings would wait behind a slow application.
    private final int maxWaiting;
    private final long maxWaitingBytes;

    private final CompletableFuture<Void> closed = new CompletableFuture<>();
    private final AtomicLong received = new AtomicLong();

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition room = lock.newCondition();
    // Guarded by lock: messages that wait for the lane, and whether to ask for more when there are fewer.
    private int waiting;
    private long waitingBytes;
    private boolean demandOwed;

    private final PartialMessage partial = new PartialMessage(MAX_MESSAGE_BYTES);

    /**
     * @param number the place of the upgrade among all
     * @param bearer the credential of the upgrade, for an {@code open} that has none of its own; null if there was none
     */
    ServerConnection(ServerContext context, long number, Transport transport, @Nullable JsonNode bearer) {
        this.number = number;
        this.context = context;
        this.transport = transport;
        this.maxWaiting = context.options.maxUnacked() + MAX_WAITING_BESIDE;
        this.maxWaitingBytes = context.options.maxBytes() + MAX_MESSAGE_BYTES;
        this.outbox = new Outbox(
                transport,
                new Outbox.Callbacks() {
                    @Override
                    public void onHistoryGone() {
                        protocol.onHistoryGone();
                    }

                    @Override
                    public void onFailed(Throwable failure) {
                        protocol.failInternally(failure);
                    }

                    @Override
                    public void onFlooded() {
                        abort();
                    }
                },
                new SendWindow(context.options.maxUnacked(), context.options.maxBytes()),
                context.store.isRemote() ? context.workers : Runnable::run);
        this.protocol = new SessionProtocol(context, this, outbox, bearer);
        this.credential = new CredentialWatch(this, context.timer);
    }

    CredentialWatch credential() {
        return credential;
    }

    void start() {
        context.connections.add(this);
        openTimeout = context.timer.schedule(
                () -> shut(CloseCodes.NO_OPEN, "no open in time"),
                context.options.openTimeout().toMillis(),
                TimeUnit.MILLISECONDS);
        if (context.leaving) {
            // It was let in before the server began to close.
            shut(CloseCodes.RESTART, "server restarting");
        }
        transport.demand();
    }

    /** Cancels the timeout for {@code open}. */
    void stopWaitingForOpen() {
        cancel(openTimeout);
    }

    private static void cancel(@Nullable Future<?> timeout) {
        if (timeout != null) {
            timeout.cancel(false);
        }
    }

    long number() {
        return number;
    }

    boolean isDeaf() {
        return deaf;
    }

    /** {@return a stage that completes when the connection is over} */
    public CompletionStage<Void> closed() {
        return closed.minimalCompletionStage();
    }

    CompletableFuture<Void> end() {
        return closed;
    }

    boolean isClosed() {
        return closed.isDone();
    }

    /** {@return the session of the connection; null until the client is welcomed} */
    public @Nullable ServerSession session() {
        return protocol.session();
    }

    /** {@return whether the connection continues a session of an earlier one} */
    public boolean hasResumed() {
        return protocol.hasResumed();
    }

    /** {@return the number of messages of any kind that the client has sent} */
    public long received() {
        return received.get();
    }

    /** {@return the number of messages of any kind that the transport was given} */
    public long sent() {
        return outbox.sent();
    }

    /**
     * Receives a text message or a part of one. Never blocks.
     *
     * @param part the text
     * @param last true for the last part, or for a whole message
     */
    public void receiveText(String part, boolean last) {
        Frame frame = partial.text(part, last);
        if (frame != null) {
            receive(frame);
        }
    }

    /**
     * Receives a binary message or a part of one. Never blocks. What the buffer holds is copied.
     *
     * @param part the bytes
     * @param last true for the last part, or for a whole message
     */
    public void receiveBinary(ByteBuffer part, boolean last) {
        Frame frame = partial.binary(part, last);
        if (frame != null) {
            receive(frame);
        }
    }

    /**
     * Waits until the connection takes another message, or is over. For containers that cannot pause reading, after each
     * message: their thread waits in place of the socket. A client that keeps to its window never waits here.
     *
     * @throws InterruptedException if the thread is interrupted
     */
    public void awaitRoom() throws InterruptedException {
        lock.lock();
        try {
            while (demandOwed && !isClosed()) {
                room.await();
            }
        } finally {
            lock.unlock();
        }
    }

    /**
     * Receives a message and applies it in the session's lane, or in the connection's own lane if there is no session
     * yet.
     */
    void receive(Frame frame) {
        if (isTooLarge(frame)) {
            fail(CloseCodes.TOO_LARGE, "too-large", "at most " + MAX_MESSAGE_BYTES + " bytes in a message");
            transport.demand();
            return;
        }
        received.incrementAndGet();
        boolean demand;
        lock.lock();
        try {
            waiting++;
            waitingBytes += frame.size();
            demand = waiting < maxWaiting && waitingBytes < maxWaitingBytes;
            demandOwed = !demand;
        } finally {
            lock.unlock();
        }
        ServerSession session = protocol.session();
        Lane lane = session == null ? ownLane : session.lane();
        lane.execute(context.workers, () -> {
            try {
                protocol.receive(session, frame);
            } finally {
                applied(frame.size());
            }
        });
        if (demand) {
            transport.demand();
        }
    }

    private void applied(int size) {
        boolean demand;
        lock.lock();
        try {
            waiting--;
            waitingBytes -= size;
            demand = demandOwed && waiting < maxWaiting / 2 && waitingBytes < maxWaitingBytes / 2;
            if (demand) {
                demandOwed = false;
                room.signalAll();
            }
        } finally {
            lock.unlock();
        }
        if (demand && !isClosed()) {
            transport.demand();
        }
    }

    private static boolean isTooLarge(Frame frame) {
        if (frame.size() > MAX_MESSAGE_BYTES) {
            return true;
        }
        return frame instanceof Frame.Text text
                && text.size() > MAX_MESSAGE_BYTES / 3
                && text.text().getBytes(StandardCharsets.UTF_8).length > MAX_MESSAGE_BYTES;
    }

    void answer(String envelope) {
        outbox.answer(envelope);
    }

    void pump() {
        outbox.pump();
    }

    void ping() {
        transport.ping();
    }

    /** Reports an error to the client, then closes. */
    void fail(int closeCode, String code, String message) {
        failWith(closeCode, code, Envelopes.error(code, message));
    }

    /**
     * Ends the connection after an error that its container reports, so that the client resumes on another. An error of
     * the server is reported to the application, and nothing more is applied. Any other is a lost connection: what
     * arrived before is still applied.
     *
     * @param isOpen whether the container's connection is open
     */
    void containerFailed(Throwable failure, boolean isOpen) {
        if (isClosed()) {
            return;
        }
        if (isFaultOfServer(failure, isOpen)) {
            protocol.failInternally(failure);
        } else if (isOpen) {
            lane().execute(context.workers, () -> {
                if (!isClosed()) {
                    shut(CloseCodes.INTERNAL_ERROR, "the connection failed");
                }
            });
        } else {
            onClosed();
        }
    }

    /**
     * Returns whether an error that a container reports is one of the server. Containers report lost connections, time
     * limits and bad frames in the same way, often when they have already closed.
     */
    static boolean isFaultOfServer(Throwable failure, boolean isOpen) {
        if (!isOpen) {
            return false;
        }
        Throwable cause = failure;
        // Not for ever: causes may form a ring.
        for (int depth = 0; cause != null && depth < MAX_CAUSES; depth++, cause = cause.getCause()) {
            if (cause instanceof IOException || cause instanceof TimeoutException) {
                return false;
            }
        }
        return true;
    }

    void credentialExpired() {
        fail(CloseCodes.UNAUTHENTICATED, "expired", "the credential has expired");
    }

    /** Closes, because a newer connection has taken the session. */
    void takenOver() {
        shut(CloseCodes.TAKEN_OVER, "taken over by a newer connection");
    }

    /** Tells the client when to retry, then closes. */
    void sendAway(Duration retryAfter) {
        failWith(CloseCodes.TOO_MANY, "rate", Envelopes.error("rate", "too many messages", retryAfter));
    }

    private void failWith(int closeCode, String reason, String envelope) {
        if (!deaf) {
            protocol.flushAcks();
            outbox.answer(envelope);
        }
        shut(closeCode, reason);
    }

    /** Closes, and waits only a limited time for the client to do the same. */
    void shut(int code, String reason) {
        deaf = true;
        stopWaitingForOpen();
        protocol.flushAcks();
        outbox.close(code, CloseCodes.fitting(reason));
        if (!isClosed()) {
            closeTimeout = context.timer.schedule(this::abort, CLOSE_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
        }
    }

    /** Ends the connection at once. */
    void abort() {
        if (isClosed()) {
            return;
        }
        outbox.stop();
        transport.abort();
    }

    /** Answers the client's close, when what came before it is handled. */
    void peerCloses(int code, String reason) {
        lane().execute(context.workers, () -> {
            protocol.flushAcks();
            outbox.close(code, reason);
        });
    }

    /** Returns where what arrives now is applied. */
    private Lane lane() {
        ServerSession session = protocol.session();
        return session == null ? ownLane : session.lane();
    }

    /**
     * Handles the end of the connection. What arrived before is still applied, unless the connection has become deaf.
     */
    public void onClosed() {
        stopWaitingForOpen();
        outbox.stop();
        context.connections.remove(this);
        closed.complete(null);
        lock.lock();
        try {
            room.signalAll();
        } finally {
            lock.unlock();
        }
        credential.stop();
        cancel(closeTimeout);
        ServerSession session = protocol.session();
        if (session != null) {
            session.lane().execute(context.workers, () -> session.detach(this));
        }
    }
}

package dev.holdfast.sample.server;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.websocket.api.Callback;
import org.eclipse.jetty.websocket.api.Session;
import org.jspecify.annotations.Nullable;

/**
 * One WebSocket. It accepts no more than the lane can process, sends through its {@link Outbox}, and handles the ways
 * in which a connection ends. The {@link SessionProtocol} interprets the messages.
 */
final class ServerConnection {
    /** The protocol's limit. Jetty itself closes the connection only at the larger limit below. */
    static final int MAX_MESSAGE_BYTES = 16 * 1024 * 1024;

    static final int HARD_MAX_MESSAGE_BYTES = MAX_MESSAGE_BYTES + 1024 * 1024;

    /** The maximum message size that is stated to clients; the rest of a frame is for the envelope. */
    static final int MAX_PAYLOAD_BYTES = MAX_MESSAGE_BYTES - 256;

    /** The maximum number of acknowledgements and credentials that may wait beside a full window of messages. */
    private static final int MAX_WAITING_BESIDE = 64;

    private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(5);
    private static final int MAX_REASON = 100;

    /** The connection's place in the order of upgrades. */
    private final long number;

    private final ServerContext context;
    private final Session socket;
    private final EndPoint endPoint;
    private final Outbox outbox;
    private final SessionProtocol protocol;
    private final SerialExecutor ownLane;
    private volatile @Nullable Future<?> openTimeout;
    private volatile @Nullable Future<?> closeTimeout;
    private final CredentialWatch credential;

    /** Set when the server's side ends the connection. Messages that arrive afterwards are not applied. */
    private volatile boolean deaf;

    // A client that keeps to its window is always read; otherwise its pings would wait behind a slow application.
    private final int maxWaiting;
    private final long maxWaitingBytes;

    private final CompletableFuture<Void> closed = new CompletableFuture<>();

    private final ReentrantLock lock = new ReentrantLock();
    // Guarded by lock: messages that wait for the lane, and whether to ask Jetty for more when there are fewer.
    private int waiting;
    private long waitingBytes;
    private boolean demandOwed;

    /**
     * @param bearer the credential of the upgrade, for an {@code open} that has none of its own; null if there was none
     */
    ServerConnection(ServerContext context, Session socket, EndPoint endPoint, @Nullable JsonNode bearer) {
        this.number = context.upgrades.incrementAndGet();
        this.context = context;
        this.socket = socket;
        this.maxWaiting = context.options.maxUnacked() + MAX_WAITING_BESIDE;
        this.maxWaitingBytes = context.options.maxBytes() + MAX_MESSAGE_BYTES;
        this.endPoint = endPoint;
        this.outbox = new Outbox(
                socket,
                new Outbox.Callbacks() {
                    @Override
                    public void onHistoryGone() {
                        protocol.onHistoryGone();
                    }

                    @Override
                    public void onLogFailed() {
                        protocol.failInternally();
                    }

                    @Override
                    public void onFlooded() {
                        abort();
                    }
                },
                new SendWindow(context.options.maxUnacked(), context.options.maxBytes()),
                context.store.isRemote() ? Workers.SHARED : Runnable::run);
        this.protocol = new SessionProtocol(context, this, outbox, bearer);
        this.ownLane = new SerialExecutor(Workers.SHARED);
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
        socket.demand();
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

    /** Returns a future that completes when the WebSocket is closed. */
    CompletableFuture<Void> closed() {
        return closed;
    }

    boolean isClosed() {
        return closed.isDone();
    }

    /**
     * Receives a message and applies it in the session's lane, or in the connection's own lane if there is no session
     * yet.
     */
    void receive(Frame frame) {
        if (isTooLarge(frame)) {
            fail(CloseCodes.TOO_LARGE, "too-large", "at most " + MAX_MESSAGE_BYTES + " bytes in a message");
            socket.demand();
            return;
        }
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
        SerialExecutor lane = session == null ? ownLane : session.lane();
        lane.execute(() -> {
            try {
                protocol.receive(session, frame);
            } finally {
                applied(frame.size());
            }
        });
        if (demand) {
            socket.demand();
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
            }
        } finally {
            lock.unlock();
        }
        if (demand && !isClosed()) {
            socket.demand();
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

    /** Sends a ping, which may go between the fragments of a message. */
    void ping() {
        socket.sendPing(ByteBuffer.allocate(0), Callback.NOOP);
    }

    /** Reports an error to the client, then closes. */
    void fail(int closeCode, String code, String message) {
        failWith(closeCode, code, Envelopes.error(code, message));
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
        outbox.close(code, reason.length() > MAX_REASON ? reason.substring(0, MAX_REASON) : reason);
        if (!isClosed()) {
            closeTimeout = context.timer.schedule(this::abort, CLOSE_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
        }
    }

    /** Ends the TCP connection at once, with a reset if the platform permits it. */
    void abort() {
        if (isClosed()) {
            return;
        }
        if (endPoint.getTransport() instanceof SocketChannel channel) {
            try {
                channel.setOption(StandardSocketOptions.SO_LINGER, 0);
            } catch (IOException e) {
                // The connection is already closed, or will be closed without a reset.
            }
        }
        outbox.stop();
        socket.disconnect();
    }

    /** Closes because the server shuts down. The session waits for the client from now on. */
    void leave(String reason) {
        shut(CloseCodes.GOING_AWAY, reason);
        protocol.detach();
    }

    /**
     * Handles the end of the WebSocket. What arrived before is still applied, unless the connection has become deaf.
     */
    void onClosed() {
        stopWaitingForOpen();
        outbox.stop();
        context.connections.remove(this);
        closed.complete(null);
        credential.stop();
        cancel(closeTimeout);
        ServerSession session = protocol.session();
        if (session != null) {
            session.lane().execute(protocol::detach);
        }
    }
}

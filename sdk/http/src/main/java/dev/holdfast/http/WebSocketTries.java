package dev.holdfast.http;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.holdfast.internal.frame.Utf8Text;
import dev.holdfast.internal.message.CloseStatus;
import dev.holdfast.internal.time.Scheduler.Scheduled;
import dev.holdfast.internal.transport.Connection;
import dev.holdfast.internal.transport.ConnectionListener;
import dev.holdfast.internal.transport.TransportException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import okhttp3.Request;
import okio.ByteString;
import org.jspecify.annotations.Nullable;

/**
 * Finds out, beside a connection over HTTP, when WebSockets work again: at growing intervals it opens one, pings, and waits for the
 * pong. It sends no message, so the session does not notice.
 */
final class WebSocketTries {
    private static final long PONG_NANOS = TimeUnit.SECONDS.toNanos(5);
    private static final ByteString PAYLOAD = ByteString.encodeUtf8("try");

    private final FallbackTransport transport;
    private final Request request;
    private final Runnable onSuccess;

    private final ReentrantLock lock = new ReentrantLock();

    @GuardedBy("lock")
    private boolean ended;

    @GuardedBy("lock")
    private @Nullable Scheduled next;

    @GuardedBy("lock")
    private @Nullable Connection trial;

    /** @param onSuccess called once, on an I/O thread, when a WebSocket works */
    WebSocketTries(FallbackTransport transport, Request request, Runnable onSuccess) {
        this.transport = transport;
        this.request = request;
        this.onSuccess = onSuccess;
    }

    /** Tries after a while. */
    void begin(long afterNanos) {
        lock.lock();
        try {
            if (!ended) next = transport.webSockets.scheduler().schedule(this::leaveTimer, Math.max(0, afterNanos));
        } finally {
            lock.unlock();
        }
    }

    /** Opening a WebSocket calls the application's code, which must not hold up the timers of all clients. */
    private void leaveTimer() {
        try {
            transport.webSockets.executor().execute(this::begin);
        } catch (Throwable e) {
            // The connection reports it, which needs the executor as well. A try is not worth the connection.
            begin(transport.tryFailed());
        }
    }

    private void begin() {
        Trial events = new Trial();
        if (isEnded()) return;
        Connection opening = transport.webSocket(request, events);
        transport.start(opening);
        boolean over;
        lock.lock();
        try {
            over = ended;
            trial = opening;
        } finally {
            lock.unlock();
        }
        if (over) opening.cancel();
    }

    /** Ends the tries. */
    void end() {
        Scheduled waiting;
        Connection open;
        lock.lock();
        try {
            ended = true;
            waiting = next;
            open = trial;
        } finally {
            lock.unlock();
        }
        if (waiting != null) waiting.cancel();
        if (open != null) open.cancel();
    }

    private boolean isEnded() {
        lock.lock();
        try {
            return ended;
        } finally {
            lock.unlock();
        }
    }

    /** The events of one WebSocket, on which nothing but a ping is sent. */
    private final class Trial implements ConnectionListener {
        private boolean answered;
        private @Nullable Scheduled limit;

        @Override
        public void onOpen(Connection connection) {
            limit = transport.webSockets.scheduler().schedule(connection::cancel, PONG_NANOS);
            connection.sendPing(PAYLOAD);
            trialIs(connection);
        }

        private void trialIs(Connection connection) {
            lock.lock();
            try {
                trial = connection;
            } finally {
                lock.unlock();
            }
        }

        @Override
        public void onPong(ByteString payload) {
            answered = true;
            Connection open;
            lock.lock();
            try {
                open = trial;
            } finally {
                lock.unlock();
            }
            if (open != null) {
                boolean unused = open.close(CloseStatus.of(CloseStatus.GOING_AWAY, "tried"));
            }
        }

        @Override
        public void onText(Utf8Text text) {}

        @Override
        public void onBinary(ByteString bytes) {}

        @Override
        public void onWritten(int messages) {}

        @Override
        public void onPingWritten() {}

        @Override
        public void onClosing(CloseStatus status) {}

        @Override
        public void onClosed(CloseStatus status) {
            over();
        }

        @Override
        public void onFailed(TransportException failure) {
            over();
        }

        private void over() {
            Scheduled pending = limit;
            if (pending != null) pending.cancel();
            if (isEnded()) return;
            if (answered) {
                transport.trySucceeded();
                onSuccess.run();
            } else {
                begin(transport.tryFailed());
            }
        }
    }
}

package dev.holdfast.http;

import dev.holdfast.ConnectionFailure.Phase;
import dev.holdfast.internal.frame.FrameObserver;
import dev.holdfast.internal.frame.ProtocolViolation;
import dev.holdfast.internal.frame.Utf8Text;
import dev.holdfast.internal.message.CloseStatus;
import dev.holdfast.internal.transport.Connection;
import dev.holdfast.internal.transport.ConnectionListener;
import dev.holdfast.internal.transport.TransportException;
import java.util.concurrent.TimeUnit;
import okhttp3.Request;
import okhttp3.Response;
import okio.ByteString;
import org.jspecify.annotations.Nullable;

/** One connection: a WebSocket, or one over HTTP in its place if it does not open. */
final class FallbackConnection implements Connection {
    /** The maximum time for the greeting that shows whether the server answers plain requests. */
    private static final long GREETING_NANOS = TimeUnit.SECONDS.toNanos(5);

    private static final int TOO_MANY_REQUESTS = 429;

    private final FallbackTransport transport;
    private final Request request;
    private final ConnectionListener listener;
    private volatile Connection current;
    private volatile boolean cancelled;
    private volatile boolean reads = true;
    private volatile @Nullable WebSocketTries tries;

    FallbackConnection(FallbackTransport transport, Request request, ConnectionListener listener) {
        this.transport = transport;
        this.request = request;
        this.listener = listener;
        this.current = transport.startsWithHttp() ? overHttp(null, connectTimeoutNanos()) : overWebSocket();
    }

    private HttpConnection overHttp(@Nullable TransportException before, long limitNanos) {
        return transport.http.connection(request, new HttpEvents(before), limitNanos);
    }

    private Connection overWebSocket() {
        return transport.webSocket(request, new WebSocketEvents());
    }

    private long connectTimeoutNanos() {
        return transport.webSockets.settings().connectTimeoutNanos();
    }

    /** Starts to open the connection. Call it once. */
    void start() {
        Connection first = current;
        if (first instanceof HttpConnection) {
            ((HttpConnection) first).start();
        } else {
            transport.start(first);
        }
    }

    /** Goes on over HTTP after a WebSocket could not be opened. */
    private void fallBack(TransportException before) {
        HttpConnection http = overHttp(before, Math.min(GREETING_NANOS, connectTimeoutNanos()));
        current = http;
        http.setReading(reads);
        http.start();
        if (cancelled) http.cancel();
    }

    /** Returns whether the upgrade was answered by something that does not know what it is. */
    private static boolean isWronglyAnswered(TransportException failure) {
        if (failure.phase() != Phase.UPGRADE || failure.isUnselected()) return false;
        if (failure.httpStatus() == TOO_MANY_REQUESTS || failure.retryAfterNanos() > 0) return false;
        return failure.httpStatus() != 0 || failure.getCause() == null || failure.isViolation();
    }

    private long now() {
        return transport.webSockets.ticker().nanos();
    }

    /** Returns whether a connection ended by itself. A client that cancels has changed its mind, unless it has waited for the welcome. */
    private boolean hasLasted(long openedAt) {
        return !cancelled || now() - openedAt > connectTimeoutNanos() / 2;
    }

    /** Passes on what a connection reports, in the name of this one. */
    private abstract class Events implements ConnectionListener {
        @Override
        public void onResponse(Response response) {
            listener.onResponse(response);
        }

        @Override
        public @Nullable FrameObserver frameObserver() {
            return listener.frameObserver();
        }

        @Override
        public void onOpen(Connection connection) {
            listener.onOpen(FallbackConnection.this);
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
        public void onPong(ByteString payload) {
            listener.onPong(payload);
        }

        @Override
        public void onPing() {
            listener.onPing();
        }

        @Override
        public void onWaiting() {
            listener.onWaiting();
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
        public void onClosing(CloseStatus status) {
            listener.onClosing(status);
        }

        @Override
        public void onClosed(CloseStatus status) {
            listener.onClosed(status);
        }

        @Override
        public void onFailed(TransportException failure) {
            listener.onFailed(failure);
        }
    }

    /** Confined to the reader, except for what is reported as written. */
    private final class WebSocketEvents extends Events {
        private boolean opened;
        private boolean heard;
        private long openedAt;

        @Override
        public void onOpen(Connection connection) {
            opened = true;
            openedAt = now();
            super.onOpen(connection);
        }

        @Override
        public void onText(Utf8Text text) throws ProtocolViolation {
            hear();
            super.onText(text);
        }

        @Override
        public void onBinary(ByteString bytes) {
            hear();
            super.onBinary(bytes);
        }

        @Override
        public void onClosing(CloseStatus status) {
            hear();
            super.onClosing(status);
        }

        private void hear() {
            if (heard) return;
            heard = true;
            transport.webSocketWorks();
        }

        @Override
        public void onFailed(TransportException failure) {
            if (opened) {
                if (!heard && hasLasted(openedAt)) {
                    boolean unused = transport.webSocketDied();
                }
                super.onFailed(failure);
            } else if (!cancelled && (isWronglyAnswered(failure) || isUnansweredAgain(failure))) {
                fallBack(failure);
            } else {
                super.onFailed(failure);
            }
        }

        private boolean isUnansweredAgain(TransportException failure) {
            return failure.phase() == Phase.UPGRADE
                    && failure.httpStatus() == 0
                    && !failure.isUnselected()
                    && !failure.isOfThisProcess()
                    && transport.webSocketDied();
        }
    }

    /** Confined to the reader, except for what is reported as written. */
    private final class HttpEvents extends Events {
        private final @Nullable TransportException before;
        private boolean opened;
        private boolean heard;
        private long openedAt;

        HttpEvents(@Nullable TransportException before) {
            this.before = before;
        }

        @Override
        public void onOpen(Connection connection) {
            opened = true;
            openedAt = now();
            super.onOpen(connection);
        }

        @Override
        public void onText(Utf8Text text) throws ProtocolViolation {
            hear();
            super.onText(text);
        }

        @Override
        public void onBinary(ByteString bytes) {
            hear();
            super.onBinary(bytes);
        }

        @Override
        public void onClosing(CloseStatus status) {
            hear();
            super.onClosing(status);
        }

        /** HTTP works: the greeting alone may have been answered by something that carries nothing else. */
        private void hear() {
            if (heard) return;
            heard = true;
            WebSocketTries begun = new WebSocketTries(transport, request, listener::onMoveWanted);
            tries = begun;
            begun.begin(transport.httpWorks());
            if (cancelled) begun.end();
        }

        @Override
        public void onClosed(CloseStatus status) {
            endTries();
            super.onClosed(status);
        }

        @Override
        public void onFailed(TransportException failure) {
            endTries();
            if (opened) {
                boolean isBlocked = isBlocked(failure);
                if (isBlocked || (!heard && hasLasted(openedAt))) transport.httpFailed();
                super.onFailed(isBlocked ? withoutStatus(failure) : failure);
                return;
            }
            if (cancelled) {
                super.onFailed(failure);
                return;
            }
            transport.httpFailed();
            TransportException first = before;
            // A refusal of the upgrade may stop the client. It is the server's only if something answered plain HTTP
            // too.
            boolean isAnswered = failure.httpStatus() != 0;
            TransportException reported = first != null && isAnswered ? first : failure;
            if (first != null) reported.addSuppressed(isAnswered ? failure : first);
            super.onFailed(reported);
        }

        /** Returns whether something refuses the requests of a connection whose greeting the server has answered. */
        private boolean isBlocked(TransportException failure) {
            int status = failure.httpStatus();
            return status != 0
                    && status != TOO_MANY_REQUESTS
                    && failure.retryAfterNanos() == 0
                    && !Uploader.isOfProxy(status);
        }

        /** The status would stop the client, and a WebSocket may open. */
        private TransportException withoutStatus(TransportException failure) {
            return TransportException.of(
                    heard ? Phase.SESSION : Phase.OPEN, String.valueOf(failure.getMessage()), failure);
        }
    }

    private void endTries() {
        WebSocketTries begun = tries;
        if (begun != null) begun.end();
    }

    // ---- any thread ----

    @Override
    public boolean sendText(String text, long utf8Length) {
        return current.sendText(text, utf8Length);
    }

    @Override
    public boolean sendText(byte[] utf8, int size) {
        return current.sendText(utf8, size);
    }

    @Override
    public boolean sendBinary(ByteString bytes) {
        return current.sendBinary(bytes);
    }

    @Override
    public void sendPing(ByteString payload) {
        current.sendPing(payload);
    }

    @Override
    public boolean close(CloseStatus status) {
        endTries();
        return current.close(status);
    }

    @Override
    public void cancel() {
        cancelled = true;
        endTries();
        current.cancel();
    }

    @Override
    public void setReading(boolean reading) {
        reads = reading;
        current.setReading(reading);
    }

    @Override
    public boolean areSecretsWithheld() {
        return current.areSecretsWithheld();
    }

    @Override
    public boolean isOverHttp() {
        return current.isOverHttp();
    }

    @Override
    public long lastInboundAt() {
        return current.lastInboundAt();
    }

    @Override
    public long lastControlFrameAt() {
        return current.lastControlFrameAt();
    }

    @Override
    public long lastOutboundAt() {
        return current.lastOutboundAt();
    }
}

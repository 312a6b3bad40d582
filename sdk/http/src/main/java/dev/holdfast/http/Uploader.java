package dev.holdfast.http;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.holdfast.ConnectionFailure.Phase;
import dev.holdfast.internal.message.CloseStatus;
import dev.holdfast.internal.time.Scheduler.Scheduled;
import dev.holdfast.internal.transport.ConnectionListener;
import dev.holdfast.internal.transport.TransportException;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;
import okhttp3.MediaType;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import okio.BufferedSink;
import okio.ByteString;
import org.jspecify.annotations.Nullable;

/**
 * The direction to the server: one request at a time, and at most one in {@value #WINDOW_MILLIS} ms. What is sent meanwhile
 * shares the next. A request without an answer is sent again: the server takes each number once.
 */
final class Uploader {
    private static final int WINDOW_MILLIS = 20;
    private static final long WINDOW_NANOS = TimeUnit.MILLISECONDS.toNanos(WINDOW_MILLIS);
    private static final long RETRY_NANOS = TimeUnit.MILLISECONDS.toNanos(250);
    private static final int MAX_TRIES = 3;

    private final HttpConnection connection;
    private final HttpTransport transport;
    private final Request handshake;
    private final ConnectionListener listener;
    private final Uploads uploads;
    private final int network;

    private final ReentrantLock lock = new ReentrantLock();

    /** The name of the connection on the server; null until the server has answered. */
    @GuardedBy("lock")
    private @Nullable String name;

    /** Whether a request is under way or scheduled. */
    @GuardedBy("lock")
    private boolean busy;

    @GuardedBy("lock")
    private long earliest = Long.MIN_VALUE;

    /** The number of the last request. Confined to the request that is under way. */
    private long number;

    Uploader(
            HttpConnection connection,
            HttpTransport transport,
            Request handshake,
            ConnectionListener listener,
            Uploads uploads) {
        this.connection = connection;
        this.transport = transport;
        this.handshake = handshake;
        this.listener = listener;
        this.uploads = uploads;
        this.network = transport.network();
    }

    boolean isReady() {
        lock.lock();
        try {
            return name != null;
        } finally {
            lock.unlock();
        }
    }

    void ready(String known) {
        lock.lock();
        try {
            name = known;
        } finally {
            lock.unlock();
        }
        look();
    }

    /** Sends a request when one is due, if something waits. */
    void look() {
        long wait;
        lock.lock();
        try {
            if (name == null || busy || uploads.isEmpty()) return;
            busy = true;
            wait = earliest == Long.MIN_VALUE ? 0 : earliest - connection.now();
        } finally {
            lock.unlock();
        }
        if (wait <= 0) {
            connection.run(this::next);
        } else {
            Scheduled unused = connection.schedule(() -> connection.run(this::next), wait);
        }
    }

    private void next() throws TransportException {
        lock.lock();
        try {
            earliest = connection.now() + WINDOW_NANOS;
        } finally {
            lock.unlock();
        }
        number++;
        Uploads.Batch batch = uploads.take(transport.maxRequestBytes());
        send(new Body(batch), batch, 1);
    }

    private void send(Body body, Uploads.Batch batch, int tries) throws TransportException {
        try {
            String known;
            lock.lock();
            try {
                known = String.valueOf(name);
            } finally {
                lock.unlock();
            }
            try (Response response = connection.executeUp(transport.calls.upload(handshake, known, number, body))) {
                if (HttpCalls.isLost(response) && connection.isClosing()) {
                    // The server has closed already: how, is on the way down.
                    connection.closeSent();
                    return;
                }
                if (response.code() == HttpCalls.TOO_LARGE) {
                    onTooLarge(body, batch, tries);
                    return;
                }
                if (response.code() != HttpCalls.NO_CONTENT) {
                    throw HttpCalls.ended(response, Phase.SESSION, "messages over HTTP");
                }
            }
        } catch (TransportException e) {
            boolean mayRetry = e.getCause() != null || isOfProxy(e.httpStatus());
            if (!mayRetry || tries == MAX_TRIES || connection.isOver()) throw e;
            Scheduled unused =
                    connection.schedule(() -> connection.run(() -> send(body, batch, tries + 1)), RETRY_NANOS);
            return;
        }
        body.report();
        if (batch.closes) connection.closeSent();
        lock.lock();
        try {
            busy = false;
        } finally {
            lock.unlock();
        }
        look();
    }

    /** Something takes no request of this size. */
    private void onTooLarge(Body body, Uploads.Batch batch, int tries) throws TransportException {
        long bytes = body.contentLength();
        // The server may have taken a request the first time. If not, its messages go first on the next connection.
        boolean isCertain = tries == 1;
        if (isCertain && batch.messages == 1 && batch.ofApplication == 1) {
            // For the session the same as a WebSocket that is closed for the size of a message.
            body.report();
            connection.closed(CloseStatus.refused("HTTP 413 for a request of " + bytes + " bytes"));
            return;
        }
        boolean isSplit = batch.messages > 1;
        if (isSplit) transport.requestWasTooLarge(bytes, network);
        throw TransportException.of(
                Phase.SESSION,
                "a request of " + bytes + " bytes was refused with HTTP 413"
                        + (isCertain ? "" : " when it was sent again") + (isSplit ? "; the next ones are smaller" : ""),
                null);
    }

    /** Returns whether a proxy answers with this status if the server did not. */
    static boolean isOfProxy(int status) {
        return status == 502 || status == 503 || status == 504;
    }

    /** The body of a request, which reports what it holds as written when it is. */
    private final class Body extends RequestBody {
        private final ByteString bytes;
        private final Uploads.Batch batch;
        private final AtomicBoolean reported = new AtomicBoolean();

        Body(Uploads.Batch batch) {
            this.batch = batch;
            this.bytes = batch.body.readByteString();
        }

        @Override
        public MediaType contentType() {
            return HttpCalls.JSON;
        }

        @Override
        public long contentLength() {
            return bytes.size();
        }

        @Override
        public void writeTo(BufferedSink sink) throws IOException {
            sink.write(bytes);
            sink.flush();
            connection.report(this::report);
        }

        void report() {
            if (!reported.compareAndSet(false, true)) return;
            connection.wroteAt(connection.now());
            if (batch.messages > 0) listener.onWritten(batch.messages);
            if (batch.pings > 0) listener.onPingWritten();
        }
    }
}

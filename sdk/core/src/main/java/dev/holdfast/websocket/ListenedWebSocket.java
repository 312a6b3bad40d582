package dev.holdfast.websocket;

import dev.holdfast.internal.frame.FrameObserver;
import dev.holdfast.internal.frame.ProtocolViolation;
import dev.holdfast.internal.frame.Utf8Text;
import dev.holdfast.internal.message.CloseStatus;
import dev.holdfast.internal.message.PieceHandler;
import dev.holdfast.internal.transport.Connection;
import dev.holdfast.internal.transport.ConnectionListener;
import dev.holdfast.internal.transport.OkHttpTransport;
import dev.holdfast.internal.transport.TransportException;
import dev.holdfast.internal.transport.WebSocketConnection;
import java.io.IOException;
import java.net.ProtocolException;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import okhttp3.Request;
import okhttp3.Response;
import okhttp3.ResponseBody;
import okhttp3.WebSocketListener;
import okio.Buffer;
import okio.BufferedSource;
import okio.ByteString;
import okio.Source;
import org.jspecify.annotations.Nullable;

/** A connection behind OkHttp's interfaces. */
final class ListenedWebSocket implements HoldfastWebSocket, ConnectionListener {
    private static final int GOING_AWAY = 1001;
    private static final int SWITCHING_PROTOCOLS = 101;
    /** The maximum length, in bytes, of a refusal's body that the listener can read. */
    private static final long REFUSAL_BYTES = 64 * 1024;

    private final Request request;
    private final WebSocketListener listener;
    private final WebSocketConnection connection;
    private final PendingPings pings;
    private final PongWatch pongs;
    private final Supplier<@Nullable FrameObserver> frames;

    /** The reason for which the heartbeat cancelled the connection. Written on the timer before it cancels. */
    private volatile @Nullable IOException dead;

    // Confined to the calls of the connection, which come one after another.
    private @Nullable Response response;
    private boolean opened;
    private boolean closing;
    /** The exception of the listener in {@code onClosing}. */
    private @Nullable Throwable thrown;

    ListenedWebSocket(
            Request request,
            WebSocketListener listener,
            OkHttpTransport transport,
            PendingPings pings,
            PongWatch pongs,
            Supplier<@Nullable FrameObserver> frames) {
        this.request = request;
        this.listener = listener;
        this.pings = pings;
        this.pongs = pongs;
        this.frames = frames;
        this.connection = transport.connection(request, this, pieces());
    }

    private @Nullable PieceHandler pieces() {
        if (!(listener instanceof StreamingWebSocketListener)) return null;
        StreamingWebSocketListener streaming = (StreamingWebSocketListener) listener;
        return new PieceHandler() {
            @Override
            public void onTextPiece(String piece, boolean last) {
                streaming.onTextPiece(ListenedWebSocket.this, piece, last);
            }

            @Override
            public void onBinaryPiece(ByteString piece, boolean last) {
                streaming.onBinaryPiece(ListenedWebSocket.this, piece, last);
            }
        };
    }

    void start() {
        connection.start();
    }

    // ---- any thread ----

    @Override
    public Request request() {
        return request;
    }

    @Override
    public long queueSize() {
        return connection.bufferedBytes();
    }

    @Override
    public boolean send(String text) {
        return connection.sendText(Objects.requireNonNull(text, "text")) || refused();
    }

    @Override
    public boolean send(ByteString bytes) {
        return connection.sendBinary(Objects.requireNonNull(bytes, "bytes")) || refused();
    }

    /** Closes the web socket, as OkHttp does, if the queue is full. Has no effect if it is closing or has ended. */
    private boolean refused() {
        connection.close(CloseStatus.of(GOING_AWAY, ""));
        return false;
    }

    @Override
    public void sendText(Source utf8) throws IOException {
        connection.send(true, Objects.requireNonNull(utf8, "utf8"));
    }

    @Override
    public void sendBinary(Source bytes) throws IOException {
        connection.send(false, Objects.requireNonNull(bytes, "bytes"));
    }

    @Override
    public CompletableFuture<Duration> ping() {
        if (connection.isClosing()) return PendingPings.failed("ping not sent: the web socket is closing or has ended");
        CompletableFuture<Duration> roundTrip = pings.add();
        if (!roundTrip.isDone()) pings.send(connection);
        return roundTrip;
    }

    @Override
    public boolean close(int code, @Nullable String reason) {
        return connection.close(CloseStatus.of(code, reason == null ? "" : reason));
    }

    @Override
    public void cancel() {
        connection.cancel();
    }

    // ---- the connection's I/O threads ----

    @Override
    public void onResponse(Response answer) {
        response = answer;
        if (answer.code() == SWITCHING_PROTOCOLS) return;
        Buffer page = new Buffer();
        try {
            BufferedSource body = answer.body().source();
            while (page.size() < REFUSAL_BYTES && body.read(page, REFUSAL_BYTES - page.size()) != -1) {
                // Each read appends to the page.
            }
        } catch (IOException | RuntimeException e) {
            // The page broke off or took too long. The listener gets the status, the headers, and what has come.
        }
        ResponseBody readable = ResponseBody.create(page, answer.body().contentType(), page.size());
        response = answer.newBuilder().body(readable).build();
    }

    @Override
    public @Nullable FrameObserver frameObserver() {
        return frames.get();
    }

    @Override
    public void onOpen(Connection opened) {
        this.opened = true;
        Response answer = response;
        response = null;
        if (answer == null) throw new IllegalStateException("open without a response");
        pongs.start(opened, this::onDead);
        listener.onOpen(this, answer);
    }

    private void onDead(IOException reason) {
        dead = reason;
        connection.cancel();
    }

    @Override
    public void onText(Utf8Text text) throws ProtocolViolation {
        listener.onMessage(this, text.string());
    }

    @Override
    public void onBinary(ByteString bytes) {
        listener.onMessage(this, bytes);
    }

    @Override
    public void onPong(ByteString payload) {
        pongs.onPong();
        pings.onPong(payload);
    }

    @Override
    public void onWritten(int messages) {}

    @Override
    public void onPingWritten() {}

    @Override
    public void onClosing(CloseStatus status) {
        closing = true;
        pongs.stop();
        pings.end(new IOException("no pong: the server closed the web socket with code " + status.code()));
        try {
            listener.onClosing(this, status.code(), status.reason());
        } catch (Throwable t) {
            thrown = t;
            connection.cancel();
        }
    }

    @Override
    public void onClosed(CloseStatus status) {
        if (!closing) onClosing(status);
        Throwable reason = thrown;
        if (reason == null) {
            listener.onClosed(this, status.code(), status.reason());
        } else {
            listener.onFailure(this, reason, null);
        }
    }

    @Override
    public void onFailed(TransportException failure) {
        pongs.stop();
        pings.end(new IOException("no pong: the web socket failed", failure));
        Throwable reason = dead;
        if (reason == null) reason = failure.getCause();
        Response answer = opened ? null : response;
        if (reason == null) {
            String message = failure.getMessage();
            reason = answer == null ? new IOException(message) : new ProtocolException(message);
        }
        listener.onFailure(this, reason, answer);
    }
}

package dev.holdfast.http;

import dev.holdfast.ConnectionFailure.Phase;
import dev.holdfast.internal.frame.ProtocolViolation;
import dev.holdfast.internal.frame.Utf8Text;
import dev.holdfast.internal.message.CloseStatus;
import dev.holdfast.internal.time.Scheduler.Scheduled;
import dev.holdfast.internal.transport.Connection;
import dev.holdfast.internal.transport.ConnectionListener;
import dev.holdfast.internal.transport.HandshakeSecrets;
import dev.holdfast.internal.transport.Position;
import dev.holdfast.internal.transport.ReadGate;
import dev.holdfast.internal.transport.RetryAfter;
import dev.holdfast.internal.transport.TransportException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import okhttp3.Request;
import okhttp3.Response;
import okio.Buffer;
import okio.BufferedSource;
import okio.ByteString;
import org.jspecify.annotations.Nullable;

/**
 * One connection that only receives: one request after another, each for what came after the answer before. It is open from the first
 * answer on, and between two requests. Each request runs as a task, see {@link CallTasks}.
 */
final class FeedConnection implements Connection, EventStream.Handler {
    private static final int PIECE_BYTES = 8192;
    private static final int MAX_ID = 1024;
    private static final int NOT_MODIFIED = 304;

    private final FeedTransport transport;
    private final Request handshake;
    private final @Nullable Position position;
    private final ConnectionListener listener;
    private final CallTasks tasks;
    private final ReadGate gate;
    private final long maxMessageBytes;
    private final long openedAt;

    // Confined to the task.
    private final Utf8Text text = new Utf8Text();
    private boolean opened;
    /** The next request. */
    private Request next;
    /**
     * The entity tag of the last answer that brought something, and the request for it. Not kept for the next connection: the session may
     * have dropped the message of this answer, and would never get it if the server then said that nothing has changed.
     */
    private @Nullable String etag;

    private @Nullable Request etagOf;

    /** Whether no request is under way, so that silence proves nothing. */
    private volatile boolean pauses;

    private volatile long lastOutboundAt;

    FeedConnection(FeedTransport transport, Request handshake, ConnectionListener listener) {
        this.transport = transport;
        this.handshake = handshake;
        this.next = handshake;
        this.position = handshake.tag(Position.class);
        this.listener = listener;
        this.gate = new ReadGate(transport.webSockets.ticker());
        this.tasks = new CallTasks(transport.webSockets, listener, gate::end);
        this.maxMessageBytes = Math.min(transport.webSockets.settings().maxMessageBytes(), Long.MAX_VALUE / 4);
        this.openedAt = now();
        this.lastOutboundAt = openedAt;
    }

    /** Starts to open the connection. Call it once. */
    void start() {
        tasks.run(this::request);
    }

    private long now() {
        return transport.webSockets.ticker().nanos();
    }

    private Phase phase() {
        return opened ? Phase.SESSION : Phase.UPGRADE;
    }

    /** Makes one request, and has the next one made later. */
    private void request() throws TransportException {
        Request asked = next;
        // The silence of the server begins here: nothing could come while the connection paused.
        gate.inbound();
        pauses = false;
        lastOutboundAt = now();
        long pause;
        try (Response response = answer(asked)) {
            gate.inbound();
            if (!opened) listener.onResponse(response);
            handle(asked, response);
            pause = transport.pauseNanos(RetryAfter.nanos(response));
        } catch (ProtocolViolation e) {
            throw HttpConnection.violation(e);
        } catch (IOException e) {
            throw failed(e);
        }
        if (tasks.isOver()) return;
        pauses = true;
        Scheduled unused = transport.webSockets.scheduler().schedule(() -> tasks.run(this::request), pause);
    }

    private Response answer(Request asked) throws TransportException {
        long limit = transport.webSockets.settings().connectTimeoutNanos();
        Phase phase = phase();
        Scheduled watch = transport
                .webSockets
                .scheduler()
                .schedule(
                        () -> tasks.fail(TransportException.of(
                                phase,
                                "no answer to the request within " + TimeUnit.NANOSECONDS.toMillis(limit) + " ms",
                                transport.retryNanos(),
                                null)),
                        limit);
        try {
            return tasks.execute(transport.calls.feed(asked, transport.polls(), etagFor(asked)), phase, false);
        } finally {
            watch.cancel();
        }
    }

    /** Returns the tag of the answer to the same question; null if there is none, or if the carrier does not poll. */
    private @Nullable String etagFor(Request asked) {
        Request before = etagOf;
        // A server may use the same tag for every position, which is in the URL or in any header.
        boolean isSame = before != null
                && before.url().equals(asked.url())
                && before.headers().equals(asked.headers());
        return isSame ? etag : null;
    }

    /** Adds the time that the server wants to pass before the next attempt. */
    private TransportException failed(IOException e) {
        TransportException failure = e instanceof TransportException
                ? (TransportException) e
                : TransportException.of(phase(), "the answer broke off: " + e, e);
        long retry = transport.retryNanos();
        if (retry <= failure.retryAfterNanos() || failure.isViolation()) return failure;
        String message = String.valueOf(failure.getMessage());
        return failure.httpStatus() == 0
                ? TransportException.of(failure.phase(), message, retry, failure.getCause())
                : TransportException.refused(failure.httpStatus(), retry, message, failure.getCause());
    }

    private void handle(Request asked, Response response) throws IOException {
        int status = response.code();
        boolean hasNothing = transport.polls() && (status == HttpCalls.NO_CONTENT || status == NOT_MODIFIED);
        if (status != HttpCalls.OK && !hasNothing) throw HttpCalls.refused(response, "request for events");
        boolean hasEvents = HttpCalls.hasEvents(response);
        if (status == HttpCalls.OK && !hasEvents && !transport.polls()) {
            throw TransportException.of(
                    phase(),
                    "the answer is not a stream of events (text/event-stream) but "
                            + response.body().contentType(),
                    null);
        }
        if (!opened) {
            opened = true;
            tasks.opened();
            if (!tasks.isOver()) listener.onOpen(this);
        }
        if (hasNothing) return;
        try {
            if (hasEvents) {
                events(response.body().source());
            } else {
                message(response.body().source());
            }
        } finally {
            // Also what came before an event that is refused.
            listener.onWaiting();
        }
        if (!gate.isOpen()) gate.await();
        if (!transport.polls()) return;
        etag = response.header("ETag");
        etagOf = asked;
    }

    private void events(BufferedSource source) throws IOException {
        EventStream events = new EventStream(Math.addExact(maxMessageBytes, PIECE_BYTES), this);
        Buffer piece = new Buffer();
        while (true) {
            listener.onWaiting();
            if (!gate.isOpen()) gate.await();
            if (source.read(piece, PIECE_BYTES) == -1 || tasks.isOver()) break;
            gate.inbound();
            events.read(piece);
        }
    }

    private void message(BufferedSource source) throws IOException {
        Buffer body = new Buffer();
        while (source.read(body, PIECE_BYTES) != -1) {
            gate.inbound();
            checkSize(body.size());
        }
        if (body.size() > 0 && !tasks.isOver()) report(body.readByteArray(), null);
    }

    // ---- events ----

    @Override
    public void onEvent(String event, Buffer data, @Nullable String id) throws IOException {
        if (tasks.isOver()) return;
        checkSize(data.size());
        report(data.readByteArray(), id);
        if (id == null) return;
        if (id.isEmpty()) listener.onPosition(null);
        continueAfter(id);
    }

    private void report(byte[] bytes, @Nullable String id) throws ProtocolViolation {
        byte[] valid = bytes;
        text.validator().begin();
        if (!text.validator().check(new Buffer().write(bytes), 0)
                || !text.validator().isComplete()) {
            // As browsers read it, with replacement characters.
            valid = new String(bytes, StandardCharsets.UTF_8).getBytes(StandardCharsets.UTF_8);
            text.validator().begin();
            boolean unused = text.validator().check(new Buffer().write(valid), 0);
        }
        text.setChecked(valid);
        // The session reads the text as well, and drops what this knows.
        String inText = position == null ? null : position.idIn(new String(valid, StandardCharsets.UTF_8));
        listener.onEvent(text, id);
        if (inText != null && !inText.isEmpty()) continueAfter(inText);
    }

    private void continueAfter(String id) {
        if (position == null || id.length() > MAX_ID) return;
        // Without an id the first request is made again, but for the position that it began with.
        next = id.isEmpty() ? position.without(handshake) : position.after(handshake, id);
    }

    @Override
    public void onId(String id) {
        if (tasks.isOver() || id.length() > MAX_ID) return;
        listener.onPosition(id.isEmpty() ? null : id);
        continueAfter(id);
    }

    @Override
    public void onRetry(long millis) {
        transport.retryAfter(millis);
    }

    private void checkSize(long size) throws ProtocolViolation {
        if (size <= maxMessageBytes) return;
        throw new ProtocolViolation(
                ProtocolViolation.MESSAGE_TOO_BIG,
                "a message of " + size + " bytes, and at most " + maxMessageBytes + " are allowed");
    }

    // ---- any thread ----

    /** Returns false: nothing is ever sent. The client refuses messages before they come here. */
    @Override
    public boolean sendText(String sent, long utf8Length) {
        return false;
    }

    @Override
    public boolean sendBinary(ByteString bytes) {
        return false;
    }

    /** Says that a ping is written: if nothing comes within the deadline, the client connects again and loses nothing. */
    @Override
    public void sendPing(ByteString payload) {
        tasks.run(listener::onPingWritten);
    }

    @Override
    public boolean close(CloseStatus status) {
        if (tasks.isOver()) return false;
        tasks.closed(status);
        return true;
    }

    @Override
    public void cancel() {
        tasks.cancel();
    }

    @Override
    public void setReading(boolean reading) {
        gate.set(reading);
    }

    @Override
    public boolean areSecretsWithheld() {
        HandshakeSecrets secrets = handshake.tag(HandshakeSecrets.class);
        return secrets != null && secrets.areWithheld();
    }

    @Override
    public boolean isOverHttp() {
        return true;
    }

    @Override
    public long lastInboundAt() {
        return pauses ? now() : gate.lastInboundAt();
    }

    @Override
    public long lastControlFrameAt() {
        return openedAt;
    }

    @Override
    public long lastOutboundAt() {
        return lastOutboundAt;
    }
}

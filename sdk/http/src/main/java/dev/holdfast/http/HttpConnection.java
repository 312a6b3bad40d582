package dev.holdfast.http;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.holdfast.ConnectionFailure.Phase;
import dev.holdfast.internal.frame.ProtocolViolation;
import dev.holdfast.internal.message.CloseStatus;
import dev.holdfast.internal.time.Scheduler.Scheduled;
import dev.holdfast.internal.time.Ticker;
import dev.holdfast.internal.transport.Connection;
import dev.holdfast.internal.transport.ConnectionListener;
import dev.holdfast.internal.transport.ConnectionSettings;
import dev.holdfast.internal.transport.HandshakeSecrets;
import dev.holdfast.internal.transport.ReadGate;
import dev.holdfast.internal.transport.TransportException;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import okhttp3.Call;
import okhttp3.Request;
import okhttp3.Response;
import okio.BufferedSource;
import okio.ByteString;
import org.jspecify.annotations.Nullable;

/**
 * One connection over plain HTTP: a greeting in place of the upgrade, a stream of events or polls that bring messages, and one
 * request at a time with those of the client.
 *
 * <p>Each of these runs as a task, see {@link CallTasks}.
 */
final class HttpConnection implements Connection {
    private static final long MAX_GREETING_BYTES = 4096;

    private final HttpTransport transport;
    private final Request handshake;
    private final ConnectionListener listener;
    private final ConnectionSettings settings;
    private final Ticker ticker;
    private final long limitNanos;
    private final ReadGate gate;
    private final Downloads downloads;
    private final Uploads uploads = new Uploads();
    private final Uploader uploader;
    final CallTasks tasks;

    private volatile long lastOutboundAt;

    private final ReentrantLock lock = new ReentrantLock();

    /** The first message, which begins the stream. */
    @GuardedBy("lock")
    private @Nullable String open;

    HttpConnection(HttpTransport transport, Request handshake, ConnectionListener listener, long limitNanos) {
        this.transport = transport;
        this.handshake = handshake;
        this.listener = listener;
        this.limitNanos = limitNanos;
        this.settings = transport.webSockets.settings();
        this.ticker = transport.webSockets.ticker();
        this.gate = new ReadGate(ticker);
        this.lastOutboundAt = ticker.nanos();
        this.tasks = new CallTasks(transport.webSockets, listener, this::ended);
        this.downloads = new Downloads(this, transport, handshake, listener, gate);
        this.uploader = new Uploader(this, transport, handshake, listener, uploads);
    }

    /** Starts to open the connection. Call it once. */
    void start() {
        tasks.run(this::greet);
    }

    private void ended() {
        gate.end();
        downloads.end();
    }

    private void greet() throws TransportException {
        Scheduled limit = schedule(this::openingTookTooLong, limitNanos);
        try (Response response = executeDown(transport.calls.greeting(handshake), Phase.UPGRADE)) {
            if (isOver()) return;
            listener.onResponse(response);
            if (response.code() != HttpCalls.OK) throw HttpCalls.refused(response, "greeting over HTTP");
            if (!speaks(response)) {
                throw TransportException.refused(
                        HttpCalls.OK,
                        0,
                        "the server does not carry " + transport.webSockets.subprotocol() + " over HTTP");
            }
        } catch (IOException e) {
            throw e instanceof TransportException ? (TransportException) e : HttpCalls.failed(e, Phase.UPGRADE);
        } finally {
            limit.cancel();
        }
        gate.inbound();
        tasks.opened();
        if (!isOver()) listener.onOpen(this);
    }

    private void openingTookTooLong() {
        fail(TransportException.of(
                Phase.UPGRADE,
                "no answer to the greeting over HTTP within " + TimeUnit.NANOSECONDS.toMillis(limitNanos) + " ms",
                null));
    }

    private boolean speaks(Response response) throws IOException {
        BufferedSource body = response.body().source();
        if (body.request(MAX_GREETING_BYTES)) return false;
        return body.readUtf8().contains('"' + transport.webSockets.subprotocol() + '"');
    }

    // ---- for the two directions ----

    /** Executes a call of the direction down. The caller closes the response. */
    Response executeDown(Call call, Phase phase) throws TransportException {
        return tasks.execute(call, phase, false);
    }

    /** Executes a call of the direction up. */
    Response executeUp(Call call) throws TransportException {
        return tasks.execute(call, Phase.SESSION, true);
    }

    /** Returns the name of a connection. */
    String newName() {
        byte[] random = new byte[18];
        transport.webSockets.secureRandom().nextBytes(random);
        return ByteString.of(random).base64Url();
    }

    Scheduled schedule(Runnable task, long nanos) {
        return transport.webSockets.scheduler().schedule(task, nanos);
    }

    long now() {
        return ticker.nanos();
    }

    /** The server can take requests of this connection. */
    void ready(String name) {
        uploader.ready(name);
    }

    void wroteAt(long nanos) {
        lastOutboundAt = nanos;
    }

    /** Returns the payload of a ping that is answered, null for one that is not the last. */
    @Nullable
    ByteString pong(long number) {
        return uploads.pong(number);
    }

    boolean isClosing() {
        return uploads.isClosing();
    }

    void closeSent() {
        long limit = settings.closeTimeoutNanos();
        Scheduled unused = schedule(
                () -> fail(TransportException.of(Phase.SESSION, "the server did not answer the close in time", null)),
                limit);
    }

    boolean isOver() {
        return tasks.isOver();
    }

    void fail(TransportException why) {
        tasks.fail(why);
    }

    void closed(CloseStatus status) {
        tasks.closed(status);
    }

    /** See {@link CallTasks#run}. */
    void run(CallTasks.Task task) {
        tasks.run(task);
    }

    /** See {@link CallTasks#report}. */
    void report(Runnable report) {
        tasks.report(report);
    }

    // ---- any thread ----

    @Override
    public boolean sendText(String text, long utf8Length) {
        if (isOver()) return false;
        boolean isFirst;
        lock.lock();
        try {
            isFirst = open == null;
            if (isFirst) open = text;
        } finally {
            lock.unlock();
        }
        if (isFirst) {
            tasks.run(() -> downloads.run(text));
            return true;
        }
        if (!uploads.text(text, utf8Length)) return false;
        uploader.look();
        return true;
    }

    @Override
    public boolean sendBinary(ByteString bytes) {
        if (isOver() || !uploads.binary(bytes)) return false;
        uploader.look();
        return true;
    }

    @Override
    public void sendPing(ByteString payload) {
        uploads.ping(payload);
        uploader.look();
    }

    @Override
    public boolean close(CloseStatus status) {
        if (isOver() || !uploads.close(status)) return false;
        if (!uploader.isReady()) {
            // The server has no connection that could be closed in order.
            fail(TransportException.of(Phase.OPEN, "closed before the server had answered", null));
            return true;
        }
        if (settings.flushTimeoutNanos() != Long.MAX_VALUE) {
            Scheduled unused = schedule(
                    () -> fail(TransportException.of(Phase.SESSION, "the close could not be sent in time", null)),
                    settings.flushTimeoutNanos() + settings.closeTimeoutNanos());
        }
        uploader.look();
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
        return gate.lastInboundAt();
    }

    @Override
    public long lastControlFrameAt() {
        return downloads.lastPongAt();
    }

    @Override
    public long lastOutboundAt() {
        return lastOutboundAt;
    }

    /** Returns the failure for a server that broke the protocol. */
    static TransportException violation(ProtocolViolation violation) {
        return TransportException.of(Phase.SESSION, String.valueOf(violation.getMessage()), violation);
    }
}

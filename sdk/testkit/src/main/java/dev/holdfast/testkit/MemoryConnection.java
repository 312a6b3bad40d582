package dev.holdfast.testkit;

import dev.holdfast.ConnectionFailure.Phase;
import dev.holdfast.internal.frame.ProtocolViolation;
import dev.holdfast.internal.frame.Utf8Text;
import dev.holdfast.internal.message.CloseStatus;
import dev.holdfast.internal.transport.Connection;
import dev.holdfast.internal.transport.ConnectionListener;
import dev.holdfast.internal.transport.ConnectionSettings;
import dev.holdfast.internal.transport.TransportException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.concurrent.TimeUnit;
import okhttp3.Request;
import okhttp3.Response;
import okio.Buffer;
import okio.ByteString;
import org.jspecify.annotations.Nullable;

/**
 * Both ends of a WebSocket connection in memory. To the client it behaves as a real one does. Confined to the virtual time: the
 * client calls it from its tasks, the test between them.
 */
final class MemoryConnection implements Connection {
    /** The bytes that a socket takes before its peer reads. */
    private static final long SOCKET_BUFFER_BYTES = 64 * 1024;

    private static final long WRITE_TIMEOUT_NANOS = TimeUnit.SECONDS.toNanos(10);

    /** The server's handling of received frames. */
    interface Server {
        void onFrame(MemoryConnection connection, TestFrame frame);

        /** Called once, when the server has lost the connection. */
        void onGone(MemoryConnection connection);

        long latencyNanos();

        void log(String line);
    }

    final int number;
    final Request request;
    private final VirtualTime time;
    private final Server server;
    private final ConnectionListener listener;
    private final ConnectionSettings settings;
    private final Wire up;
    private final Wire down;

    private final ArrayDeque<TestFrame> toWrite = new ArrayDeque<>();
    private final ArrayDeque<TestFrame> unread = new ArrayDeque<>();
    private boolean writerAwake;
    private long progress;
    private boolean reading = true;
    private boolean opened;
    private boolean closeQueued;
    private boolean closeWritten;
    private boolean ended;
    private boolean serverGone;
    private boolean serverClosed;
    private @Nullable CloseStatus closeReceived;
    private long lastInboundAt;
    private long lastControlFrameAt;
    private long lastOutboundAt;

    MemoryConnection(
            VirtualTime time,
            int number,
            Request request,
            Server server,
            ConnectionListener listener,
            ConnectionSettings settings) {
        this.time = time;
        this.number = number;
        this.request = request;
        this.server = server;
        this.listener = listener;
        this.settings = settings;
        this.up = new Wire(time, this::arriveAtServer, this::wakeWriter);
        this.down = new Wire(time, this::arriveAtClient, () -> {});
        this.lastInboundAt = time.nanos();
        this.lastControlFrameAt = lastInboundAt;
        this.lastOutboundAt = lastInboundAt;
    }

    // ---- opening and ending ----

    /** Completes the upgrade, unless the client has given up. Returns whether it has not. */
    boolean open(Response response) {
        if (ended || closeQueued) return false;
        opened = true;
        lastInboundAt = time.nanos();
        listener.onResponse(response);
        listener.onOpen(this);
        wakeWriter();
        return true;
    }

    /** Ends the connection for the client, unless it has ended. */
    void fail(TransportException failure) {
        if (ended) return;
        ended = true;
        up.close();
        down.close();
        toWrite.clear();
        unread.clear();
        server.log("connection " + number + " failed: " + failure.getMessage());
        listener.onWaiting();
        listener.onFailed(failure);
    }

    /** Resets the connection. The server knows at once, and the client with its next task. */
    void cut() {
        if (isGone()) return;
        server.log("connection " + number + " is cut");
        up.close();
        down.close();
        time.add(() -> fail(TransportException.of(Phase.SESSION, "connection reset", null)), 0);
        loseServer();
    }

    void hold(Direction direction, boolean on) {
        if (direction.includes(Direction.CLIENT_TO_SERVER)) up.hold(on);
        if (direction.includes(Direction.SERVER_TO_CLIENT)) down.hold(on);
    }

    /** Returns whether the upgrade is neither done nor refused. */
    boolean isOpening() {
        return !opened && !ended;
    }

    /** Returns whether the client has a message that the wire does not have yet. */
    boolean hasMessagesToWrite() {
        return toWrite.stream().anyMatch(TestFrame::isMessage);
    }

    /** Returns whether the client has ended the connection, or begun to. */
    boolean isGivenUp() {
        return ended || closeQueued;
    }

    /** Returns whether the server has lost the connection, or never had it. */
    boolean isGone() {
        return serverGone || !opened;
    }

    /** Returns whether the server may still send. */
    boolean isUsable() {
        return !isGone() && !serverClosed;
    }

    private void loseServer() {
        if (serverGone) return;
        serverGone = true;
        server.onGone(this);
    }

    // ---- the server's end ----

    void serverSends(TestFrame frame) {
        if (!isUsable()) return;
        if (frame.kind == TestFrame.Kind.CLOSE) serverClosed = true;
        server.log("connection " + number + " <- " + frame);
        down.send(frame, server.latencyNanos());
    }

    private void arriveAtServer(TestFrame frame) {
        if (serverGone) return;
        server.log("connection " + number + " -> " + frame);
        if (frame.kind == TestFrame.Kind.PING) {
            serverSends(TestFrame.pong(frame.payload()));
            return;
        }
        server.onFrame(this, frame);
        if (frame.kind == TestFrame.Kind.CLOSE) {
            serverSends(TestFrame.close(frame.status()));
            loseServer();
        }
    }

    // ---- the client's end: what comes in ----

    private void arriveAtClient(TestFrame frame) {
        if (ended) return;
        unread.add(frame);
        if (unread.size() == 1) readUnread();
    }

    private void readUnread() {
        if (!reading || ended || unread.isEmpty()) return;
        while (reading && !ended && !unread.isEmpty()) read(unread.remove());
        if (!ended) listener.onWaiting();
    }

    private void read(TestFrame frame) {
        lastInboundAt = time.nanos();
        switch (frame.kind) {
            case TEXT:
                readText(frame);
                break;
            case BINARY:
                if (isTooLarge(frame)) return;
                listener.onBinary(frame.payload());
                break;
            case PING:
                lastControlFrameAt = time.nanos();
                toWrite.addFirst(TestFrame.pong(frame.payload()));
                wakeWriter();
                break;
            case PONG:
                lastControlFrameAt = time.nanos();
                listener.onPong(frame.payload());
                break;
            case CLOSE:
                readClose(frame.status());
                break;
        }
    }

    private boolean isTooLarge(TestFrame frame) {
        if (frame.bytes <= settings.maxMessageBytes()) return false;
        failViolation(new ProtocolViolation(
                ProtocolViolation.MESSAGE_TOO_BIG,
                "message of " + frame.bytes + " bytes, but at most " + settings.maxMessageBytes() + " are allowed"));
        return true;
    }

    private void failViolation(ProtocolViolation violation) {
        loseServer();
        fail(TransportException.of(Phase.SESSION, String.valueOf(violation.getMessage()), violation));
    }

    private void readText(TestFrame frame) {
        if (isTooLarge(frame)) return;
        byte[] bytes = frame.text().getBytes(StandardCharsets.UTF_8);
        Utf8Text text = new Utf8Text();
        try {
            text.validator().begin();
            boolean unused = text.validator().check(new Buffer().write(bytes), 0);
            text.setChecked(bytes);
            listener.onText(text);
        } catch (ProtocolViolation e) {
            failViolation(e);
        }
    }

    private void readClose(CloseStatus status) {
        listener.onWaiting();
        closeReceived = status;
        if (!closeQueued) {
            listener.onClosing(status);
            closeQueued = true;
            toWrite.add(TestFrame.close(status));
            wakeWriter();
        }
        finishClose();
    }

    private void finishClose() {
        CloseStatus status = closeReceived;
        if (ended || status == null || !closeWritten) return;
        ended = true;
        loseServerLater();
        listener.onClosed(status);
    }

    /** The close frame of the client, or the end of its stream, is still under way. */
    private void loseServerLater() {
        if (!up.isHeld()) time.add(this::loseServer, server.latencyNanos());
    }

    @Override
    public void setReading(boolean allowed) {
        if (allowed && !reading) lastInboundAt = time.nanos();
        reading = allowed;
        if (allowed) time.add(this::readUnread, 0);
    }

    // ---- the client's end: what goes out ----

    @Override
    public boolean sendText(String text, long utf8Length) {
        return send(TestFrame.text(text));
    }

    @Override
    public boolean sendBinary(ByteString bytes) {
        return send(TestFrame.binary(bytes));
    }

    private boolean send(TestFrame frame) {
        if (ended || closeQueued) return false;
        toWrite.add(frame);
        wakeWriter();
        return true;
    }

    @Override
    public void sendPing(ByteString payload) {
        if (ended || closeWritten) return;
        toWrite.removeIf(frame -> frame.kind == TestFrame.Kind.PING);
        toWrite.addFirst(TestFrame.ping(payload));
        wakeWriter();
    }

    @Override
    public boolean close(CloseStatus status) {
        if (ended || closeQueued) return false;
        closeQueued = true;
        toWrite.add(TestFrame.close(status));
        wakeWriter();
        limitEnd(settings.flushTimeoutNanos());
        return true;
    }

    private void limitEnd(long nanos) {
        if (nanos == Long.MAX_VALUE) return;
        time.add(
                () -> {
                    if (ended) return;
                    fail(TransportException.of(Phase.SESSION, "the server did not finish the closing handshake", null));
                    loseServerLater();
                },
                nanos);
    }

    @Override
    public void cancel() {
        if (ended) return;
        closeQueued = true;
        up.close();
        down.close();
        if (opened) loseServerLater();
        time.add(() -> fail(TransportException.of(Phase.SESSION, "cancelled", null)), 0);
    }

    private void wakeWriter() {
        if (writerAwake || ended) return;
        writerAwake = true;
        time.add(this::write, 0);
    }

    private void write() {
        writerAwake = false;
        if (ended || !opened) return;
        int messages = 0;
        boolean pinged = false;
        while (!toWrite.isEmpty() && up.backlog() < SOCKET_BUFFER_BYTES) {
            TestFrame frame = toWrite.remove();
            up.send(frame, server.latencyNanos());
            progress++;
            if (frame.isMessage()) messages++;
            if (frame.kind == TestFrame.Kind.PING) pinged = true;
            if (frame.kind == TestFrame.Kind.CLOSE) {
                closeWritten = true;
                limitEnd(settings.closeTimeoutNanos());
            }
        }
        if (messages > 0 || pinged || closeWritten) lastOutboundAt = time.nanos();
        if (!toWrite.isEmpty()) watchStall(progress);
        if (pinged) listener.onPingWritten();
        if (messages > 0) listener.onWritten(messages);
        finishClose();
    }

    private void watchStall(long before) {
        time.add(
                () -> {
                    if (ended || progress != before || toWrite.isEmpty()) return;
                    fail(TransportException.of(Phase.SESSION, "write failed: timeout", null));
                    loseServerLater();
                },
                WRITE_TIMEOUT_NANOS);
    }

    @Override
    public long lastInboundAt() {
        return reading ? lastInboundAt : time.nanos();
    }

    @Override
    public long lastControlFrameAt() {
        return lastControlFrameAt;
    }

    @Override
    public long lastOutboundAt() {
        return lastOutboundAt;
    }

    @Override
    public String toString() {
        return "connection " + number;
    }
}

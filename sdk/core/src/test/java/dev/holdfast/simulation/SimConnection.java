package dev.holdfast.simulation;

import dev.holdfast.ConnectionFailure.Phase;
import dev.holdfast.internal.frame.ProtocolViolation;
import dev.holdfast.internal.frame.Texts;
import dev.holdfast.internal.message.CloseStatus;
import dev.holdfast.internal.transport.Connection;
import dev.holdfast.internal.transport.ConnectionListener;
import dev.holdfast.internal.transport.TransportException;
import java.util.ArrayDeque;
import java.util.function.LongConsumer;
import okhttp3.Request;
import okio.ByteString;

/**
 * A WebSocket connection of the simulated world, both ends of it. To the client it behaves as the real one does: {@code
 * TransportContract} runs against both.
 */
final class SimConnection implements Connection {
    private static final long SOCKET_BUFFER = 16 * 1024;
    private static final long WRITE_TIMEOUT = World.seconds(10);
    /** For what is queued when a close begins. */
    private static final long FLUSH_TIMEOUT = World.seconds(10);
    /** For the server's answer to our close frame. */
    private static final long CLOSE_TIMEOUT = World.seconds(5);

    final long number;
    final Request request;
    private final World world;
    private final ConnectionListener listener;
    private final SimServer server;
    private final Runnable onHealthyCancel;
    /** The elapsed time at which the client began it. */
    final long begun;

    private final Pipe up;
    private final Pipe down;

    /** Called with the number of each message that the client gives to this connection; null for nothing. */
    LongConsumer handedOverObserver;

    private final ArrayDeque<Item> toWrite = new ArrayDeque<>();
    private final ArrayDeque<Item> unread = new ArrayDeque<>();
    private boolean writerAwake;
    private long stalledSince = Long.MAX_VALUE;
    private long reportedAt;
    private boolean reading = true;
    private int reads;
    private long readingSince;
    private boolean opened;
    private boolean closeQueued;
    private boolean closeWritten;
    private boolean ended;
    private boolean abandoned;
    private boolean serverGone;
    private boolean onlyPings;
    private CloseStatus closeReceived;
    private long lastInboundAt;
    private long lastControlFrameAt;
    private long lastOutboundAt;
    /** When it opened, or the server's stream last went on. */
    private long lastStreamAt;

    /** Whether the network ever did anything to this connection that could make it look dead. */
    private boolean wasFaulty;
    /** When the connection became useless without a word; {@link Long#MAX_VALUE} while it is not. */
    private long silentSince = Long.MAX_VALUE;
    /** When the first message was written that a server that only pings did not read; the same while there is none. */
    private long unreadSince = Long.MAX_VALUE;

    SimConnection(
            World world,
            long number,
            Request request,
            long latency,
            ConnectionListener listener,
            SimServer server,
            Runnable onHealthyCancel) {
        this.onHealthyCancel = onHealthyCancel;
        this.world = world;
        this.number = number;
        this.request = request;
        this.listener = listener;
        this.server = server;
        this.up = new Pipe(world, latency, this::arriveAtServer, this::wakeWriter);
        this.down = new Pipe(world, latency, this::arriveAtClient, () -> {});
        this.begun = world.elapsed();
        this.lastInboundAt = world.now();
        this.lastControlFrameAt = world.now();
        this.lastOutboundAt = world.now();
    }

    // ---- the world's side ----

    void open() {
        if (ended) return;
        opened = true;
        lastInboundAt = world.now();
        lastStreamAt = world.now();
        server.onConnect(this);
        listener.onOpen(this);
    }

    void fail(TransportException reason) {
        if (ended) return;
        ended = true;
        up.close();
        down.close();
        listener.onWaiting();
        listener.onFailed(reason);
    }

    /** Whether the server has lost it. */
    boolean isGone() {
        return serverGone || ended;
    }

    /** What the handshake brought. */
    String token() {
        String header = request.header("Authorization");
        return header == null ? "" : header.substring("Bearer ".length());
    }

    boolean isEnded() {
        return ended;
    }

    /** Whether the client may still use it. */
    boolean isLive() {
        return !ended && !closeQueued;
    }

    /** Since when the client could have noticed that nothing comes any more. */
    long silentSince() {
        if (ended || closeQueued || !reading) return Long.MAX_VALUE;
        // Pings are life enough for a client that waits for no acknowledgement.
        return Math.max(onlyPings ? unreadSince : silentSince, readingSince);
    }

    /** Since when the server has sent nothing but acknowledgements. */
    long streamRestsSince() {
        return !opened || !isLive() || !reading ? Long.MAX_VALUE : Math.max(lastStreamAt, readingSince);
    }

    boolean isReading() {
        return reading;
    }

    /** The connection is reset; both ends learn of it. */
    void cut() {
        wasFaulty = true;
        up.close();
        down.close();
        world.schedule(
                () -> fail(TransportException.of(Phase.SESSION, "connection reset", null)),
                world.below(World.millis(5)));
        loseServer(world.below(World.millis(5)));
    }

    /** One direction or both swallow everything for good, and nobody is told. */
    void forget(boolean upward, boolean downward) {
        wasFaulty = true;
        if (upward) up.die();
        if (downward) down.die();
        if (silentSince == Long.MAX_VALUE) silentSince = world.now();
    }

    /** The server hears nothing any more, and says nothing but pings of its own. */
    void onlyPing(long interval) {
        forget(true, false);
        onlyPings = true;
        pingAgain(interval);
    }

    private void pingAgain(long interval) {
        world.schedule(
                () -> {
                    if (isGone()) return;
                    serverSends(Item.ping(ByteString.EMPTY));
                    pingAgain(interval);
                },
                interval);
    }

    /** The process of a server that only pings ends: nothing tells a client with nothing to send that it is deaf. */
    void endOnlyPinging() {
        if (onlyPings && !isGone()) cut();
    }

    /** One direction or both stand still until {@link #goOn}. */
    void hold(boolean upward, boolean downward) {
        wasFaulty = true;
        up.hold(upward);
        down.hold(downward);
    }

    /** What comes in stays in the socket, since the client's process does not run. No fault of the network's. */
    void waitForReader() {
        down.hold(true);
    }

    void goOn() {
        up.hold(false);
        down.hold(false);
    }

    /**
     * The client's process dies, and its socket with it.
     *
     * @param flushes whether what was written still goes out
     */
    void abandon(boolean flushes) {
        // What an ended one has written may still be on its way.
        abandoned = true;
        if (ended) return;
        ended = true;
        toWrite.clear();
        down.close();
        if (!flushes) up.close();
        if (opened && silentSince == Long.MAX_VALUE) loseServer(world.below(World.seconds(flushes ? 3 : 1)));
    }

    boolean isAbandoned() {
        return abandoned;
    }

    /** From here on it may look dead without a fault of the client's. */
    void excuse() {
        wasFaulty = true;
    }

    private void loseServer(long delay) {
        world.schedule(
                () -> {
                    if (serverGone) return;
                    serverGone = true;
                    server.onDisconnect(this);
                },
                delay);
    }

    // ---- the server's side ----

    void serverSends(Item item) {
        if (!serverGone && (!onlyPings || item.kind == Item.Kind.PING)) down.send(server.onSend(item));
    }

    void serverCloses(int code, String reason) {
        serverSends(Item.close(CloseStatus.of(code, reason)));
    }

    private void arriveAtServer(Item item) {
        if (serverGone) return;
        switch (item.kind) {
            case TEXT:
                server.onText(this, item.text());
                break;
            case BINARY:
                server.onBinary(this, item.bytes());
                break;
            case PING:
                world.schedule(() -> serverSends(Item.pong(item.bytes())), server.pongDelay());
                break;
            case CLOSE:
                server.onClose(this, item.status());
                if (closeReceived == null) {
                    world.schedule(() -> serverSends(Item.close(item.status())), server.closeDelay());
                }
                loseServer(server.closeDelay() + 1);
                break;
            default:
        }
    }

    // ---- the client's side: what comes in ----

    private void arriveAtClient(Item item) {
        if (ended) return;
        if (reading && unread.isEmpty()) {
            read(item);
        } else {
            unread.add(item);
        }
    }

    private void read(Item item) {
        lastInboundAt = world.now();
        tell(item);
        // Some messages share a look at the socket with what follows.
        world.schedule(this::waitForMore, reads++ % 2 == 0 ? 0 : World.millis(1));
    }

    private void waitForMore() {
        if (!ended) listener.onWaiting();
    }

    private void tellText(String text) {
        try {
            listener.onText(Texts.text(text));
        } catch (ProtocolViolation e) {
            throw new AssertionError(e);
        }
    }

    private void tell(Item item) {
        switch (item.kind) {
            case TEXT:
                if (!item.text().startsWith("{\"t\":\"ack\"")) {
                    lastStreamAt = world.now();
                } else if (silentSince < world.now()) {
                    // The last acknowledgement of a server that hears nothing any more may leave no question open.
                    silentSince = world.now();
                }
                tellText(item.text());
                break;
            case BINARY:
                lastStreamAt = world.now();
                listener.onBinary(item.bytes());
                break;
            case PING:
                lastControlFrameAt = world.now();
                listener.onPing();
                break;
            case PONG:
                lastControlFrameAt = world.now();
                listener.onPong(item.bytes());
                break;
            case CLOSE:
                listener.onWaiting();
                closeReceived = item.status();
                if (!closeQueued) {
                    listener.onClosing(item.status());
                    closeQueued = true;
                    toWrite.add(Item.close(item.status()));
                    wakeWriter();
                }
                finishClose();
                break;
            default:
        }
    }

    private void finishClose() {
        if (ended || closeReceived == null || !closeWritten) return;
        ended = true;
        listener.onClosed(closeReceived);
    }

    @Override
    public void setReading(boolean allowed) {
        if (allowed && !reading) {
            lastInboundAt = world.now();
            readingSince = world.now();
        }
        reading = allowed;
        if (allowed) world.schedule(this::readUnread, 0);
    }

    private void readUnread() {
        while (reading && !ended && !unread.isEmpty()) read(unread.remove());
    }

    // ---- the client's side: what goes out ----

    @Override
    public boolean sendText(String text, long utf8Length) {
        return send(Item.text(text));
    }

    @Override
    public boolean sendBinary(ByteString bytes) {
        return send(Item.binary(bytes));
    }

    private boolean send(Item item) {
        // One that has ended takes nothing, and yet the client counts the message as handed over.
        if (handedOverObserver != null) Numbered.forEach("c", item, handedOverObserver);
        if (ended || closeQueued) return false;
        toWrite.add(item);
        wakeWriter();
        return true;
    }

    @Override
    public void sendPing(ByteString payload) {
        if (ended || closeWritten) return;
        toWrite.addFirst(Item.ping(payload));
        wakeWriter();
    }

    @Override
    public boolean close(CloseStatus status) {
        if (ended || closeQueued) return false;
        closeQueued = true;
        toWrite.add(Item.close(status));
        wakeWriter();
        limitEnd(FLUSH_TIMEOUT);
        return true;
    }

    private void limitEnd(long nanos) {
        world.schedule(
                () -> fail(TransportException.of(Phase.SESSION, "server did not finish the closing handshake", null)),
                nanos);
    }

    @Override
    public void cancel() {
        if (ended) return;
        if (opened && !closeQueued && !wasFaulty) onHealthyCancel.run();
        closeQueued = true;
        up.close();
        down.close();
        if (opened) loseServerUnlessSilent();
        world.schedule(() -> fail(TransportException.of(Phase.SESSION, "cancelled", null)), world.below(1000));
    }

    /** A server behind a dead path does not learn that the client has gone. */
    private void loseServerUnlessSilent() {
        if (silentSince == Long.MAX_VALUE) loseServer(world.below(World.millis(20)));
    }

    private void wakeWriter() {
        if (writerAwake || ended) return;
        writerAwake = true;
        world.schedule(this::write, world.below(20_000));
    }

    private void write() {
        writerAwake = false;
        if (ended || !opened) return;
        int messages = 0;
        boolean pinged = false;
        while (!toWrite.isEmpty() && up.backlog() < SOCKET_BUFFER) {
            Item item = toWrite.remove();
            if (onlyPings && item.isApplicationMessage()) unreadSince = Math.min(unreadSince, world.now());
            up.send(item);
            if (item.isMessage()) messages++;
            if (item.kind == Item.Kind.PING) pinged = true;
            if (item.kind == Item.Kind.CLOSE) {
                closeWritten = true;
                limitEnd(CLOSE_TIMEOUT);
            }
        }
        lastOutboundAt = world.now();
        report(messages, pinged);
        if (closeWritten) world.schedule(this::finishClose, 0);
        if (toWrite.isEmpty()) {
            stalledSince = Long.MAX_VALUE;
        } else if (messages > 0 || stalledSince == Long.MAX_VALUE) {
            watchStall();
        }
    }

    /** The writer's word may come later than what the server answered meanwhile. */
    private void report(int messages, boolean pinged) {
        reportedAt = Math.max(reportedAt, world.now() + (world.chance(0.2) ? world.below(World.millis(100)) : 0));
        world.schedule(
                () -> {
                    if (ended) return;
                    if (pinged) listener.onPingWritten();
                    if (messages > 0) listener.onWritten(messages);
                },
                reportedAt - world.now());
    }

    private void watchStall() {
        stalledSince = world.now();
        long since = stalledSince;
        world.schedule(
                () -> {
                    if (stalledSince != since) return;
                    fail(TransportException.of(Phase.SESSION, "write failed: timeout", null));
                    loseServerUnlessSilent();
                },
                WRITE_TIMEOUT);
    }

    @Override
    public long lastInboundAt() {
        return reading ? lastInboundAt : world.now();
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

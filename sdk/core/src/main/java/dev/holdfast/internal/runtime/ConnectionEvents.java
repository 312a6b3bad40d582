package dev.holdfast.internal.runtime;

import dev.holdfast.CloseReason;
import dev.holdfast.ConnectionFailure.Phase;
import dev.holdfast.internal.frame.FrameObserver;
import dev.holdfast.internal.frame.ProtocolViolation;
import dev.holdfast.internal.frame.Utf8Text;
import dev.holdfast.internal.message.CloseStatus;
import dev.holdfast.internal.session.Effect;
import dev.holdfast.internal.session.Loss;
import dev.holdfast.internal.session.ProtocolReader;
import dev.holdfast.internal.session.SessionEvent;
import dev.holdfast.internal.session.SessionMachine;
import dev.holdfast.internal.transport.Connection;
import dev.holdfast.internal.transport.ConnectionListener;
import dev.holdfast.internal.transport.TransportException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.ToLongFunction;
import okhttp3.Headers;
import okhttp3.Response;
import okio.ByteString;
import org.jspecify.annotations.Nullable;

/**
 * Reports the events of one connection to the machine. Called on the connection's I/O threads. Messages that one read has
 * brought go to the machine together.
 */
final class ConnectionEvents implements ConnectionListener {
    private static final int MAX_BATCH = 256;

    private final long number;
    /** By the ticker: the silence of a connection that has not opened counts from here. */
    private final long begunAt;

    private final SessionMachine machine;
    private final ProtocolReader protocol;
    private final EventLoop loop;
    private final InboundBudget budget;
    private final Openings openings;
    private final ApplicationPings pings;
    private final Telemetry telemetry;

    private volatile @Nullable Connection connection;
    /** Of the newest response to the upgrade. Confined to the thread of the upgrade, and then to the reader. */
    private Headers responseHeaders = Openings.NO_HEADERS;
    /** The messages that the machine has not received yet. Confined to the reader. */
    private @Nullable Batch batch;

    /** Whether the server has pinged since the last look. Confined to the reader. */
    private boolean pinged;
    /** Whether the machine is about to hear of a ping. One event tells it of all that come meanwhile. */
    private final AtomicBoolean pingWaits = new AtomicBoolean();

    ConnectionEvents(
            long number,
            long begunAt,
            SessionMachine machine,
            ProtocolReader protocol,
            EventLoop loop,
            InboundBudget budget,
            Openings openings,
            ApplicationPings pings,
            Telemetry telemetry) {
        this.number = number;
        this.begunAt = begunAt;
        this.machine = machine;
        this.protocol = protocol;
        this.loop = loop;
        this.budget = budget;
        this.openings = openings;
        this.pings = pings;
        this.telemetry = telemetry;
    }

    /** Messages from the server that came together. */
    private final class Batch implements FlowTask {
        final List<SessionEvent> events = new ArrayList<>();
        long bytes;

        @Override
        public void run() {
            loop.process(events, number, bytes);
        }
    }

    private void add(SessionEvent event, int payload) {
        Batch open = batch;
        if (open == null) {
            open = new Batch();
            batch = open;
        }
        open.events.add(event);
        open.bytes += InboundBudget.costOf(payload);
        if (open.events.size() == MAX_BATCH || open.bytes > budget.share()) flush();
    }

    private void flush() {
        Batch full = batch;
        if (full == null) return;
        batch = null;
        budget.take(full.bytes, connection);
        loop.execute(full);
    }

    @Override
    public void onResponse(Response response) {
        responseHeaders = SharedHeaders.of(response.headers());
    }

    @Override
    public void onOpen(Connection opened) {
        connection = opened;
        Headers headers = responseHeaders;
        loop.execute(now -> {
            telemetry.opened(number, opened.isOverHttp());
            openings.upgraded(headers, opened.isOverHttp());
            List<Effect> effects = machine.onOpen(number, opened.areSecretsWithheld(), opened.isOverHttp(), now);
            if (machine.protocolInput.isCurrent(number)) protocol.opened();
            return effects;
        });
    }

    @Override
    public @Nullable FrameObserver frameObserver() {
        return telemetry.frames(number);
    }

    @Override
    public void onText(Utf8Text text) throws ProtocolViolation {
        add(protocol.readText(text), text.size());
    }

    @Override
    public void onEvent(Utf8Text text, @Nullable String id) throws ProtocolViolation {
        add(protocol.readEvent(text, id), text.size());
    }

    @Override
    public void onPosition(@Nullable String id) {
        add(protocol.readPosition(id), 0);
    }

    @Override
    public void onBinary(ByteString bytes) {
        add(protocol.readBinary(bytes), bytes.size());
    }

    /** Pings that came together are one event. */
    @Override
    public void onPing() {
        pinged = true;
    }

    @Override
    public void onWaiting() {
        flush();
        if (!pinged) return;
        pinged = false;
        if (!pingWaits.compareAndSet(false, true)) return;
        loop.executeFlow(now -> {
            pingWaits.set(false);
            return machine.onPing(number, now);
        });
    }

    @Override
    public void onPong(ByteString payload) {
        if (payload.size() != Long.BYTES) return;
        flush();
        long nonce = payload.asByteBuffer().getLong();
        loop.execute(now -> {
            pings.onPong(nonce);
            return machine.onPong(number, nonce, now);
        });
    }

    @Override
    public void onWritten(int messages) {
        loop.executeFlow(now -> machine.onWritten(number, messages, now));
    }

    @Override
    public void onPingWritten() {
        loop.execute(now -> {
            telemetry.pingWritten();
            return machine.onPingWritten(number, now);
        });
    }

    @Override
    public void onMoveWanted() {
        loop.execute(now -> machine.onReconnect(number, 0, null, now));
    }

    /** To the session a connection that is no longer read has ended: the machine drops what else it reports. */
    @Override
    public void onClosing(CloseStatus status) {
        onClosed(status);
    }

    @Override
    public void onClosed(CloseStatus status) {
        CloseReason reason = new CloseReason(status.code(), status.reason());
        Loss loss = Loss.closed(Phase.SESSION, status.code(), status.reason(), status.isOfLastWritten());
        loop.execute(now -> {
            telemetry.ended(number, loss.message());
            return machine.onClosed(number, reason, withSilence(loss, now), now);
        });
    }

    @Override
    public void onFailed(TransportException failure) {
        String message = String.valueOf(failure.getMessage());
        Loss loss = loss(failure, message);
        loop.execute(now -> {
            telemetry.ended(number, message);
            return machine.onFailed(number, withSilence(loss, now), now);
        });
    }

    private static Loss loss(TransportException failure, String message) {
        if (failure.httpStatus() != 0) {
            return Loss.refused(message, failure.httpStatus(), failure.retryAfterNanos(), failure);
        }
        if (failure.isUnselected()) return Loss.unselected(message, failure);
        return failure.isViolation()
                ? Loss.violation(failure.phase(), message, failure)
                : Loss.of(failure.phase(), message, failure.retryAfterNanos(), failure);
    }

    private Loss withSilence(Loss loss, long now) {
        return loss.withSilence(since(Connection::lastInboundAt, now), since(Connection::lastOutboundAt, now));
    }

    private long since(ToLongFunction<Connection> moment, long now) {
        Connection mine = connection;
        long at = mine == null ? begunAt : moment.applyAsLong(mine);
        return Math.max(0, now - loop.toElapsed(at));
    }
}

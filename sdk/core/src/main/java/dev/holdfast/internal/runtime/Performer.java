package dev.holdfast.internal.runtime;

import dev.holdfast.ClientState;
import dev.holdfast.CloseReason;
import dev.holdfast.Credential;
import dev.holdfast.CredentialProvider;
import dev.holdfast.EndpointProvider;
import dev.holdfast.Outcome;
import dev.holdfast.StoreException;
import dev.holdfast.internal.message.CloseStatus;
import dev.holdfast.internal.session.Attempt;
import dev.holdfast.internal.session.Decision;
import dev.holdfast.internal.session.Effects;
import dev.holdfast.internal.session.Inbound;
import dev.holdfast.internal.session.Loss;
import dev.holdfast.internal.session.LostSession;
import dev.holdfast.internal.session.Open;
import dev.holdfast.internal.session.Outbound;
import dev.holdfast.internal.session.Packet;
import dev.holdfast.internal.session.SessionProtocol;
import dev.holdfast.internal.transport.Connection;
import java.util.List;
import okhttp3.Request;
import okio.Buffer;
import okio.ByteString;
import org.jspecify.annotations.Nullable;

/** Performs the machine's effects. Confined to the serial context, except {@link #state} and {@link #roundTripNanos}. */
final class Performer implements Effects, SessionProtocol.Wire {
    private static final String CUT = "…";
    /** Characters of a close reason that, with {@link #CUT}, always fit the 123 bytes of a close frame. */
    private static final int MAX_CLOSE_REASON = 40;

    private final Connections connections;
    private final SessionProtocol protocol;
    private final @Nullable ProviderRequests<CredentialProvider.Reason, Credential> credentials;
    private final @Nullable ProviderRequests<EndpointProvider.Reason, Request> endpoints;
    private final NetworkWatch network;
    private final SharedQueue queue;
    private final Backpressure backpressure;
    private final ListenerDispatcher dispatcher;
    private final InboundBudget budget;
    private final InboundDelivery delivery;
    private final Openings openings;
    private final ApplicationPings pings;
    private final ClientCallbacks callbacks;
    private final Telemetry telemetry;

    /** Whether the end has been, or is about to be, reported to the application. */
    private boolean closedReported;
    /** Whether nothing more goes to the current connection in this turn: a message could not be made. */
    private boolean muted;

    private volatile ClientState state = ClientState.IDLE;
    private volatile long roundTripNanos = -1;

    Performer(
            Connections connections,
            SessionProtocol protocol,
            @Nullable ProviderRequests<CredentialProvider.Reason, Credential> credentials,
            @Nullable ProviderRequests<EndpointProvider.Reason, Request> endpoints,
            NetworkWatch network,
            SharedQueue queue,
            Backpressure backpressure,
            ListenerDispatcher dispatcher,
            InboundBudget budget,
            InboundDelivery delivery,
            Openings openings,
            ApplicationPings pings,
            ClientCallbacks callbacks,
            Telemetry telemetry) {
        this.connections = connections;
        this.protocol = protocol;
        this.credentials = credentials;
        this.endpoints = endpoints;
        this.network = network;
        this.queue = queue;
        this.backpressure = backpressure;
        this.dispatcher = dispatcher;
        this.budget = budget;
        this.delivery = delivery;
        this.openings = openings;
        this.pings = pings;
        this.callbacks = callbacks;
        this.telemetry = telemetry;
    }

    /** Returns the newest state. Safe from any thread. */
    ClientState state() {
        return state;
    }

    /** Returns the round-trip time of the newest answered ping, or -1 before the first. Safe from any thread. */
    long roundTripNanos() {
        return roundTripNanos;
    }

    boolean isClosedReported() {
        return closedReported;
    }

    @Nullable
    Connection currentConnection() {
        return connections.current();
    }

    /** Sends nothing more to the current connection until {@link #unmute}. */
    void mute() {
        muted = true;
    }

    void unmute() {
        muted = false;
    }

    // ---- connections ----

    @Override
    public void openConnection(Attempt attempt) {
        unmute();
        openings.attempt();
        connections.openCurrent(attempt);
    }

    @Override
    public void openCandidate(Attempt attempt) {
        telemetry.handoverBegun(attempt.connection());
        openings.attempt();
        connections.openCandidate(attempt);
    }

    @Override
    public void promoteCandidate() {
        unmute();
        connections.promoteCandidate();
        telemetry.promoted();
    }

    @Override
    public void dropCandidate() {
        connections.dropCandidate();
        telemetry.dropped();
    }

    @Override
    public void closeConnection(int code, String reason) {
        connections.required().close(CloseStatus.of(code, shortened(reason)));
    }

    /** The reason may quote the server, at any length. */
    private static String shortened(String reason) {
        return CloseStatus.fits(reason) ? reason : reason.substring(0, MAX_CLOSE_REASON) + CUT;
    }

    @Override
    public void cancelConnection() {
        connections.cancelCurrent();
    }

    @Override
    public void askCredential(long question, CredentialProvider.Reason reason) {
        if (credentials == null) throw new IllegalStateException("no credential provider");
        credentials.request(question, reason);
    }

    @Override
    public void askEndpoint(long question, EndpointProvider.Reason reason) {
        if (endpoints == null) throw new IllegalStateException("no endpoint provider");
        endpoints.request(question, reason);
    }

    // ---- to the server ----

    @Override
    public void text(String text, long utf8Length) {
        if (!muted) connections.required().sendText(text, utf8Length);
    }

    @Override
    public void ascii(String text) {
        if (!muted) connections.required().sendAscii(text);
    }

    @Override
    public void text(byte[] utf8, int size) {
        if (!muted) connections.required().sendText(utf8, size);
    }

    @Override
    public void binary(ByteString bytes) {
        if (!muted) connections.required().sendBinary(bytes);
    }

    @Override
    public void sendAuth(String auth) {
        protocol.writeAuth(auth, this);
    }

    @Override
    public void sendOpen(Open open) {
        protocol.writeOpen(open, this);
    }

    @Override
    public void sendMessage(Outbound message) {
        if (muted) return;
        telemetry.handedOver(message);
        protocol.writeMessage(message, this);
    }

    @Override
    public void sendBatch(List<Outbound> messages) {
        if (muted) return;
        messages.forEach(telemetry::handedOver);
        protocol.writeBatch(messages, this);
    }

    @Override
    public void sendAck(String last) {
        protocol.writeAck(last, this);
    }

    @Override
    public void sendBye() {
        protocol.writeBye(this);
    }

    @Override
    public void sendControl(Packet reply) {
        if (reply.hasText()) {
            text(reply.text(), reply.textBytes());
        } else {
            binary(reply.attachments().get(0));
        }
    }

    @Override
    public void sendPing(long nonce) {
        if (muted) return;
        pings.sent(nonce);
        sendApplicationPing(nonce);
    }

    void sendApplicationPing(long number) {
        connections.required().sendPing(new Buffer().writeLong(number).readByteString());
    }

    // ---- messages ----

    @Override
    public void deliver(Inbound message) {
        telemetry.received(message);
        budget.passOn(message);
        dispatcher.gather(message);
    }

    @Override
    public void abandoned(long cost) {
        budget.releaseAbandoned(cost);
    }

    @Override
    public void duplicateDropped() {
        telemetry.duplicate();
    }

    @Override
    public void sessionStartSent(Outbound message) {
        queue.buffer(message);
    }

    /** The store has the messages. */
    void stored(List<Outbound> messages) {
        for (Outbound message : messages) {
            if (message.markStored()) postEnd(callbacks.onStored(message));
        }
    }

    /** The store has failed. */
    void storeFailed(StoreException failure) {
        post(() -> callbacks.onStoreFailure(failure));
    }

    @Override
    public void countWritten(int messages, long bytes) {
        telemetry.written(messages, bytes);
        queue.unbuffer(bytes);
    }

    @Override
    public void written(Outbound message) {
        postEnd(callbacks.onWritten(message));
    }

    @Override
    public void ended(Outbound message, Outcome outcome) {
        unbuffer(message);
        if (outcome.kind() == Outcome.Kind.ACKNOWLEDGED) telemetry.acknowledged();
        postEnd(callbacks.onEnded(message, outcome));
        queue.ended(message);
    }

    @Override
    public void rejected(Outbound message, Outcome outcome, Inbound place) {
        unbuffer(message);
        budget.passOn(place);
        Runnable rest = callbacks.onEnded(message, outcome);
        queue.ended(message);
        dispatcher.release();
        dispatcher.postEnd(() -> {
            if (rest != null) rest.run();
            delivery.onPassed(place);
        });
    }

    /** A message that ends before it is written no longer counts as buffered. The queue counts out what it still holds. */
    private void unbuffer(Outbound message) {
        if (message.isHandedOver() && !message.isWritten()) queue.unbuffer(message.bytes());
    }

    @Override
    public void reconnectFailed(Loss loss) {
        openings.reconnectFailed(loss);
    }

    @Override
    public void ackOverdue(Outbound oldest, long ageNanos) {
        telemetry.ackOverdue(oldest, ageNanos);
    }

    // ---- to the application ----

    @Override
    public void stateChanged(ClientState next) {
        if (next == state) return;
        state = next;
        telemetry.state(next);
        network.setActive(next != ClientState.IDLE && next != ClientState.CLOSED);
        post(() -> callbacks.onState(next));
        openings.stateChanged(next);
        pings.stateChanged(next);
    }

    @Override
    public void connectionFailed(Loss loss, Decision decision) {
        telemetry.failed(loss, decision);
        post(() -> callbacks.onConnectionFailure(loss, decision));
        openings.failed(loss, decision);
    }

    @Override
    public void sessionLost(LostSession session) {
        telemetry.sessionLost(session.reason, session.unknown.size());
        post(() -> callbacks.onSessionLost(session));
    }

    @Override
    public void sessionOpened(boolean resumed, long replayed) {
        telemetry.sessionOpened(resumed, replayed);
        openings.sessionOpened(resumed, replayed);
    }

    @Override
    public void roundTripTime(long nanos) {
        roundTripNanos = nanos;
        telemetry.roundTripTime(nanos);
    }

    @Override
    public void closed(CloseReason reason) {
        closedReported = true;
        backpressure.end();
        post(() -> callbacks.onClosed(reason));
        openings.closed(reason);
    }

    /** Posts a callback behind the messages that came before it. */
    private void post(Runnable callback) {
        dispatcher.release();
        dispatcher.post(callback);
    }

    private void postEnd(@Nullable Runnable rest) {
        if (rest == null) return;
        dispatcher.release();
        dispatcher.postEnd(rest);
    }
}

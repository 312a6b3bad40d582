package dev.holdfast.sample.model;

import dev.holdfast.Backoff;
import dev.holdfast.ClientState;
import dev.holdfast.CloseReason;
import dev.holdfast.ConnectionFailure;
import dev.holdfast.Credential;
import dev.holdfast.CredentialProvider;
import dev.holdfast.Delivery;
import dev.holdfast.Heartbeat;
import dev.holdfast.HoldfastClient;
import dev.holdfast.HoldfastListener;
import dev.holdfast.Message;
import dev.holdfast.Metrics;
import dev.holdfast.Outcome;
import dev.holdfast.Session;
import dev.holdfast.SessionLoss;
import dev.holdfast.sample.demo.Numbered;
import dev.holdfast.sample.demo.Peer;
import dev.holdfast.sample.demo.StreamCheck;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import javafx.beans.Observable;
import javafx.collections.FXCollections;
import javafx.collections.ObservableList;
import org.jspecify.annotations.Nullable;

/** The client's side of the conversation, and the window's only use of the SDK. Confined to the window's thread. */
public final class Conversation implements HoldfastListener, AutoCloseable {
    private static final int MAX_LINES = 500;
    private static final Duration TOKEN_LIFE = Duration.ofHours(1);

    private final Peer peer;
    private final Executor window;
    private final EventLog log;
    private final HoldfastClient client;

    private final ObservableList<ChatLine> lines =
            FXCollections.observableArrayList(line -> new Observable[] {line.markProperty()});
    private final History history = new History();
    private final StreamCheck received = new StreamCheck();
    private int sent;
    private int acknowledged;
    private int failed;
    private int unknown;
    private int toldMissing;
    private int lost;
    private int sessionsLost;
    private int opened;
    private boolean lossTold;
    private double ackMillis = Double.NaN;
    private @Nullable NextAttempt nextAttempt;

    Conversation(Peer peer, Executor window, EventLog log) {
        this.peer = peer;
        this.window = window;
        this.log = log;
        client = HoldfastClient.builder(peer.url())
                .session(Session.resumable())
                .callbackExecutor(window)
                .backoff(Backoff.exponential(Duration.ofMillis(500), Duration.ofSeconds(4)))
                .heartbeat(Heartbeat.every(Duration.ofMillis(500)).withDeadline(Duration.ofSeconds(3)))
                .networkMonitor(peer.network())
                .credentialProvider(this::credential)
                .listener(this)
                .addEventListener(new LoggedEvents(log, window))
                .build();
        client.connect();
    }

    private CompletionStage<Credential> credential(CredentialProvider.Reason reason) {
        window.execute(() -> log.add("credential", "asked for one: " + reason));
        return CompletableFuture.completedFuture(peer.credential(TOKEN_LIFE));
    }

    /** Sends the next numbered message and follows its outcome. */
    public void send(String text) {
        int number = ++sent;
        ChatLine line = new ChatLine(number, text, Mark.WAITING);
        add(line);
        long sentAt = System.nanoTime();
        Delivery delivery = client.send(new Numbered(number, text));
        var unusedWritten = delivery.written().thenAccept(isWritten -> {
            if (isWritten) line.mark(Mark.WRITTEN, "");
        });
        var unusedOutcome = delivery.outcome().thenAccept(outcome -> ended(line, sentAt, outcome));
    }

    private void ended(ChatLine line, long sentAt, Outcome outcome) {
        if (outcome.isSuccess()) {
            acknowledged++;
            ackMillis = (System.nanoTime() - sentAt) / 1e6;
            if (!peer.arrived().has(line.number())) lost++;
            line.mark(Mark.ACKNOWLEDGED, "");
        } else {
            failed++;
            if (outcome.kind() == Outcome.Kind.UNKNOWN) unknown++;
            line.mark(Mark.FAILED, outcome.toString());
            log.add("message", "#" + line.number() + " " + outcome);
        }
    }

    private void add(ChatLine line) {
        if (lines.size() >= MAX_LINES) lines.remove(0, MAX_LINES / 10);
        lines.add(line);
    }

    @Override
    public void onMessage(HoldfastClient from, Message message) {
        Numbered numbered = message.read(Numbered.class);
        int missing = numbered.number() - received.highest() - 1;
        if (missing > 0 && lossTold) toldMissing += missing;
        if (missing > 0 && !lossTold) lost += missing;
        lossTold = false;
        received.arrived(numbered.number());
        add(new ChatLine(numbered.number(), numbered.text(), Mark.RECEIVED));
    }

    @Override
    public void onState(HoldfastClient from, ClientState state) {
        if (state == ClientState.OPEN) opened++;
        history.add(new History.StateChange(System.nanoTime(), state));
        log.add("state", state.toString());
    }

    @Override
    public void onConnectionFailure(HoldfastClient from, ConnectionFailure failure) {
        nextAttempt = new NextAttempt(failure, System.nanoTime());
        log.add("failure", failure.toString());
        if (failure.willRetry() || !Peer.wantsCredential(failure)) return;
        // A fault causes two credentials in a row that expire as soon as they are issued; a user would sign in again.
        log.add("credential", "signed in again");
        client.connect();
    }

    @Override
    public void onSessionLost(HoldfastClient from, SessionLoss loss) {
        sessionsLost++;
        lossTold = true;
        log.add("session", loss.toString());
    }

    @Override
    public void onBackpressure(HoldfastClient from, boolean pressed) {
        log.add("queue", pressed ? "over its high water mark" : "back at its low water mark");
    }

    @Override
    public void onClosed(HoldfastClient from, CloseReason reason) {
        log.add("closed", reason.toString());
    }

    /** Records a sample for the charts. */
    void sample(long nanoTime, double sentPerSecond, double receivedPerSecond) {
        Metrics metrics = client.metrics();
        Duration roundTrip = metrics.roundTripTime();
        history.add(new History.Sample(
                nanoTime,
                roundTrip == null ? Double.NaN : roundTrip.toNanos() / 1e6,
                ackMillis,
                metrics.queuedMessages(),
                metrics.bufferedAmount(),
                sentPerSecond,
                receivedPerSecond));
    }

    /** Reconnects now instead of waiting for the next attempt. */
    public void connectNow() {
        client.connectNow();
    }

    /** Returns the client's current state. */
    public ClientState state() {
        return client.state();
    }

    /** Returns the newest failure and what follows from it; null before the first failure. */
    public @Nullable NextAttempt nextAttempt() {
        return nextAttempt;
    }

    /** Returns both sides' messages, newest last. */
    public ObservableList<ChatLine> lines() {
        return lines;
    }

    /** Returns the samples of the last minute. */
    public History history() {
        return history;
    }

    /** Returns the payload bytes that no socket has accepted yet. */
    public long bufferedAmount() {
        return client.bufferedAmount();
    }

    /** Returns the outcome of all messages so far. */
    public Totals totals() {
        StreamCheck arrived = peer.arrived();
        return new Totals(
                sent,
                acknowledged,
                sent - acknowledged - failed,
                received.received(),
                lost,
                received.duplicated() + arrived.duplicated(),
                received.reordered() + arrived.reordered(),
                unknown + toldMissing,
                sessionsLost,
                Math.max(0, opened - 1));
    }

    /** Closes the connection and the session. */
    @Override
    public void close() {
        client.cancel();
    }
}

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
import dev.holdfast.http.Carriers;
import dev.holdfast.sample.demo.DirectionTotals;
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

    /** When the client tries again, and how soon it finds that a connection is dead. */
    public record Policies(Backoff backoff, Heartbeat heartbeat) {
        /** A second attempt that a person can see coming, and a dead connection that is found within 4 s. */
        public static final Policies STANDARD = new Policies(
                Backoff.exponential(Duration.ofMillis(500), Duration.ofSeconds(4)),
                Heartbeat.every(Duration.ofMillis(500)).withDeadline(Duration.ofSeconds(3)));
    }

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
    private int inDoubtToServer;
    private int lostToServer;
    private int inDoubtFromServer;
    private int lostFromServer;
    private int sessionsLost;
    private int opened;
    private boolean overHttp;
    /** Whether the newest connection is over HTTP. Written on the SDK's threads. */
    private volatile boolean newestIsOverHttp;

    private boolean lossReported;
    /** The longest time from a send to its acknowledgement since the last sample; NaN if there was none. */
    private double slowestAckMillis = Double.NaN;
    /** The value of the last sample. */
    private double ackMillis = Double.NaN;
    /** Since when the client has not been open; null while it is. */
    private @Nullable Long notOpenSince;

    private @Nullable NextAttempt nextAttempt;

    Conversation(Peer peer, Policies policies, Executor window, EventLog log) {
        this.peer = peer;
        this.window = window;
        this.log = log;
        client = HoldfastClient.builder(peer.url())
                .session(Session.resumable())
                .carrier(Carriers.webSocketThenHttp())
                .callbackExecutor(window)
                .backoff(policies.backoff())
                .heartbeat(policies.heartbeat())
                .networkMonitor(peer.network())
                .credentialProvider(this::credential)
                .listener(this)
                .addEventListener(new ChartedEvents())
                .build();
        client.connect();
    }

    private CompletionStage<Credential> credential(CredentialProvider.Reason reason) {
        log.add("credential", "requested: " + words(reason));
        return CompletableFuture.completedFuture(peer.credential(TOKEN_LIFE));
    }

    private static String words(CredentialProvider.Reason reason) {
        return switch (reason) {
            case FIRST -> "the first connection needs one";
            case RECONNECT -> "a new connection needs one";
            case REFUSED -> "the server refused the last one";
            case EXPIRING -> "the last one is about to expire";
        };
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
            double millis = (System.nanoTime() - sentAt) / 1e6;
            slowestAckMillis = Double.isNaN(slowestAckMillis) ? millis : Math.max(slowestAckMillis, millis);
            if (!peer.arrived().has(line.number())) lostToServer++;
            line.mark(Mark.ACKNOWLEDGED, "");
        } else {
            failed++;
            if (outcome.kind() == Outcome.Kind.UNKNOWN) inDoubtToServer++;
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
        if (missing > 0 && lossReported) inDoubtFromServer += missing;
        if (missing > 0 && !lossReported) lostFromServer += missing;
        lossReported = false;
        received.arrived(numbered.number());
        add(new ChatLine(numbered.number(), numbered.text(), Mark.RECEIVED));
    }

    @Override
    public void onState(HoldfastClient from, ClientState state) {
        long now = System.nanoTime();
        if (state == ClientState.OPEN) {
            opened++;
            // Not again at the end of a handover.
            if (nextAttempt != null && notOpenSince != null && !nextAttempt.isRecovered()) {
                nextAttempt = nextAttempt.recovered(now - notOpenSince);
            }
            notOpenSince = null;
        } else if (notOpenSince == null) {
            notOpenSince = now;
        }
        overHttp = state == ClientState.OPEN && newestIsOverHttp;
        history.add(new History.StateChange(now, state, overHttp));
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
        lossReported = true;
        log.add("session", loss + ": " + words(loss));
    }

    private static String words(SessionLoss loss) {
        return switch (loss.reason()) {
            case "epoch" -> "the server came back without its log of messages";
            case "expired" -> "the server kept the session no longer";
            case "trimmed" -> "the server's log no longer reaches back to the last message";
            default -> "the server does not know the session";
        };
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
        boolean open = client.state() == ClientState.OPEN;
        if (!Double.isNaN(slowestAckMillis)) ackMillis = slowestAckMillis;
        slowestAckMillis = Double.NaN;
        // No figure of an earlier connection stands beside an outage.
        history.add(new History.Sample(
                nanoTime,
                open && roundTrip != null ? roundTrip.toNanos() / 1e6 : Double.NaN,
                open ? ackMillis : Double.NaN,
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

    /** Returns whether plain HTTP carries the open session, and not a WebSocket. */
    public boolean isOverHttp() {
        return overHttp;
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
        DirectionTotals toServer = new DirectionTotals(
                sent,
                arrived.distinct(),
                acknowledged,
                inDoubtToServer,
                lostToServer,
                arrived.duplicated(),
                arrived.reordered());
        DirectionTotals fromServer = new DirectionTotals(
                peer.said(),
                received.distinct(),
                peer.acknowledged(),
                inDoubtFromServer,
                lostFromServer,
                received.duplicated(),
                received.reordered());
        return new Totals(toServer, fromServer, sent - acknowledged - failed, sessionsLost, Math.max(0, opened - 1));
    }

    /** Closes the connection and the session. */
    @Override
    public void close() {
        client.cancel();
    }

    /** Adds to the charts what they show of the logged events. */
    private final class ChartedEvents extends LoggedEvents {
        ChartedEvents() {
            super(log);
        }

        @Override
        public void onConnectionOpened(long connection) {
            newestIsOverHttp = false;
        }

        @Override
        public void onConnectionOverHttp(long connection) {
            super.onConnectionOverHttp(connection);
            newestIsOverHttp = true;
        }

        @Override
        public void onHandoverDone(long connection) {
            super.onHandoverDone(connection);
            long now = System.nanoTime();
            window.execute(() -> history.addHandover(now));
        }

        @Override
        public void onSuspended(Duration duration) {
            super.onSuspended(duration);
            long now = System.nanoTime();
            window.execute(() -> history.add(new History.Suspension(now - duration.toNanos(), now)));
        }
    }
}

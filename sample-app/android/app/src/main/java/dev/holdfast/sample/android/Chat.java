package dev.holdfast.sample.android;

import android.app.Application;
import dev.holdfast.ClientState;
import dev.holdfast.ConnectionFailure;
import dev.holdfast.Delivery;
import dev.holdfast.HoldfastClient;
import dev.holdfast.HoldfastClientBuilder;
import dev.holdfast.NetworkMonitor;
import dev.holdfast.Session;
import dev.holdfast.SessionSnapshot;
import dev.holdfast.android.AndroidLifecycle;
import dev.holdfast.android.AndroidNetworkMonitor;
import dev.holdfast.android.AndroidNetworkState;
import dev.holdfast.android.HoldfastAndroid;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * The conversation with one server, for as long as the process lives. In the background it disconnects and stores a snapshot
 * of the session; another process goes on from there, with the messages that had not ended. Confined to the main thread.
 */
final class Chat {
    /** The time in the background before the chat disconnects. */
    static final Duration BACKGROUND = Duration.ofSeconds(5);

    private static final int MAX_LINES = 500;

    private final SnapshotFile file;
    private final ArrayDeque<Line> lines = new ArrayDeque<>();

    private @Nullable HoldfastClient client;
    private NetworkMonitor.@Nullable Registration network;
    private @Nullable AndroidLifecycle lifecycle;
    private Runnable screen = () -> {};
    private String networkState = "";
    private String trouble = "";

    private Chat(SnapshotFile file) {
        this.file = file;
    }

    /** Opens the chat: reads the snapshot away from the main thread, and connects. */
    static Chat open(Application application, String url, SnapshotFile file, Executor main) {
        Chat chat = new Chat(file);
        var unused = file.read().thenAcceptAsync(snapshot -> chat.start(application, url, snapshot), main);
        return chat;
    }

    private void start(Application application, String url, Optional<SessionSnapshot> snapshot) {
        AndroidNetworkMonitor monitor = new AndroidNetworkMonitor(application);
        HoldfastClientBuilder builder = HoldfastAndroid.builder(application, url)
                .networkMonitor(monitor)
                .session(Session.resumable())
                .onState((c, state) -> onState(state))
                .onMessage((c, message) -> add(Line.received(message.text())))
                .onConnectionFailure((c, failure) -> onFailure(failure))
                .onSessionLost((c, loss) -> show("The session was lost: " + loss));
        snapshot.ifPresent(builder::restore);
        HoldfastClient made = builder.build();
        client = made;
        for (Delivery delivery : made.restored()) add(sent(delivery));
        network = monitor.watchState(this::onNetwork);
        lifecycle = AndroidLifecycle.disconnectInBackground(application, made, BACKGROUND);
        made.connect();
    }

    /** Sends a message. Without a connection it waits in the queue. */
    void send(String text) {
        if (client != null) add(sent(client.send(text)));
    }

    private Line sent(Delivery delivery) {
        var unused = delivery.outcome().thenAccept(outcome -> screen.run());
        return Line.sent(delivery.message().text(), delivery);
    }

    /** Connects or disconnects at the user's request. */
    void setOnline(boolean online) {
        if (client == null) return;
        if (online) client.connectNow();
        else client.disconnect();
    }

    /** Ends the chat as the end of the process would: the server keeps the session. */
    void kill() {
        if (client != null) client.cancel();
        if (network != null) network.close();
        if (lifecycle != null) lifecycle.close();
    }

    /** Sets what is called after every change; it replaces the one before. */
    void setScreen(Runnable screen) {
        this.screen = screen;
        screen.run();
    }

    /** Ends the calls of a screen, unless another one has taken its place. */
    void removeScreen(Runnable screen) {
        if (this.screen == screen) this.screen = () -> {};
    }

    /** Returns the lines in order. */
    List<String> lines() {
        List<String> shown = new ArrayList<>();
        for (Line line : lines) shown.add(line.shown());
        return shown;
    }

    /** Returns whether the user wants the chat to be connected. */
    boolean isOnline() {
        return state() != ClientState.IDLE && state() != ClientState.CLOSED;
    }

    /** Returns the client's state; {@code IDLE} before there is a client. */
    ClientState state() {
        return client == null ? ClientState.IDLE : client.state();
    }

    /** Returns the line above the messages. */
    String status() {
        return state() + " · " + networkState + (trouble.isEmpty() ? "" : "\n" + trouble);
    }

    private void onState(ClientState state) {
        if (state == ClientState.OPEN) trouble = "";
        if (state == ClientState.CONNECTING) file.delete();
        if (state == ClientState.IDLE) store();
        screen.run();
    }

    /** Stores a snapshot, if the chat is not connected. */
    void store() {
        if (client == null) return;
        var unused = client.snapshot().thenAccept(taken -> {
            // The user may have come back meanwhile.
            if (state() == ClientState.IDLE) taken.ifPresent(file::write);
        });
    }

    private void onFailure(ConnectionFailure failure) {
        show(failure.toString());
    }

    private void onNetwork(AndroidNetworkState state) {
        networkState = state.toString();
        if (state.hasCaptivePortal()) trouble = "Sign in to the network first";
        screen.run();
    }

    private void show(String message) {
        trouble = message;
        screen.run();
    }

    private void add(Line line) {
        if (lines.size() == MAX_LINES) lines.removeFirst();
        lines.addLast(line);
        screen.run();
    }
}

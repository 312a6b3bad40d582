package dev.holdfast.sample.model;

import dev.holdfast.ClientState;
import dev.holdfast.CloseReason;
import dev.holdfast.ConnectionFailure;
import dev.holdfast.HoldfastClient;
import dev.holdfast.HoldfastListener;
import dev.holdfast.Message;
import dev.holdfast.SessionLoss;
import dev.holdfast.sample.connect.Explanation;
import dev.holdfast.sample.connect.Proxies;
import java.util.concurrent.Executor;
import javafx.beans.property.ReadOnlyBooleanProperty;
import javafx.beans.property.ReadOnlyBooleanWrapper;
import javafx.beans.property.ReadOnlyObjectProperty;
import javafx.beans.property.ReadOnlyObjectWrapper;
import javafx.beans.property.ReadOnlyStringProperty;
import javafx.beans.property.ReadOnlyStringWrapper;
import okhttp3.Request;
import org.jspecify.annotations.Nullable;

/** A connection to whatever server somebody names. Confined to the window's thread. */
public final class AnyServer implements AutoCloseable {
    private final Executor window;
    private final EventLog log = new EventLog();
    private final ReadOnlyObjectWrapper<ClientState> state = new ReadOnlyObjectWrapper<>(ClientState.IDLE);
    private final ReadOnlyStringWrapper explanation = new ReadOnlyStringWrapper("");
    private final ReadOnlyBooleanWrapper connected = new ReadOnlyBooleanWrapper();
    private @Nullable HoldfastClient client;

    public AnyServer(Executor window) {
        this.window = window;
    }

    /**
     * Lets go of the server before, if there is one, and connects to this one. What can't be is explained.
     *
     * @return whether there can be such a server
     */
    public boolean connect(ServerSettings settings) {
        close();
        explanation.set("");
        try {
            Request request = settings.request();
            client = HoldfastClient.builder(request)
                    .session(settings.session())
                    .okHttpClient(Proxies.client(settings.proxyUrl()))
                    .callbackExecutor(window)
                    .listener(new Told(new Explanation(request.url(), settings.proxyUrl())))
                    .addEventListener(new LoggedEvents(log, window))
                    .build();
        } catch (IllegalArgumentException e) {
            explanation.set(String.valueOf(e.getMessage()));
            return false;
        }
        connected.set(true);
        log.add("connect", settings.url().trim());
        client.connect();
        return true;
    }

    /** Sends text, and logs what becomes of it. */
    public void send(String text) {
        HoldfastClient current = client;
        if (current == null) return;
        log.add("sent", text);
        var unused = current.send(text).outcome().thenAccept(outcome -> {
            if (!outcome.isSuccess()) log.add("not sent", outcome + ": " + text);
        });
    }

    /** Whether there is a server that is not let go of yet. */
    public ReadOnlyBooleanProperty connected() {
        return connected.getReadOnlyProperty();
    }

    /** Where the connection stands. */
    public ReadOnlyObjectProperty<ClientState> state() {
        return state.getReadOnlyProperty();
    }

    /** What is wrong, in a sentence; empty while nothing is. */
    public ReadOnlyStringProperty explanation() {
        return explanation.getReadOnlyProperty();
    }

    /** What has happened, messages among it. */
    public EventLog log() {
        return log;
    }

    /** Lets go of the server. */
    @Override
    public void close() {
        HoldfastClient current = client;
        client = null;
        if (current != null) current.cancel();
        connected.set(false);
        state.set(ClientState.IDLE);
    }

    /** What the newest client tells; an older one has nothing to say any more. */
    private final class Told implements HoldfastListener {
        private final Explanation why;

        Told(Explanation why) {
            this.why = why;
        }

        @Override
        public void onState(HoldfastClient from, ClientState newState) {
            if (from != client) return;
            state.set(newState);
            log.add("state", newState.toString());
            if (newState == ClientState.OPEN) explanation.set("");
        }

        @Override
        public void onMessage(HoldfastClient from, Message message) {
            if (from != client) return;
            log.add("received", message.isBinary() ? message.bytes().toString() : message.text());
        }

        @Override
        public void onConnectionFailure(HoldfastClient from, ConnectionFailure failure) {
            if (from != client) return;
            String next = failure.willRetry() ? " It will be tried again." : " It will not be tried again.";
            explanation.set(why.of(failure) + next);
            log.add("failure", failure.toString());
        }

        @Override
        public void onSessionLost(HoldfastClient from, SessionLoss loss) {
            if (from == client) log.add("session", loss.toString());
        }

        @Override
        public void onClosed(HoldfastClient from, CloseReason reason) {
            if (from == client) log.add("closed", reason.toString());
        }
    }
}

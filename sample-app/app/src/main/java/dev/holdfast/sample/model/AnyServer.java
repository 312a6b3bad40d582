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

/** A connection to any server that the user names. Confined to the window's thread. */
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
     * Closes the previous server's connection, if any, and connects to this server. Explains settings that cannot work.
     *
     * @return whether the settings can work
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

    /** Sends text and logs its outcome. */
    public void send(String text) {
        HoldfastClient current = client;
        if (current == null) return;
        log.add("sent", text);
        var unused = current.send(text).outcome().thenAccept(outcome -> {
            if (!outcome.isSuccess()) log.add("not sent", outcome + ": " + text);
        });
    }

    /** Returns whether there is a server whose connection has not been closed, as a property. */
    public ReadOnlyBooleanProperty connected() {
        return connected.getReadOnlyProperty();
    }

    /** Returns the state of the connection. */
    public ReadOnlyObjectProperty<ClientState> state() {
        return state.getReadOnlyProperty();
    }

    /** Returns a sentence about what is wrong; empty while nothing is. */
    public ReadOnlyStringProperty explanation() {
        return explanation.getReadOnlyProperty();
    }

    /** Returns the log of events, which includes messages. */
    public EventLog log() {
        return log;
    }

    /** Closes the connection. */
    @Override
    public void close() {
        HoldfastClient current = client;
        client = null;
        if (current != null) current.cancel();
        connected.set(false);
        state.set(ClientState.IDLE);
    }

    /** The listener of the newest client. Callbacks of older clients are ignored. */
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

package dev.holdfast.sample.model;

import dev.holdfast.ClientState;
import dev.holdfast.CloseReason;
import dev.holdfast.ConnectionFailure;
import dev.holdfast.HoldfastClient;
import dev.holdfast.HoldfastClientBuilder;
import dev.holdfast.HoldfastListener;
import dev.holdfast.Message;
import dev.holdfast.SessionLoss;
import dev.holdfast.sample.connect.Dialect;
import dev.holdfast.sample.connect.Explanation;
import dev.holdfast.sample.connect.Proxies;
import dev.holdfast.sample.connect.SentHeaders;
import dev.holdfast.sample.connect.Speaker;
import dev.holdfast.sample.model.LogEvent.Direction;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import javafx.beans.property.ReadOnlyBooleanProperty;
import javafx.beans.property.ReadOnlyBooleanWrapper;
import javafx.beans.property.ReadOnlyObjectProperty;
import javafx.beans.property.ReadOnlyObjectWrapper;
import javafx.beans.property.ReadOnlyStringProperty;
import javafx.beans.property.ReadOnlyStringWrapper;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import org.jspecify.annotations.Nullable;

/**
 * A connection to any server that the user names. Confined to the window's thread. Callbacks of the client run on a
 * thread of their own, so that a flood of messages keeps the window free; they reach the window through the log.
 */
public final class AnyServer implements AutoCloseable {
    private final Executor window;
    private final EventLog log = new EventLog();
    private final ReadOnlyObjectWrapper<ClientState> state = new ReadOnlyObjectWrapper<>(ClientState.IDLE);
    private final ReadOnlyStringWrapper explanation = new ReadOnlyStringWrapper("");
    private final ReadOnlyBooleanWrapper connected = new ReadOnlyBooleanWrapper();
    private final Executor callbacks = Executors.newSingleThreadExecutor(task -> {
        Thread thread = new Thread(task, "messages");
        thread.setDaemon(true);
        return thread;
    });
    /** The sender to the newest server. Set on the window's thread. */
    private volatile @Nullable Speaker speaker;
    /** The reports about the newest server. */
    private volatile @Nullable Reports reports;

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
            Reports made = new Reports(
                    new Explanation(request.url(), settings.proxyUrl()),
                    settings.kind().dialect() != null);
            speaker = speaker(settings, request, made);
            reports = made;
        } catch (IllegalArgumentException e) {
            explanation.set(String.valueOf(e.getMessage()));
            return false;
        }
        connected.set(true);
        log.add("connect", settings.url().trim());
        Speaker current = speaker;
        if (current != null) current.connect();
        return true;
    }

    private Speaker speaker(ServerSettings settings, Request request, Reports made) {
        OkHttpClient http = Proxies.client(settings.proxyUrl());
        Dialect dialect = settings.kind().dialect();
        if (dialect != null) {
            OkHttpClient withHeaders =
                    http.newBuilder().addInterceptor(new SentHeaders(request)).build();
            return dialect.speaker(
                    request, settings.connectHeaders(), builder -> configure(builder, withHeaders, made), made::said);
        }
        HoldfastClientBuilder builder = HoldfastClient.builder(request).session(settings.session());
        configure(builder, http, made);
        return Speaker.plain(builder.build());
    }

    private void configure(HoldfastClientBuilder builder, OkHttpClient http, Reports made) {
        builder.okHttpClient(http).callbackExecutor(callbacks).listener(made).addEventListener(new LoggedEvents(log));
    }

    /** Sends text and logs its outcome. */
    public void send(String text) {
        Speaker current = speaker;
        if (current == null) return;
        log.message(Direction.SENT, "sent", text);
        try {
            var unused = current.send(text).thenAccept(outcome -> {
                if (!outcome.isSuccess()) log.message(Direction.SENT, "not sent", outcome + ": " + text);
            });
        } catch (IllegalArgumentException e) {
            log.message(Direction.SENT, "not sent", e.getMessage() + ": " + text);
        }
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
        Reports current = reports;
        Speaker last = speaker;
        reports = null;
        speaker = null;
        if (current == null || !current.cancel()) {
            if (last != null) last.close();
        }
        connected.set(false);
        state.set(ClientState.IDLE);
    }

    /** The listener of the newest client. Callbacks of older clients are ignored. */
    private final class Reports implements HoldfastListener {
        private final Explanation why;
        /** Whether messages are reported by {@link #said}, as what they mean. */
        private final boolean isDialect;

        private volatile @Nullable HoldfastClient client;

        Reports(Explanation why, boolean isDialect) {
            this.why = why;
            this.isDialect = isDialect;
        }

        /** Cancels the client. Returns false if it has not begun to connect. */
        boolean cancel() {
            HoldfastClient current = client;
            if (current != null) current.cancel();
            return current != null;
        }

        private boolean isOld() {
            return this != reports;
        }

        /** Logs what the server says in a dialect. */
        void said(String line) {
            if (!isOld()) log.message(Direction.RECEIVED, "received", line);
        }

        @Override
        public void onState(HoldfastClient from, ClientState newState) {
            client = from;
            if (isOld()) {
                from.cancel();
                return;
            }
            log.add("state", newState.toString());
            window.execute(() -> {
                if (isOld()) return;
                state.set(newState);
                if (newState == ClientState.OPEN) explanation.set("");
            });
        }

        @Override
        public void onMessage(HoldfastClient from, Message message) {
            if (isOld() || isDialect) return;
            if (message.isBinary()) {
                log.message(Direction.RECEIVED, "received", message.bytes());
            } else {
                log.message(Direction.RECEIVED, "received", message.text());
            }
        }

        @Override
        public void onConnectionFailure(HoldfastClient from, ConnectionFailure failure) {
            if (isOld()) return;
            String next = failure.willRetry() ? " It will be tried again." : " It will not be tried again.";
            String sentence = why.of(failure) + next;
            log.add("failure", failure.toString());
            window.execute(() -> {
                if (!isOld()) explanation.set(sentence);
            });
        }

        @Override
        public void onSessionLost(HoldfastClient from, SessionLoss loss) {
            if (!isOld()) log.add("session", loss.toString());
        }

        @Override
        public void onClosed(HoldfastClient from, CloseReason reason) {
            if (!isOld()) log.add("closed", reason.toString());
        }
    }
}

package dev.holdfast.testkit;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The protocol of a server in memory. This class has no sessions: a message sent while no client is connected is lost. */
class ServerRules {
    /** The test's side of the server. */
    interface Application {
        /** Called for each message of the client's application, once. Returns why it is refused, null if it is not. */
        @Nullable
        Rejection onMessage(TestFrame message);

        void log(String line);
    }

    /** Why a message is refused. */
    static final class Rejection {
        final String code;
        final String message;

        Rejection(String code, String message) {
            this.code = code;
            this.message = message;
        }
    }

    final Application application;
    /** Those that the server has not lost, oldest first. */
    private final Set<MemoryConnection> connections = new LinkedHashSet<>();

    ServerRules(Application application) {
        this.application = application;
    }

    /** Returns the subprotocol that a client must offer; null for any. */
    @Nullable
    String subprotocol() {
        return null;
    }

    void onConnect(MemoryConnection connection) {
        connections.add(connection);
    }

    /** Called for each message of the client. */
    void onFrame(MemoryConnection connection, TestFrame frame) {
        if (application.onMessage(frame) != null) {
            throw new AssertionError("only a resumable session can reject a message");
        }
    }

    void onGone(MemoryConnection connection) {
        connections.remove(connection);
    }

    /** Returns whether the server may send application messages over the connection. */
    boolean isReady(MemoryConnection connection) {
        return connection.isUsable() && connections.contains(connection);
    }

    /** Sends a message of the server's application. A text is any JSON if {@code json} is set, and otherwise a string. */
    void send(TestFrame message, boolean json) {
        boolean sent = false;
        for (MemoryConnection connection : connections()) {
            if (!isReady(connection)) continue;
            connection.serverSends(message);
            sent = true;
        }
        if (!sent) throw new IllegalStateException("no client is connected: call accept() first");
    }

    /** The server's process ends. The next one has what this one had to send if {@code keepsLog} is set. */
    void restart(boolean keepsLog) {
        if (!keepsLog) throw new IllegalStateException("this server has no log to lose");
    }

    /** Ends the sessions, for the reason that the next welcome gives. */
    void endSessions(String reason) {
        throw new IllegalStateException("this server has no sessions");
    }

    void holdAcks(boolean on) {
        throw new IllegalStateException("this server acknowledges nothing");
    }

    void askToReconnect(long afterMillis) {
        throw new IllegalStateException("the clients of this server do not know what a reconnect is");
    }

    final List<MemoryConnection> connections() {
        return new ArrayList<>(connections);
    }
}

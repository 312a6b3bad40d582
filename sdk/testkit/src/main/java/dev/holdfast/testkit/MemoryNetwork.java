package dev.holdfast.testkit;

import dev.holdfast.ConnectionFailure.Phase;
import dev.holdfast.internal.transport.ConnectionListener;
import dev.holdfast.internal.transport.ConnectionSettings;
import dev.holdfast.internal.transport.TransportException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.Supplier;
import okhttp3.Protocol;
import okhttp3.Request;
import okhttp3.Response;
import org.jspecify.annotations.Nullable;

/** The network between a server in memory and its clients, and its faults. Confined to the virtual time. */
final class MemoryNetwork implements MemoryTransport.Door, MemoryConnection.Server {
    private static final Duration DEFAULT_LATENCY = Duration.ofMillis(1);

    private final VirtualTime time;
    private final ServerLog log;
    private final ServerRules rules;
    private final List<MemoryConnection> connections = new ArrayList<>();
    private final List<Duration> attempts = new ArrayList<>();
    private final ArrayDeque<Integer> closeCodes = new ArrayDeque<>();
    private @Nullable Request lastRequest;
    private Duration latency = DEFAULT_LATENCY;
    /** Makes the failure of each attempt; null for accepting it. */
    private @Nullable Supplier<TransportException> refusal;

    private boolean upHeld;
    private boolean downHeld;
    /** Attempts that a black hole swallowed. Those that the client gave up since do nothing. */
    private final List<Runnable> swallowed = new ArrayList<>();

    MemoryNetwork(VirtualTime time, ServerLog log, ServerRules rules) {
        this.time = time;
        this.log = log;
        this.rules = rules;
    }

    // ---- attempts ----

    static TransportException refused(int httpStatus, Duration retryAfter) {
        return TransportException.refused(httpStatus, retryAfter.toNanos(), "upgrade refused with HTTP " + httpStatus);
    }

    static TransportException unreachable() {
        return TransportException.of(Phase.TCP, "connection refused or unreachable", null);
    }

    void refuse(@Nullable Supplier<TransportException> newRefusal) {
        refusal = newRefusal;
    }

    @Override
    public MemoryConnection attempt(
            Request request, @Nullable String subprotocol, ConnectionListener listener, ConnectionSettings settings) {
        attempts.add(time.now());
        lastRequest = request;
        int number = attempts.size();
        log.note("connection " + number + " is attempted: " + request.url());
        MemoryConnection connection = new MemoryConnection(time, number, request, this, listener, settings);
        // One way for the request, one for the response.
        time.add(() -> answer(connection, subprotocol), 2 * latency.toNanos());
        return connection;
    }

    private void answer(MemoryConnection connection, @Nullable String offered) {
        if (!connection.isOpening()) return;
        if (upHeld || downHeld) {
            swallowed.add(() -> answer(connection, offered));
            return;
        }
        Supplier<TransportException> refuses = refusal;
        String wanted = rules.subprotocol();
        if (refuses != null) {
            connection.fail(refuses.get());
        } else if (wanted != null && !wanted.equals(offered)) {
            connection.fail(refused(400, Duration.ZERO));
        } else if (wanted == null && ResumeRules.SUBPROTOCOL.equals(offered)) {
            connection.fail(TransportException.unselected(ResumeRules.SUBPROTOCOL));
        } else {
            open(connection, offered);
        }
    }

    private void open(MemoryConnection connection, @Nullable String subprotocol) {
        Response.Builder response = new Response.Builder()
                .request(connection.request)
                .protocol(Protocol.HTTP_1_1)
                .code(101)
                .message("Switching Protocols");
        if (subprotocol != null) response.header("Sec-WebSocket-Protocol", subprotocol);
        connections.removeIf(older -> older.isGone() && older.isGivenUp());
        connections.add(connection);
        log.note("connection " + connection.number + " is open");
        if (connection.open(response.build())) rules.onConnect(connection);
    }

    List<Duration> attempts() {
        return Collections.unmodifiableList(new ArrayList<>(attempts));
    }

    Request request() {
        Request request = lastRequest;
        if (request == null) throw new AssertionError("there was no attempt to connect");
        return request;
    }

    // ---- connections ----

    /** Returns whether a client is connected that knows nothing else, and the server may send to it. */
    boolean isConnected() {
        for (MemoryConnection connection : connections) {
            if (rules.isReady(connection) && !connection.isGivenUp()) return true;
        }
        return false;
    }

    void cut() {
        for (MemoryConnection connection : new ArrayList<>(connections)) connection.cut();
    }

    void send(TestFrame frame) {
        for (MemoryConnection connection : new ArrayList<>(connections)) connection.serverSends(frame);
    }

    void delay(Duration oneWay) {
        latency = oneWay;
    }

    void blackHole(Direction direction, boolean on) {
        if (direction.includes(Direction.CLIENT_TO_SERVER)) upHeld = on;
        if (direction.includes(Direction.SERVER_TO_CLIENT)) downHeld = on;
        log.note("black hole " + direction + (on ? " begins" : " ends"));
        for (MemoryConnection connection : new ArrayList<>(connections)) connection.hold(direction, on);
        if (upHeld || downHeld) return;
        for (Runnable attempt : swallowed) time.add(attempt, latency.toNanos());
        swallowed.clear();
    }

    int awaitClose() {
        time.runUntil(() -> !closeCodes.isEmpty(), VirtualTime.LIMIT, () -> log.describe("no close frame has come"));
        return closeCodes.remove();
    }

    // ---- what connections report ----

    @Override
    public void onFrame(MemoryConnection connection, TestFrame frame) {
        if (frame.kind == TestFrame.Kind.CLOSE) {
            closeCodes.add(frame.status().code());
        } else if (frame.isMessage()) {
            rules.onFrame(connection, frame);
        }
    }

    @Override
    public void onGone(MemoryConnection connection) {
        rules.onGone(connection);
    }

    @Override
    public long latencyNanos() {
        return latency.toNanos();
    }

    @Override
    public void log(String line) {
        log.note(line);
    }
}

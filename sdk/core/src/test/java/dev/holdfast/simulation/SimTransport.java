package dev.holdfast.simulation;

import dev.holdfast.ConnectionFailure.Phase;
import dev.holdfast.internal.transport.Connection;
import dev.holdfast.internal.transport.ConnectionListener;
import dev.holdfast.internal.transport.Transport;
import dev.holdfast.internal.transport.TransportException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongConsumer;
import okhttp3.Request;

/** Opens connections through whatever weather there is. */
final class SimTransport implements Transport {
    enum Weather {
        FAIR,
        /** Nobody listens. */
        REFUSED,
        /** Nobody answers. */
        SILENT,
        /** A server that is there and overloaded. */
        UNAVAILABLE
    }

    static final long CONNECT_TIMEOUT = World.seconds(15);

    private final World world;
    private final SimServer server;
    private final List<SimConnection> connections = new ArrayList<>();
    private final List<SimConnection> ofThisProcess = new ArrayList<>();
    final List<Long> attempts = new ArrayList<>();
    /** What the newest refusal of an overloaded server asked for. */
    long askedToWait;
    /** Called with the number of each message that is given to a connection; null for nothing. */
    LongConsumer handedOverObserver;

    private int healthyCancels;
    Weather weather = Weather.FAIR;
    /** What a server that is overloaded asks for. */
    long retryAfter = World.seconds(3);

    long latency = World.millis(20);
    /** Who says whose handshake is refused; null where none is. */
    TokenOffice office;

    /** Whose ticket each attempt must have; null where none is needed. */
    TicketOffice tickets;

    /** Since when the client has known that there is no network; an attempt would be wasted. */
    long offlineSince = Long.MAX_VALUE;

    /** Whether there was such an attempt. Not thrown from it: the client takes exceptions for the application's. */
    boolean wasted;

    SimTransport(World world, SimServer server) {
        this.world = world;
        this.server = server;
    }

    @Override
    public Connection open(Request request, ConnectionListener listener) {
        attempts.add(world.now());
        wasted |= world.now() - World.millis(1) > Math.max(offlineSince, world.awakeSince());
        SimConnection connection = new SimConnection(
                world, attempts.size(), request, 1 + world.below(latency), listener, server, this::onHealthyCancel);
        connection.handedOverObserver = handedOverObserver;
        connections.removeIf(SimConnection::isEnded);
        connections.add(connection);
        ofThisProcess.add(connection);
        world.trace("attempt, " + connection + ", " + weather);
        if (tickets != null) tickets.checkUse(request);
        if (office != null && !office.inOpen()) office.checkUse(connection.token(), world.elapsed());
        long roundTrip = world.below(2 * latency);
        switch (weather) {
            case FAIR:
                if (office != null && !office.inOpen() && !office.isGood(connection.token())) {
                    failLater(connection, TransportException.refused(401, 0, "HTTP 401"), roundTrip);
                    break;
                }
                world.schedule(connection::open, roundTrip);
                break;
            case REFUSED:
                failLater(connection, TransportException.of(Phase.TCP, "connection refused", null), roundTrip);
                break;
            case SILENT:
                failLater(connection, TransportException.of(Phase.TCP, "no answer", null), CONNECT_TIMEOUT);
                break;
            case UNAVAILABLE:
                askedToWait = retryAfter;
                failLater(connection, TransportException.refused(503, retryAfter, "HTTP 503"), roundTrip);
                break;
        }
        return connection;
    }

    private void failLater(SimConnection connection, TransportException reason, long delay) {
        world.schedule(() -> connection.fail(reason), delay);
    }

    /** Connections that the client gave up though nothing ever was wrong with them. */
    int healthyCancels() {
        return healthyCancels;
    }

    void onHealthyCancel() {
        healthyCancels++;
    }

    /**
     * The client's process dies.
     *
     * @param flushes whether what was written still goes out
     */
    void abandon(boolean flushes) {
        ofThisProcess.forEach(connection -> connection.abandon(flushes));
        ofThisProcess.clear();
    }

    /** Those that have not ended, the newest last. */
    List<SimConnection> connections() {
        connections.removeIf(SimConnection::isEnded);
        return connections;
    }
}

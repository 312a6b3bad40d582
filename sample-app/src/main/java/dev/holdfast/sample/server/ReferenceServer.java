package dev.holdfast.sample.server;

import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A WebSocket server that speaks {@code resume.v1.json} at {@code /live}, on the loopback interface only.
 *
 * <p>Its sessions are in a {@link SessionStore}. A restart is {@link #close} and {@link #start} on the same port: with the
 * same store the sessions go on, with another one nobody knows them.
 */
public final class ReferenceServer implements AutoCloseable {
    private static final Duration CLOSE_PATIENCE = Duration.ofMillis(500);

    /** A client that leaves at the last moment that it was given still needs time to get to the other connection. */
    private static final Duration DRAIN_GRACE = Duration.ofMillis(500);

    private final ServerContext context;
    private final LiveListener listener;

    private ReferenceServer(ServerContext context, LiveListener listener) {
        this.context = context;
        this.listener = listener;
    }

    /** Starts a server. */
    public static ReferenceServer start(Options options) {
        SessionStore store = options.store();
        ServerContext context = new ServerContext(options, store == null ? new SessionStore() : store);

        LiveListener listener;
        try {
            listener = LiveListener.start(context);
        } catch (Exception e) {
            context.timer.shutdownNow();
            throw new IllegalStateException("cannot start on port " + options.port(), e);
        }
        long sweepMillis = Math.max(20, Math.min(1000, options.ttl().toMillis() / 4));
        var unused = context.timer.scheduleWithFixedDelay(
                context.store::sweep, sweepMillis, sweepMillis, TimeUnit.MILLISECONDS);
        return new ReferenceServer(context, listener);
    }

    /** The port that the server listens on. */
    public int port() {
        return listener.port();
    }

    /** Where to connect to. */
    public String url() {
        return "ws://" + LiveListener.HOST + ":" + port() + LiveListener.PATH;
    }

    /** Sets who handles the clients' messages. Without one they are accepted, and that is all. */
    public void onMessage(MessageHandler handler) {
        context.handler = handler;
    }

    /** Sets who is told of every new session, before it is welcomed and before any message of it is handled. */
    public void onSession(Consumer<ServerSession> created) {
        context.onSession = created;
    }

    /** Ends all sessions as if they had outlived their time: connections are closed with 1001, resumes told {@code expired}. */
    public void expireSessions() {
        context.store.endAll("expired", "session expired");
    }

    /** Aborts the TCP connections of all clients, without a close frame. */
    public void dropConnections() {
        List.copyOf(context.connections).forEach(ServerConnection::abort);
    }

    /** Pings all clients. */
    public void ping() {
        context.connections.forEach(ServerConnection::ping);
    }

    /** Asks all clients to resume on a new connection, and closes the present ones shortly after the time is over. */
    public void drain(Duration after) {
        drain(after, null);
    }

    /** Like {@link #drain(Duration)}, to another server. */
    public void drain(Duration after, @Nullable String url) {
        List<ServerConnection> present = List.copyOf(context.connections);
        present.forEach(connection -> connection.answer(Envelopes.reconnect(after, url)));
        var unused = context.timer.schedule(
                () -> present.forEach(connection -> connection.shut(CloseCodes.GOING_AWAY, "drained")),
                after.plus(DRAIN_GRACE).toMillis(),
                TimeUnit.MILLISECONDS);
    }

    /** What the server has done so far. */
    public Stats stats() {
        return new Stats(
                context.connections.size(),
                context.store.size(),
                context.resumed.sum(),
                context.created.sum(),
                context.handled.sum(),
                context.duplicates.sum(),
                context.protocolErrors.sum());
    }

    /** Closes all connections with 1001, does not wait long for clients that do not answer, and stops. The store stays. */
    @Override
    public void close() {
        List<ServerConnection> present = List.copyOf(context.connections);
        present.forEach(connection -> connection.leave("server closing"));
        context.timer.shutdownNow();
        // Time for the clients to answer: a connection that is torn down earlier may lose the close frame on its way.
        CompletableFuture<?>[] closed =
                present.stream().map(ServerConnection::closed).toArray(CompletableFuture<?>[]::new);
        CompletableFuture.allOf(closed)
                .completeOnTimeout(null, CLOSE_PATIENCE.toMillis(), TimeUnit.MILLISECONDS)
                .join();
        try {
            listener.stop();
        } catch (Exception e) {
            throw new IllegalStateException("cannot stop", e);
        }
    }

    /**
     * Numbers since the start, but for the first two.
     *
     * @param openConnections connections that are open now
     * @param sessions sessions that are alive now
     * @param resumed resumes that succeeded
     * @param created sessions that were made
     * @param handled messages that the handler accepted or rejected
     * @param duplicates messages that were ignored because they had been handled
     * @param protocolErrors connections that ended with 4400
     */
    public record Stats(
            int openConnections,
            int sessions,
            long resumed,
            long created,
            long handled,
            long duplicates,
            long protocolErrors) {}

    /**
     * How a server is to be.
     *
     * @param port to listen on; 0 for any
     * @param ttl for which a session outlives a lost connection
     * @param maxUnacked messages that either side may have outstanding
     * @param maxBytes bytes that either side may have outstanding
     * @param ackEvery messages after which the server acknowledges
     * @param ackDelay time after which it does so at the latest
     * @param openTimeout time that a client has to say {@code open}
     * @param logLimit messages that a session's log keeps; older ones are lost to a resume
     * @param random for names and keys
     * @param auth who checks credentials
     * @param store where the sessions are; null for a new one
     */
    public record Options(
            int port,
            Duration ttl,
            int maxUnacked,
            long maxBytes,
            int ackEvery,
            Duration ackDelay,
            Duration openTimeout,
            int logLimit,
            SecureRandom random,
            Authenticator auth,
            @Nullable SessionStore store) {

        /** Any port, two minutes to live, and limits that a demo does not notice. */
        public static Options defaults() {
            return new Options(
                    0,
                    Duration.ofMinutes(2),
                    1000,
                    4L * 1024 * 1024,
                    32,
                    Duration.ofMillis(100),
                    Duration.ofSeconds(10),
                    200_000,
                    new SecureRandom(),
                    Authenticator.anyone(),
                    null);
        }

        /** These options with another {@code port}. */
        public Options withPort(int port) {
            return new Options(
                    port, ttl, maxUnacked, maxBytes, ackEvery, ackDelay, openTimeout, logLimit, random, auth, store);
        }

        /** These options with another {@code ttl}. */
        public Options withTtl(Duration ttl) {
            return new Options(
                    port, ttl, maxUnacked, maxBytes, ackEvery, ackDelay, openTimeout, logLimit, random, auth, store);
        }

        /** These options with another {@code maxUnacked}. */
        public Options withMaxUnacked(int maxUnacked) {
            return new Options(
                    port, ttl, maxUnacked, maxBytes, ackEvery, ackDelay, openTimeout, logLimit, random, auth, store);
        }

        /** These options with another {@code maxBytes}. */
        public Options withMaxBytes(long maxBytes) {
            return new Options(
                    port, ttl, maxUnacked, maxBytes, ackEvery, ackDelay, openTimeout, logLimit, random, auth, store);
        }

        /** These options with another {@code ackEvery}. */
        public Options withAckEvery(int ackEvery) {
            return new Options(
                    port, ttl, maxUnacked, maxBytes, ackEvery, ackDelay, openTimeout, logLimit, random, auth, store);
        }

        /** These options with another {@code ackDelay}. */
        public Options withAckDelay(Duration ackDelay) {
            return new Options(
                    port, ttl, maxUnacked, maxBytes, ackEvery, ackDelay, openTimeout, logLimit, random, auth, store);
        }

        /** These options with another {@code openTimeout}. */
        public Options withOpenTimeout(Duration openTimeout) {
            return new Options(
                    port, ttl, maxUnacked, maxBytes, ackEvery, ackDelay, openTimeout, logLimit, random, auth, store);
        }

        /** These options with another {@code logLimit}. */
        public Options withLogLimit(int logLimit) {
            return new Options(
                    port, ttl, maxUnacked, maxBytes, ackEvery, ackDelay, openTimeout, logLimit, random, auth, store);
        }

        /** These options with another {@code random}. */
        public Options withRandom(SecureRandom random) {
            return new Options(
                    port, ttl, maxUnacked, maxBytes, ackEvery, ackDelay, openTimeout, logLimit, random, auth, store);
        }

        /** These options with another {@code auth}. */
        public Options withAuth(Authenticator auth) {
            return new Options(
                    port, ttl, maxUnacked, maxBytes, ackEvery, ackDelay, openTimeout, logLimit, random, auth, store);
        }

        /** These options with another {@code store}. */
        public Options withStore(SessionStore store) {
            return new Options(
                    port, ttl, maxUnacked, maxBytes, ackEvery, ackDelay, openTimeout, logLimit, random, auth, store);
        }
    }
}

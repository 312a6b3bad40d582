package dev.holdfast.sample.server;

import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A WebSocket server that speaks {@code resume.v1.json} at {@code /live}, on the loopback interface only.
 *
 * <p>Its sessions are in a {@link SessionStore}. A restart is {@link #close} and {@link #start} on the same port: with
 * the same store the sessions continue, with another store they are unknown.
 */
public final class ReferenceServer implements AutoCloseable {
    private static final Duration CLOSE_PATIENCE = Duration.ofMillis(500);

    /**
     * Extra time before a drain closes connections. A client that leaves at the last permitted moment still needs time
     * to reach the other connection.
     */
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
        ServerContext context = new ServerContext(options, store == null ? SessionStore.inMemory() : store);

        LiveListener listener;
        try {
            listener = LiveListener.start(context);
        } catch (Exception e) {
            context.timer.shutdownNow();
            throw new IllegalStateException("cannot start on port " + options.port(), e);
        }
        long sweepMillis = Math.max(20, Math.min(1000, options.ttl().toMillis() / 4));
        var unused =
                context.timer.scheduleWithFixedDelay(context::sweep, sweepMillis, sweepMillis, TimeUnit.MILLISECONDS);
        return new ReferenceServer(context, listener);
    }

    /** Returns the port that the server listens on. */
    public int port() {
        return listener.port();
    }

    /** Returns the URL to connect to. */
    public String url() {
        return "ws://" + LiveListener.HOST + ":" + port() + LiveListener.PATH;
    }

    /** Sets the handler of the clients' messages. Default: a handler that accepts every message. */
    public void onMessage(MessageHandler handler) {
        context.handler = handler;
    }

    /**
     * Sets a callback for every new session. It is called before the session is welcomed and before any of its messages
     * is handled.
     */
    public void onSession(Consumer<ServerSession> created) {
        context.onSession = created;
    }

    /**
     * Ends all sessions as if they had expired: closes their connections with 1001 and answers resumes with
     * {@code expired}.
     */
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

    /**
     * Asks all clients to resume on a new connection, and closes the present connections shortly after the given time.
     */
    public void drain(Duration after) {
        drain(after, null);
    }

    /** Asks all clients to resume on another server; otherwise like {@link #drain(Duration)}. */
    public void drain(Duration after, @Nullable String url) {
        List<ServerConnection> present = List.copyOf(context.connections);
        present.forEach(connection -> connection.answer(Envelopes.reconnect(after, url)));
        var unused = context.timer.schedule(
                () -> present.forEach(connection -> connection.shut(CloseCodes.GOING_AWAY, "drained")),
                after.plus(DRAIN_GRACE).toMillis(),
                TimeUnit.MILLISECONDS);
    }

    /** Returns counts of what the server has done so far. */
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

    /**
     * Closes all connections with 1001 and stops, after a short wait for the clients to answer. Does not close the
     * store.
     */
    @Override
    public void close() {
        List<ServerConnection> present = List.copyOf(context.connections);
        present.forEach(connection -> connection.leave("server closing"));
        context.timer.shutdownNow();
        // Gives the clients time to answer: a connection that is torn down earlier may lose the close frame on its way.
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
     * Counts since the start, except for the first two, which are current.
     *
     * @param openConnections connections that are open now
     * @param sessions sessions that are alive now
     * @param resumed resumes that succeeded
     * @param created sessions that were created
     * @param handled messages that the handler accepted or rejected
     * @param duplicates messages that were ignored because they had been handled before
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

    /** The immutable options of a server. */
    public static final class Options {
        private int port = 0;
        private Duration ttl = Duration.ofMinutes(2);
        private int maxUnacked = 1000;
        private long maxBytes = 4L * 1024 * 1024;
        private int ackEvery = 32;
        private Duration ackDelay = Duration.ofMillis(100);
        private Duration openTimeout = Duration.ofSeconds(10);
        private int logLimit = 200_000;
        private SecureRandom random = new SecureRandom();
        private Authenticator auth = Authenticator.anyone();
        private Set<String> origins = Set.of();
        private @Nullable RateLimit rateLimit = null;
        private @Nullable SessionStore store = null;

        private Options() {}

        private Options(Options from) {
            this.port = from.port;
            this.ttl = from.ttl;
            this.maxUnacked = from.maxUnacked;
            this.maxBytes = from.maxBytes;
            this.ackEvery = from.ackEvery;
            this.ackDelay = from.ackDelay;
            this.openTimeout = from.openTimeout;
            this.logLimit = from.logLimit;
            this.random = from.random;
            this.auth = from.auth;
            this.origins = from.origins;
            this.rateLimit = from.rateLimit;
            this.store = from.store;
        }

        /**
         * Returns options with any free port, a session lifetime of two minutes, and limits that a demo does not reach.
         */
        public static Options defaults() {
            return new Options();
        }

        /** Returns the port to listen on; 0 for any free one. */
        public int port() {
            return port;
        }

        /** Returns the time for which a session outlives a lost connection. */
        public Duration ttl() {
            return ttl;
        }

        /**
         * Returns the maximum number of unacknowledged messages in each direction, from 1 to 1,000,000. The server also
         * accepts that many unhandled messages before it stops reading.
         */
        public int maxUnacked() {
            return maxUnacked;
        }

        /**
         * Returns the maximum number of unacknowledged bytes in each direction, from 1 to 2^40; compare
         * {@link #maxUnacked}.
         */
        public long maxBytes() {
            return maxBytes;
        }

        /** Returns the number of messages after which the server acknowledges. */
        public int ackEvery() {
            return ackEvery;
        }

        /** Returns the maximum delay of an acknowledgement. */
        public Duration ackDelay() {
            return ackDelay;
        }

        /** Returns the time within which a client must send {@code open}. */
        public Duration openTimeout() {
            return openTimeout;
        }

        /** Returns the number of messages that a session's log keeps. Older ones can no longer be replayed. */
        public int logLimit() {
            return logLimit;
        }

        /** Returns the source of randomness for names and keys. */
        public SecureRandom random() {
            return random;
        }

        /** Returns the authenticator that checks credentials. */
        public Authenticator auth() {
            return auth;
        }

        /**
         * Returns the allowed {@code Origin}s of web pages. A client that sends no origin is no browser and is always
         * allowed.
         */
        public Set<String> origins() {
            return origins;
        }

        /** Returns how fast a client may send; null for no limit. */
        public @Nullable RateLimit rateLimit() {
            return rateLimit;
        }

        /** Returns the store of the sessions; null for a new store in memory. */
        public @Nullable SessionStore store() {
            return store;
        }

        /** Returns a copy of these options with another {@link #port}. */
        public Options withPort(int port) {
            Options copy = new Options(this);
            copy.port = port;
            return copy;
        }

        /** Returns a copy of these options with another {@link #ttl}. */
        public Options withTtl(Duration ttl) {
            Options copy = new Options(this);
            copy.ttl = ttl;
            return copy;
        }

        /** Returns a copy of these options with another {@link #maxUnacked}. */
        public Options withMaxUnacked(int maxUnacked) {
            if (maxUnacked < 1 || maxUnacked > 1_000_000) {
                throw new IllegalArgumentException("maxUnacked must be between 1 and 1,000,000, but was " + maxUnacked);
            }
            Options copy = new Options(this);
            copy.maxUnacked = maxUnacked;
            return copy;
        }

        /** Returns a copy of these options with another {@link #maxBytes}. */
        public Options withMaxBytes(long maxBytes) {
            if (maxBytes < 1 || maxBytes > 1L << 40) {
                throw new IllegalArgumentException("maxBytes must be between 1 and 2^40, but was " + maxBytes);
            }
            Options copy = new Options(this);
            copy.maxBytes = maxBytes;
            return copy;
        }

        /** Returns a copy of these options with another {@link #ackEvery}. */
        public Options withAckEvery(int ackEvery) {
            Options copy = new Options(this);
            copy.ackEvery = ackEvery;
            return copy;
        }

        /** Returns a copy of these options with another {@link #ackDelay}. */
        public Options withAckDelay(Duration ackDelay) {
            Options copy = new Options(this);
            copy.ackDelay = ackDelay;
            return copy;
        }

        /** Returns a copy of these options with another {@link #openTimeout}. */
        public Options withOpenTimeout(Duration openTimeout) {
            Options copy = new Options(this);
            copy.openTimeout = openTimeout;
            return copy;
        }

        /** Returns a copy of these options with another {@link #logLimit}. */
        public Options withLogLimit(int logLimit) {
            Options copy = new Options(this);
            copy.logLimit = logLimit;
            return copy;
        }

        /** Returns a copy of these options with another {@link #random}. */
        public Options withRandom(SecureRandom random) {
            Options copy = new Options(this);
            copy.random = random;
            return copy;
        }

        /** Returns a copy of these options with another {@link #auth}. */
        public Options withAuth(Authenticator auth) {
            Options copy = new Options(this);
            copy.auth = auth;
            return copy;
        }

        /** Returns a copy of these options with another {@link #origins}. */
        public Options withOrigins(Set<String> origins) {
            Options copy = new Options(this);
            copy.origins = Set.copyOf(origins);
            return copy;
        }

        /** Returns a copy of these options with another {@link #rateLimit}. */
        public Options withRateLimit(RateLimit rateLimit) {
            Options copy = new Options(this);
            copy.rateLimit = rateLimit;
            return copy;
        }

        /** Returns a copy of these options with another {@link #store}. */
        public Options withStore(SessionStore store) {
            Options copy = new Options(this);
            copy.store = store;
            return copy;
        }
    }
}

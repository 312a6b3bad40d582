package dev.holdfast.server;

import java.net.URI;
import java.net.URISyntaxException;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The server's side of {@code resume.v1.json}, without a network: sessions, their logs, acknowledgements and limits. An
 * adapter gives it connections: it asks {@link #admit} at the upgrade and opens the connection with a
 * {@link Transport}.
 *
 * <p>Thread-safe. The application is called on threads of {@link Builder#executor}, which may block: for one session one
 * call at a time and in order, for several sessions at once.
 *
 * <p>The sessions are in a {@link SessionStore} and outlive the server: a server that is built with the store of a closed
 * one resumes its sessions.
 */
public final class HoldfastServer implements AutoCloseable {
    /** The name of the subprotocol, for the upgrade. */
    public static final String SUBPROTOCOL = "resume.v1.json";

    /**
     * The maximum size of a message in bytes, 16 MiB. A container's own limit must be higher: the server closes the
     * connection with 4413, which the client understands.
     */
    public static final int MAX_MESSAGE_BYTES = 16 * 1024 * 1024;

    private static final Duration CLOSE_PATIENCE = Duration.ofMillis(500);

    /** A call of a Redis that does not answer fails after 2 s: time for two of them, one after the other. */
    private static final Duration RELEASE_LIMIT = Duration.ofSeconds(5);

    /**
     * Extra time before a drain closes connections. A client that leaves at the last permitted moment still needs time
     * to reach the other connection.
     */
    private static final Duration DRAIN_GRACE = Duration.ofSeconds(1);

    /** The schemes of a URL that clients open a connection to. */
    private static final Set<String> SCHEMES = Set.of("wss", "ws", "https", "http");

    private static final int MAX_URL = 1024;

    private final ServerContext context;
    private final Doorkeeper doorkeeper;
    private final HttpCarrier http;

    private HoldfastServer(ServerOptions options, SessionStore store) {
        this.context = new ServerContext(options, store);
        this.doorkeeper = new Doorkeeper(context);
        this.http = new HttpCarrier(context, doorkeeper);
        long sweepMillis = Math.max(20, Math.min(1000, options.ttl().toMillis() / 4));
        var unused =
                context.timer.scheduleWithFixedDelay(context::sweep, sweepMillis, sweepMillis, TimeUnit.MILLISECONDS);
    }

    /**
     * {@return a builder of a server whose messages this handler is given}
     *
     * @param handler what is given the messages
     */
    public static Builder builder(MessageHandler handler) {
        return new Builder(handler);
    }

    /**
     * Decides on a request for a WebSocket, before the upgrade is answered: the order of these calls is the order of the
     * connections. May block as long as the {@link Authenticator} does.
     *
     * @param subprotocols the subprotocols that the client offers
     * @param origin the header {@code Origin}; null if there is none
     * @param authorization the header {@code Authorization}; null if there is none
     * @return the answer
     */
    public Admission admit(Collection<String> subprotocols, @Nullable String origin, @Nullable String authorization) {
        return doorkeeper.admit(subprotocols, origin, authorization);
    }

    /** {@return the carrier for sessions over plain HTTP} */
    public HttpCarrier http() {
        return http;
    }

    /** {@return the store of the sessions} */
    public SessionStore store() {
        return context.store;
    }

    /**
     * Ends all sessions as if they had expired: closes their connections with 1001 and answers resumes with
     * {@code expired}.
     */
    public void expireSessions() {
        context.store.endAll("expired", "session expired");
    }

    /** Aborts the connections of all clients, without a close frame if the transport can do so. */
    public void dropConnections() {
        present().forEach(ServerConnection::abort);
    }

    /** Pings all clients whose transport has pings. */
    public void ping() {
        context.connections.forEach(ServerConnection::ping);
    }

    /**
     * Asks all clients to resume on a new connection, and closes the present connections shortly after the given time.
     *
     * @param after the time that clients have to leave
     */
    public void drain(Duration after) {
        drain(after, null);
    }

    /**
     * Asks all clients to resume on another server; otherwise like {@link #drain(Duration)}.
     *
     * @param after the time that clients have to leave
     * @param url the URL of the other server, which begins with wss://, ws://, https:// or http://; null for the same
     * @throws IllegalArgumentException if the URL is none of these, or longer than 1,024 characters
     */
    public void drain(Duration after, @Nullable String url) {
        if (url != null) requireUrl(url);
        List<ServerConnection> present = present();
        present.forEach(connection -> connection.answer(Envelopes.reconnect(after, url)));
        var unused = context.timer.schedule(
                () -> present.forEach(connection -> connection.shut(CloseCodes.GOING_AWAY, "drained")),
                after.plus(DRAIN_GRACE).toMillis(),
                TimeUnit.MILLISECONDS);
    }

    /** Clients take another URL for a violation of the protocol, and come back to this server. */
    private static void requireUrl(String url) {
        try {
            URI uri = new URI(url);
            String scheme = String.valueOf(uri.getScheme()).toLowerCase(Locale.ROOT);
            if (SCHEMES.contains(scheme) && uri.getRawAuthority() != null && url.length() <= MAX_URL) return;
        } catch (URISyntaxException e) {
            // The same as any other fault.
        }
        throw new IllegalArgumentException("url must be an absolute wss, ws, https or http URL of at most " + MAX_URL
                + " characters, but was " + url);
    }

    /**
     * Stops like {@link #close}, in a way that suits clients of several servers: refuses new connections, asks the
     * clients to resume elsewhere, and waits until they have left. Those that have not after the given time are closed
     * with 1012, which spreads their return. With no time, all are. Takes at most one second more than that time, and
     * then as long as {@link #close}.
     *
     * @param after the time that clients have to leave; zero for none
     */
    public void shutDown(Duration after) {
        context.leaving = true;
        List<ServerConnection> present = present();
        if (!after.isZero()) {
            present.forEach(connection -> connection.answer(Envelopes.reconnect(after, null)));
            awaitClosed(present, after.plus(DRAIN_GRACE));
        }
        stop(CloseCodes.RESTART, "server restarting");
    }

    /**
     * Closes all connections with 1001, after a short wait for the clients to answer, and refuses new ones with 503.
     * What the handler is at goes on; the server's own threads end with it. Does not close the store. Does nothing if
     * the server is closed.
     *
     * <p>Releases the sessions in the store, so that their time to live begins. Tries each once, and waits at most 5 s for
     * the store. If the store has not released them all, {@link Builder#onError} gets one {@link IllegalStateException}
     * that says how many. The other sessions can be resumed as well; their time to live began with their last renewal,
     * some seconds before unless the store has been out of reach for longer.
     */
    @Override
    public void close() {
        stop(CloseCodes.GOING_AWAY, "server closing");
    }

    private void stop(int code, String reason) {
        context.leaving = true;
        long begin = System.nanoTime();
        List<ServerConnection> present = present();
        present.forEach(connection -> connection.shut(code, reason));
        var releases = new SessionReleases(context.workers, present);
        releases.start();
        context.timer.shutdownNow();
        // Gives the clients time to answer: a connection that is torn down earlier may lose the close frame on its way.
        awaitClosed(present, CLOSE_PATIENCE);
        // Their time limits have ended with the timer.
        present.forEach(ServerConnection::abort);
        int unreleased = releases.await(RELEASE_LIMIT.minusNanos(System.nanoTime() - begin));
        if (unreleased > 0) {
            if (context.store.isRemote()) {
                releases.abandon();
            }
            context.failed(
                    new IllegalStateException("the store did not release " + unreleased + " of " + releases.size()
                            + " sessions: their time to live began with their last renewal. The server is closed"));
        }
        context.workers.close();
    }

    private static void awaitClosed(List<ServerConnection> connections, Duration limit) {
        CompletableFuture<?>[] closed =
                connections.stream().map(ServerConnection::end).toArray(CompletableFuture<?>[]::new);
        CompletableFuture.allOf(closed)
                .completeOnTimeout(null, limit.toMillis(), TimeUnit.MILLISECONDS)
                .join();
    }

    /** {@return whether a page of an origin may not connect, for adapters that have to decide before {@link #admit}} */
    boolean forbids(@Nullable String origin) {
        return doorkeeper.forbids(origin);
    }

    /** {@return where an adapter does what may block} */
    Workers workers() {
        return context.workers;
    }

    /** Reports what an adapter could not do although the connection is open. */
    void failed(Throwable failure) {
        context.failed(failure);
    }

    private List<ServerConnection> present() {
        return List.copyOf(context.connections);
    }

    /** {@return the number of connections that are open now} */
    public int openConnections() {
        return context.connections.size();
    }

    /** {@return counts of what the server has done so far} */
    public Stats stats() {
        return new Stats(
                openConnections(),
                context.store.size(),
                context.resumed.sum(),
                context.created.sum(),
                context.handled.sum(),
                context.duplicates.sum(),
                context.protocolErrors.sum());
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

    /** A builder of servers. Not thread-safe. */
    public static final class Builder {
        private static final int MAX_MAX_UNACKED = 1_000_000;
        private static final long MAX_MAX_BYTES = 1L << 40;

        private final MessageHandler handler;
        private Consumer<ServerSession> onSession = session -> {};
        private Consumer<Throwable> onError = ServerContext::log;
        private Authenticator authenticator = Authenticator.anyone();
        private Predicate<String> origins = origin -> false;
        private Duration ttl = Duration.ofMinutes(2);
        private int maxUnacked = 1000;
        private long maxBytes = 4L * 1024 * 1024;
        private int ackEvery = 32;
        private Duration ackDelay = Duration.ofMillis(100);
        private Duration openTimeout = Duration.ofSeconds(10);
        private int logLimit = 200_000;
        private @Nullable RateLimit rateLimit = null;
        private SecureRandom random = new SecureRandom();
        private @Nullable SessionStore store = null;
        private @Nullable Executor executor = null;

        private Builder(MessageHandler handler) {
            this.handler = handler;
        }

        /**
         * Sets a callback for every new session. It is called before the session is welcomed and before any of its
         * messages is handled. Default: ignored.
         *
         * @param onSession the callback; called in the lane of the session, where it may block
         * @return this builder
         */
        public Builder onSession(Consumer<ServerSession> onSession) {
            this.onSession = onSession;
            return this;
        }

        /**
         * Sets a callback for whatever the handler, the authenticator, {@link #onSession}, the store or a transport has
         * thrown. The connection that it happened on is closed with 1011, or refused with 503 if it is not open yet. A
         * message that was not handled comes again. The callback must not block. Default: an error in the {@link System.Logger} {@code dev.holdfast.server}.
         *
         * @param onError the callback, called by any thread
         * @return this builder
         */
        public Builder onError(Consumer<Throwable> onError) {
            this.onError = onError;
            return this;
        }

        /**
         * Sets what checks credentials. Default: {@link Authenticator#anyone}.
         *
         * @param authenticator what checks credentials
         * @return this builder
         */
        public Builder authenticator(Authenticator authenticator) {
            this.authenticator = authenticator;
            return this;
        }

        /**
         * Sets which web pages may connect, by the header {@code Origin} of their browser, as in
         * {@code Set.of("https://app.example.com")::contains}. A client that sends no origin is no browser and is always
         * allowed. Default: none.
         *
         * @param origins whether a page of this origin may connect
         * @return this builder
         */
        public Builder origins(Predicate<String> origins) {
            this.origins = origins;
            return this;
        }

        /**
         * Sets the time for which a session outlives a lost connection. Default: 2 min.
         *
         * @param ttl the time, positive
         * @return this builder
         */
        public Builder ttl(Duration ttl) {
            this.ttl = positive("ttl", ttl);
            return this;
        }

        /**
         * Sets the maximum number of unacknowledged messages in each direction, from 1 to 1,000,000. The server also
         * accepts that many unhandled messages before it stops reading. Default: 1000.
         *
         * @param maxUnacked the number of messages
         * @return this builder
         */
        public Builder maxUnacked(int maxUnacked) {
            this.maxUnacked = (int) between("maxUnacked", 1, MAX_MAX_UNACKED, maxUnacked);
            return this;
        }

        /**
         * Sets the maximum number of unacknowledged bytes in each direction, from 1 to 2^40; compare
         * {@link #maxUnacked}. Default: 4 MiB.
         *
         * @param maxBytes the number of bytes
         * @return this builder
         */
        public Builder maxBytes(long maxBytes) {
            this.maxBytes = between("maxBytes", 1, MAX_MAX_BYTES, maxBytes);
            return this;
        }

        /**
         * Sets the number of messages after which the server acknowledges, at least 1. Default: 32.
         *
         * @param ackEvery the number of messages
         * @return this builder
         */
        public Builder ackEvery(int ackEvery) {
            this.ackEvery = (int) between("ackEvery", 1, Integer.MAX_VALUE, ackEvery);
            return this;
        }

        /**
         * Sets the maximum delay of an acknowledgement. Default: 100 ms.
         *
         * @param ackDelay the delay, positive
         * @return this builder
         */
        public Builder ackDelay(Duration ackDelay) {
            this.ackDelay = positive("ackDelay", ackDelay);
            return this;
        }

        /**
         * Sets the time within which a client must send {@code open}. Default: 10 s.
         *
         * @param openTimeout the time, positive
         * @return this builder
         */
        public Builder openTimeout(Duration openTimeout) {
            this.openTimeout = positive("openTimeout", openTimeout);
            return this;
        }

        /**
         * Sets the number of messages that a session's log keeps, at least 1. Older ones can no longer be replayed.
         * Default: 200,000.
         *
         * @param logLimit the number of messages
         * @return this builder
         */
        public Builder logLimit(int logLimit) {
            this.logLimit = (int) between("logLimit", 1, Integer.MAX_VALUE, logLimit);
            return this;
        }

        /**
         * Sets how fast a client may send; null for no limit. Default: no limit.
         *
         * @param rateLimit the limit, or null
         * @return this builder
         */
        public Builder rateLimit(@Nullable RateLimit rateLimit) {
            this.rateLimit = rateLimit;
            return this;
        }

        /**
         * Sets the source of randomness for names and keys. Default: a new {@link SecureRandom}.
         *
         * @param random the source of randomness
         * @return this builder
         */
        public Builder random(SecureRandom random) {
            this.random = random;
            return this;
        }

        /**
         * Sets the store of the sessions. The server does not close it. Default: a new store in memory.
         *
         * @param store the store
         * @return this builder
         */
        public Builder store(SessionStore store) {
            this.store = store;
            return this;
        }

        /**
         * Sets the executor of all tasks that may block: calls of the application, steps of a store in Redis, and sends
         * in containers whose sends block. The server does not shut it down. Default: threads of the server's own, as
         * many as there are tasks. They are daemons, end after 30 s without a task, and end with the server.
         *
         * <p>Its number of threads limits how many sessions are served at once; the others wait, also with their
         * acknowledgements. On Java 21, {@code Executors.newVirtualThreadPerTaskExecutor()} fits. It must not run a task
         * in the thread that calls {@code execute}, which is one of the network.
         *
         * <p>With the adapters of Spring and Jakarta WebSocket, a client that reads slowly blocks a thread while the
         * server sends to it. With a limited number of threads, as many such clients stop all others until the
         * container's time limit for sends ends them.
         *
         * <p>It must take tasks until {@link HoldfastServer#close} has returned. A task that it rejects before that runs
         * on a new thread, and the rejection goes to {@link #onError}; later ones get a new thread without a report.
         *
         * @param executor the executor
         * @return this builder
         */
        public Builder executor(Executor executor) {
            this.executor = executor;
            return this;
        }

        /**
         * Builds the server, which takes connections from now on.
         *
         * @return the server
         */
        public HoldfastServer build() {
            ServerOptions options = new ServerOptions(
                    handler,
                    onSession,
                    onError,
                    authenticator,
                    origins,
                    ttl,
                    maxUnacked,
                    maxBytes,
                    ackEvery,
                    ackDelay,
                    openTimeout,
                    logLimit,
                    rateLimit,
                    random,
                    executor);
            return new HoldfastServer(options, store == null ? SessionStore.inMemory() : store);
        }

        private static long between(String name, long min, long max, long value) {
            if (value < min || value > max) {
                throw new IllegalArgumentException(
                        name + " must be between " + min + " and " + max + ", but was " + value);
            }
            return value;
        }

        private static Duration positive(String name, Duration value) {
            if (value.isNegative() || value.isZero()) {
                throw new IllegalArgumentException(name + " must be positive, but was " + value);
            }
            return value;
        }
    }
}

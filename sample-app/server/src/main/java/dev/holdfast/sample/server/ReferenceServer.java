package dev.holdfast.sample.server;

import dev.holdfast.server.Authenticator;
import dev.holdfast.server.HandlerResult;
import dev.holdfast.server.HoldfastServer;
import dev.holdfast.server.MessageHandler;
import dev.holdfast.server.Payload;
import dev.holdfast.server.RateLimit;
import dev.holdfast.server.ServerSession;
import dev.holdfast.server.SessionStore;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A WebSocket server that speaks {@code resume.v1.json} at {@code /live}. By default it
 * listens on the loopback interface only.
 *
 * <p>Its sessions are in a {@link SessionStore}. A restart is {@link #close} and {@link #start} on the same port: with
 * the same store the sessions continue, with another store they are unknown.
 */
public final class ReferenceServer implements AutoCloseable {
    private final Options options;
    private final HoldfastServer engine;
    private final LiveListener listener;

    private volatile MessageHandler handler = (session, seq, payload) -> HandlerResult.accepted();
    private volatile Consumer<ServerSession> onSession = session -> {};

    private ReferenceServer(Options options) {
        this.options = options;
        AtomicInteger port = new AtomicInteger(options.port());
        this.engine = engine(options, port);
        try {
            this.listener = LiveListener.start(options, engine);
        } catch (Exception e) {
            engine.close();
            throw new IllegalStateException(
                    "cannot listen at " + options.front().host() + ", port " + options.port() + ": " + rootOf(e), e);
        }
        port.set(listener.port());
    }

    /** Starts a server. */
    public static ReferenceServer start(Options options) {
        return new ReferenceServer(options);
    }

    private HoldfastServer engine(Options options, AtomicInteger port) {
        // The application may be replaced while the server runs.
        MessageHandler current = new MessageHandler() {
            @Override
            public HandlerResult handle(ServerSession session, long seq, Payload payload) {
                return handle(session, seq, payload, null);
            }

            @Override
            public HandlerResult handle(ServerSession session, long seq, Payload payload, @Nullable String key) {
                return handler.handle(session, seq, payload, key);
            }
        };
        HoldfastServer.Builder builder = HoldfastServer.builder(current)
                .onSession(session -> onSession.accept(session))
                // The client's close code is all that a demo shows of it.
                .onError(failure -> {})
                .authenticator(options.auth())
                .origins(origin -> isAllowed(options, port.get(), origin))
                .ttl(options.ttl())
                .maxUnacked(options.maxUnacked())
                .maxBytes(options.maxBytes())
                .ackEvery(options.ackEvery())
                .ackDelay(options.ackDelay())
                .openTimeout(options.openTimeout())
                .logLimit(options.logLimit())
                .rateLimit(options.rateLimit())
                .random(options.random());
        SessionStore store = options.store();
        return (store == null ? builder : builder.store(store)).build();
    }

    /**
     * Returns whether a page may connect: one of an origin that was allowed, or the server's own. The own origins are
     * known by address: a name in the Host header may be one that an attacker lets point here.
     */
    private static boolean isAllowed(Options options, int port, String origin) {
        Front front = options.front();
        return options.origins().contains(origin)
                || Stream.of(front.host(), "127.0.0.1", "localhost", "::1")
                        .anyMatch(name -> front.origin(name, port).equals(origin));
    }

    /** Returns the message of the first cause: Jetty wraps it in one that names the address alone. */
    private static @Nullable String rootOf(Throwable failure) {
        Throwable root = failure;
        while (root.getCause() != null) root = root.getCause();
        return root.getMessage();
    }

    /** Returns the port that the server listens on. */
    public int port() {
        return listener.port();
    }

    /** Returns the URL to connect to. */
    public String url() {
        return options.front().url(port(), LiveListener.PATH);
    }

    /** Sets the handler of the clients' messages. Default: a handler that accepts every message. */
    public void onMessage(MessageHandler handler) {
        this.handler = handler;
    }

    /**
     * Sets a callback for every new session. It is called before the session is welcomed and before any of its messages
     * is handled.
     */
    public void onSession(Consumer<ServerSession> created) {
        this.onSession = created;
    }

    /** See {@link HoldfastServer#expireSessions}. */
    public void expireSessions() {
        engine.expireSessions();
    }

    /** Aborts the TCP connections of all clients, without a close frame. */
    public void dropConnections() {
        engine.dropConnections();
    }

    /** Pings all clients. */
    public void ping() {
        engine.ping();
    }

    /** See {@link HoldfastServer#drain(Duration)}. */
    public void drain(Duration after) {
        engine.drain(after);
    }

    /** See {@link HoldfastServer#drain(Duration, String)}. */
    public void drain(Duration after, @Nullable String url) {
        engine.drain(after, url);
    }

    /** Listens no more, then stops as {@link HoldfastServer#shutDown} does. */
    public void shutDown(Duration after) {
        listener.stopListening();
        engine.shutDown(after);
        stop();
    }

    /** Returns counts of what the server has done so far. */
    public HoldfastServer.Stats stats() {
        return engine.stats();
    }

    /**
     * Closes all connections with 1001 and stops, after a short wait for the clients to answer. Does not close the
     * store.
     */
    @Override
    public void close() {
        engine.close();
        stop();
    }

    private void stop() {
        try {
            listener.stop();
        } catch (Exception e) {
            throw new IllegalStateException("cannot stop", e);
        }
    }

    /** The immutable options of a server. */
    public static final class Options {
        private int port = 0;
        private Front front = Front.LOCAL;
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
            this.front = from.front;
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

        /** Returns what the server shows to the network. */
        public Front front() {
            return front;
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

        private Options with(Consumer<Options> change) {
            Options copy = new Options(this);
            change.accept(copy);
            return copy;
        }

        /** Returns a copy of these options with another {@link #port}. */
        public Options withPort(int port) {
            return with(copy -> copy.port = port);
        }

        /** Returns a copy of these options with another {@link #front}. */
        public Options withFront(Front front) {
            return with(copy -> copy.front = front);
        }

        /** Returns a copy of these options with another {@link #ttl}. */
        public Options withTtl(Duration ttl) {
            return with(copy -> copy.ttl = ttl);
        }

        /** Returns a copy of these options with another {@link #maxUnacked}. */
        public Options withMaxUnacked(int maxUnacked) {
            if (maxUnacked < 1 || maxUnacked > 1_000_000) {
                throw new IllegalArgumentException("maxUnacked must be between 1 and 1,000,000, but was " + maxUnacked);
            }
            return with(copy -> copy.maxUnacked = maxUnacked);
        }

        /** Returns a copy of these options with another {@link #maxBytes}. */
        public Options withMaxBytes(long maxBytes) {
            if (maxBytes < 1 || maxBytes > 1L << 40) {
                throw new IllegalArgumentException("maxBytes must be between 1 and 2^40, but was " + maxBytes);
            }
            return with(copy -> copy.maxBytes = maxBytes);
        }

        /** Returns a copy of these options with another {@link #ackEvery}. */
        public Options withAckEvery(int ackEvery) {
            return with(copy -> copy.ackEvery = ackEvery);
        }

        /** Returns a copy of these options with another {@link #ackDelay}. */
        public Options withAckDelay(Duration ackDelay) {
            return with(copy -> copy.ackDelay = ackDelay);
        }

        /** Returns a copy of these options with another {@link #openTimeout}. */
        public Options withOpenTimeout(Duration openTimeout) {
            return with(copy -> copy.openTimeout = openTimeout);
        }

        /** Returns a copy of these options with another {@link #logLimit}. */
        public Options withLogLimit(int logLimit) {
            return with(copy -> copy.logLimit = logLimit);
        }

        /** Returns a copy of these options with another {@link #random}. */
        public Options withRandom(SecureRandom random) {
            return with(copy -> copy.random = random);
        }

        /** Returns a copy of these options with another {@link #auth}. */
        public Options withAuth(Authenticator auth) {
            return with(copy -> copy.auth = auth);
        }

        /** Returns a copy of these options with another {@link #origins}. */
        public Options withOrigins(Set<String> origins) {
            return with(copy -> copy.origins = Set.copyOf(origins));
        }

        /** Returns a copy of these options with another {@link #rateLimit}. */
        public Options withRateLimit(RateLimit rateLimit) {
            return with(copy -> copy.rateLimit = rateLimit);
        }

        /** Returns a copy of these options with another {@link #store}. */
        public Options withStore(SessionStore store) {
            return with(copy -> copy.store = store);
        }
    }
}

package dev.holdfast.server;

import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.Collection;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The sessions of a server, which may outlive it: a server that is started with the store of a closed one resumes its
 * sessions. A store in memory is used by one server at a time. The stores of several servers on the same Redis hold the
 * same sessions: any of these servers resumes what another one began.
 */
public abstract sealed class SessionStore implements AutoCloseable permits InMemorySessionStore, RedisSessionStore {
    /** The address that {@link #at} takes for a store that ends with the process. */
    public static final String MEMORY = "memory";

    private static final Pattern ADDRESS = Pattern.compile("rediss?://[^/]+(/\\d+)?");

    /**
     * Numbers the connections in the order of their upgrades. Kept here because the sessions, which compare the numbers,
     * outlive a server.
     */
    final AtomicLong upgrades = new AtomicLong();

    SessionStore() {}

    /**
     * Creates an empty store in memory.
     *
     * @return the store
     */
    public static SessionStore inMemory() {
        return new InMemorySessionStore();
    }

    /**
     * Creates a store for the sessions that are kept at an address.
     *
     * @param address {@value #MEMORY}, or a Redis database such as {@code redis://localhost:6379/0}
     * @return the store
     * @throws IllegalArgumentException if it is neither
     * @throws IllegalStateException if there is no Redis at the address, or no {@code redis.clients:jedis} to reach it with
     */
    public static SessionStore at(String address) {
        if (checkedAddress(address).equals(MEMORY)) return inMemory();
        try {
            return new RedisSessionStore(address);
        } catch (NoClassDefFoundError e) {
            throw new IllegalStateException("sessions in Redis need the library redis.clients:jedis", e);
        }
    }

    /**
     * {@return the address if {@link #at} accepts it}
     *
     * @param address an address
     * @throws IllegalArgumentException if it does not. The message does not quote the address, which may contain a
     *     password
     */
    public static String checkedAddress(String address) {
        if (address.equals(MEMORY) || isRedisAddress(address)) {
            return address;
        }
        throw new IllegalArgumentException("sessions are kept in " + MEMORY + " or in redis://host:port/number");
    }

    private static boolean isRedisAddress(String candidate) {
        try {
            return ADDRESS.matcher(candidate).matches() && new URI(candidate).getHost() != null;
        } catch (URISyntaxException e) {
            return false;
        }
    }

    /** {@return the number of sessions that are alive} */
    public abstract int size();

    /** {@return the sessions that are alive} */
    public abstract Collection<ServerSession> sessions();

    /**
     * {@return the session of this name, alive or ended; null if there is none or it is forgotten}
     *
     * @param sid the public id of the session
     */
    public abstract @Nullable ServerSession find(String sid);

    /** Creates and stores a new session. */
    abstract ServerSession create(NewSession wanted);

    /** Forgets a session that its client has ended. */
    abstract void forget(ServerSession session);

    /** Reduces an ended session to what its client may still ask for: why it ended. */
    abstract void retire(ServerSession session);

    /**
     * Ends the sessions whose connections have been lost for too long, and keeps those that have a connection. Call it
     * often.
     */
    abstract void sweep();

    /** Ends all sessions and closes their connections. */
    abstract void endAll(String reason, String closeReason);

    /**
     * Drops the messages and keeps the sessions, as after a partial loss of data. A client that resumes one of them
     * receives {@code epoch} and how much of what it sent was handled.
     */
    public abstract void loseLogs();

    /** {@return the servers that share the store, null if only one server can use it} */
    abstract @Nullable Nodes nodes();

    /** {@return whether the store is reached over a network, so that calls take time} */
    abstract boolean isRemote();

    /** Releases the resources that the store holds in this process. The sessions stay where they are kept. */
    @Override
    public abstract void close();

    /**
     * The parameters of a new session.
     *
     * @param keyHash the hash of the first key, see {@link ResumeKeys}
     * @param ttl the time for which the session outlives a lost connection
     * @param logLimit the number of messages that its log keeps
     */
    record NewSession(String sid, String user, String keyHash, Duration ttl, int logLimit) {}
}

package dev.holdfast.sample.server;

import java.time.Duration;
import java.util.Collection;
import org.jspecify.annotations.Nullable;

/**
 * The sessions of a server, which may outlive it: a server that is started with the store of a closed one resumes its
 * sessions. A store in memory is used by one server at a time. The stores of several servers on the same Redis hold the
 * same sessions: any of these servers resumes what another one began.
 */
public interface SessionStore extends AutoCloseable {
    /** The address that {@link #at} takes for a store that ends with the process. */
    String MEMORY = "memory";

    /** Creates an empty store in memory. */
    static SessionStore inMemory() {
        return new InMemorySessionStore();
    }

    /**
     * Creates a store for the sessions that are kept at an address.
     *
     * @param address {@value #MEMORY}, or a Redis database such as {@code redis://localhost:6379/0}
     * @throws IllegalArgumentException if it is neither
     * @throws IllegalStateException if there is no Redis at the address
     */
    static SessionStore at(String address) {
        return checkedAddress(address).equals(MEMORY) ? inMemory() : new RedisSessionStore(address);
    }

    /**
     * Returns the address if {@link #at} accepts it.
     *
     * @throws IllegalArgumentException if it does not. The message does not quote the address, which may contain a
     *     password
     */
    static String checkedAddress(String address) {
        if (address.equals(MEMORY) || RedisSessionStore.isAddress(address)) {
            return address;
        }
        throw new IllegalArgumentException("sessions are kept in " + MEMORY + " or in redis://host:port/number");
    }

    /** Returns the number of sessions that are alive. */
    int size();

    /** Returns the sessions that are alive. */
    Collection<ServerSession> sessions();

    /** Returns the session of this name, alive or ended; null if there is none or it is forgotten. */
    @Nullable
    ServerSession find(String sid);

    /** Creates and stores a new session. */
    ServerSession create(NewSession wanted);

    /** Forgets a session that its client has ended. */
    void forget(ServerSession session);

    /** Reduces an ended session to what its client may still ask for: why it ended. */
    void retire(ServerSession session);

    /**
     * Ends the sessions whose connections have been lost for too long, and keeps those that have a connection. Call it
     * often.
     */
    void sweep();

    /** Ends all sessions and closes their connections. */
    void endAll(String reason, String closeReason);

    /**
     * Drops the messages and keeps the sessions, as after a partial loss of data. A client that resumes one of them
     * receives {@code epoch} and how much of what it sent was handled.
     */
    void loseLogs();

    /** Returns whether the store is reached over a network, so that calls take time. */
    boolean isRemote();

    /** Releases the resources that the store holds in this process. The sessions stay where they are kept. */
    @Override
    void close();

    /**
     * The parameters of a new session.
     *
     * @param keyHash the hash of the first key, see {@link ResumeKeys}
     * @param ttl the time for which the session outlives a lost connection
     * @param logLimit the number of messages that its log keeps
     */
    record NewSession(String sid, String user, String keyHash, Duration ttl, int logLimit) {}
}

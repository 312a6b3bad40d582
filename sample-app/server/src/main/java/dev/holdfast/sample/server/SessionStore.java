package dev.holdfast.sample.server;

import java.time.Duration;
import java.util.Collection;
import org.jspecify.annotations.Nullable;

/**
 * The sessions of a server, which may outlive it: a server that is started on the store of one that was closed resumes its
 * sessions. A store in memory is used by one server at a time. Stores of several servers that are on the same Redis hold
 * the same sessions: what one of them began another one resumes.
 */
public interface SessionStore extends AutoCloseable {
    /** What {@link #at} takes for a store that ends with the process. */
    String MEMORY = "memory";

    /** Makes an empty store in memory. */
    static SessionStore inMemory() {
        return new InMemorySessionStore();
    }

    /**
     * Makes a store of the sessions that are kept at an address.
     *
     * @param address {@value #MEMORY}, or a Redis database such as {@code redis://localhost:6379/0}
     * @throws IllegalArgumentException if it is neither
     * @throws IllegalStateException if there is no Redis
     */
    static SessionStore at(String address) {
        return checkedAddress(address).equals(MEMORY) ? inMemory() : new RedisSessionStore(address);
    }

    /**
     * Returns an address that {@link #at} takes.
     *
     * @throws IllegalArgumentException if it doesn't. The message does not quote it: there may be a password in it
     */
    static String checkedAddress(String address) {
        if (address.equals(MEMORY) || RedisSessionStore.isAddress(address)) {
            return address;
        }
        throw new IllegalArgumentException("sessions are kept in " + MEMORY + " or in redis://host:port/number");
    }

    /** How many sessions are alive. */
    int size();

    /** The sessions that are alive. */
    Collection<ServerSession> sessions();

    /** The session of this name, alive or ended; null if there is none or it is forgotten. */
    @Nullable
    ServerSession find(String sid);

    /** Stores a new session. */
    ServerSession create(NewSession wanted);

    /** Forgets a session that its client has ended. */
    void forget(ServerSession session);

    /** Keeps of a session that has ended only what its client may still ask: what became of it. */
    void retire(ServerSession session);

    /** Ends the sessions whose connections have been lost for too long, and keeps those that have one. To be called often. */
    void sweep();

    /** Ends all sessions and closes their connections. */
    void endAll(String reason, String closeReason);

    /**
     * What is left when the messages are wiped and the sessions are not. Whoever resumes one of them is told {@code epoch},
     * and how much of what they sent was handled.
     */
    void loseLogs();

    /** Whether it is asked over a network, which takes its time. */
    boolean isRemote();

    /** Lets go of what the store holds of this process. The sessions stay where they are kept. */
    @Override
    void close();

    /**
     * A session to be.
     *
     * @param keyHash of the first key, see {@link ResumeKeys}
     * @param ttl for which it outlives a lost connection
     * @param logLimit messages that its log keeps
     */
    record NewSession(String sid, String user, String keyHash, Duration ttl, int logLimit) {}
}

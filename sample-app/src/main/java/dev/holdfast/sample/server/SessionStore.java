package dev.holdfast.sample.server;

import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collection;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The sessions of a server, which may outlive it: a server that is started on the store of one that was closed resumes its
 * sessions. A store is used by one server at a time.
 */
public final class SessionStore {
    private static final int SID_BYTES = 16;
    private static final int EPOCH_BYTES = 6;
    private static final int WORKER_IDLE_SECONDS = 5;
    private static final int MAX_ENDED = 10_000;

    private final MessageLog.Factory logs;
    private final LongSupplier nanoTime;
    private final Executor workers = newWorkers();

    private final ConcurrentHashMap<String, ServerSession> sessions = new ConcurrentHashMap<>();

    private final ReentrantLock lock = new ReentrantLock();
    /** Ended and not yet forgotten, oldest first, so that a client is told what became of its session. */
    private final LinkedHashMap<String, ServerSession> ended = new LinkedHashMap<>();

    private volatile String epoch = newEpoch();

    /** Makes an empty store whose logs are in memory. */
    public SessionStore() {
        this((sid, epoch, limit) -> new InMemoryMessageLog(epoch, limit));
    }

    /** Makes an empty store with logs of the caller's. */
    public SessionStore(MessageLog.Factory logs) {
        this(logs, System::nanoTime);
    }

    SessionStore(MessageLog.Factory logs, LongSupplier nanoTime) {
        this.logs = logs;
        this.nanoTime = nanoTime;
    }

    /** How many sessions are alive. */
    public int size() {
        return sessions.size();
    }

    /** The sessions that are alive. */
    public Collection<ServerSession> sessions() {
        return List.copyOf(sessions.values());
    }

    /**
     * What is left when the messages are wiped and the sessions are not: a new epoch. Whoever resumes a session of the
     * old one is told {@code epoch}, and how much of what they sent was handled.
     */
    public void loseLogs() {
        epoch = newEpoch();
        endAll("epoch", "history lost");
    }

    long nanoTime() {
        return nanoTime.getAsLong();
    }

    Executor workers() {
        return workers;
    }

    ServerSession create(String user, ReferenceServer.Options options) {
        byte[] bytes = new byte[SID_BYTES];
        options.random().nextBytes(bytes);
        String sid = Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
        RateLimit limit = options.rateLimit();
        ServerSession session = new ServerSession(
                sid,
                user,
                options.ttl(),
                logs.create(sid, epoch, options.logLimit()),
                new SerialExecutor(workers),
                new ResumeKeys(options.random()),
                limit == null ? null : new TokenBucket(limit, nanoTime()),
                nanoTime());
        sessions.put(sid, session);
        return session;
    }

    /** The session of this name, alive or ended; null if there is none or it is forgotten. */
    @Nullable
    ServerSession find(String sid) {
        ServerSession session = sessions.get(sid);
        if (session != null) {
            return session;
        }
        lock.lock();
        try {
            return ended.get(sid);
        } finally {
            lock.unlock();
        }
    }

    /** Forgets a session that its client has ended. */
    void forget(ServerSession session) {
        sessions.remove(session.sid());
    }

    /** Keeps of a session only what its client may still ask: what became of it. */
    void retire(ServerSession session) {
        lock.lock();
        try {
            ended.put(session.sid(), session);
            if (ended.size() > MAX_ENDED) {
                ended.remove(ended.keySet().iterator().next());
            }
        } finally {
            lock.unlock();
        }
        sessions.remove(session.sid());
    }

    /** Ends the sessions whose connections have been lost for too long. */
    void sweep() {
        long now = nanoTime();
        for (ServerSession session : sessions.values()) {
            if (session.endIfOverdue(now)) {
                retire(session);
            }
        }
    }

    /** Ends all sessions and closes their connections. */
    void endAll(String reason, String closeReason) {
        List<ServerConnection> connections = new ArrayList<>();
        for (ServerSession session : sessions.values()) {
            ServerConnection connection = session.end(reason);
            retire(session);
            if (connection != null) {
                connections.add(connection);
            }
        }
        for (ServerConnection connection : connections) {
            connection.shut(CloseCodes.GOING_AWAY, closeReason);
        }
    }

    private static String newEpoch() {
        byte[] bytes = new byte[EPOCH_BYTES];
        new SecureRandom().nextBytes(bytes);
        return "e" + HexFormat.of().formatHex(bytes);
    }

    /** Threads for the lanes, as many as there are lanes at work; none when there are none. */
    private static Executor newWorkers() {
        return new ThreadPoolExecutor(
                0,
                Integer.MAX_VALUE,
                WORKER_IDLE_SECONDS,
                TimeUnit.SECONDS,
                new SynchronousQueue<>(),
                task -> DaemonThreads.named("holdfast-server-worker", task));
    }
}

package dev.holdfast.server;

import java.security.SecureRandom;
import java.util.Collection;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** A session store in the heap. */
final class InMemorySessionStore extends SessionStore {
    private static final int EPOCH_BYTES = 6;
    private static final int MAX_ENDED = 10_000;

    private final LongSupplier nanoTime;
    private final ConcurrentHashMap<String, Alive> alive = new ConcurrentHashMap<>();

    private final ReentrantLock lock = new ReentrantLock();
    /**
     * Sessions that have ended and are not yet forgotten, oldest first. They are kept to tell a client why its session
     * ended.
     */
    private final LinkedHashMap<String, ServerSession> ended = new LinkedHashMap<>();

    private volatile String epoch = newEpoch();

    private record Alive(ServerSession session, InMemorySessionState state) {}

    InMemorySessionStore() {
        this(System::nanoTime);
    }

    InMemorySessionStore(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
    }

    @Override
    public int size() {
        return alive.size();
    }

    @Override
    public Collection<ServerSession> sessions() {
        return alive.values().stream().map(Alive::session).toList();
    }

    @Override
    public @Nullable ServerSession find(String sid) {
        Alive found = alive.get(sid);
        if (found != null) {
            return found.session();
        }
        lock.lock();
        try {
            return ended.get(sid);
        } finally {
            lock.unlock();
        }
    }

    @Override
    ServerSession create(NewSession wanted) {
        InMemorySessionState state =
                new InMemorySessionState(wanted, new InMemoryMessageLog(epoch, wanted.logLimit()), nanoTime);
        ServerSession session = new ServerSession(state);
        alive.put(wanted.sid(), new Alive(session, state));
        return session;
    }

    @Override
    void forget(ServerSession session) {
        alive.remove(session.sid());
    }

    @Override
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
        forget(session);
    }

    @Override
    void sweep() {
        for (Alive one : alive.values()) {
            if (one.state().endIfOverdue()) {
                retire(one.session());
            }
        }
    }

    @Override
    void endAll(String reason, String closeReason) {
        for (ServerSession session : sessions()) {
            ServerConnection connection = session.end(reason);
            retire(session);
            if (connection != null) {
                connection.shut(CloseCodes.GOING_AWAY, closeReason);
            }
        }
    }

    @Override
    public void loseLogs() {
        epoch = newEpoch();
        endAll("epoch", "history lost");
    }

    @Override
    @Nullable
    Nodes nodes() {
        return null;
    }

    @Override
    boolean isRemote() {
        return false;
    }

    @Override
    public void close() {}

    private static String newEpoch() {
        byte[] bytes = new byte[EPOCH_BYTES];
        new SecureRandom().nextBytes(bytes);
        return "e" + HexFormat.of().formatHex(bytes);
    }
}

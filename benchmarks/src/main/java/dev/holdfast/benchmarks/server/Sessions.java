package dev.holdfast.benchmarks.server;

import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/** The sessions that clients may resume. Thread-safe. */
final class Sessions {
    private final ConcurrentHashMap<String, ServerSession> sessions = new ConcurrentHashMap<>();
    private final AtomicInteger names = new AtomicInteger();

    ServerSession create() {
        ServerSession session = new ServerSession("s" + names.incrementAndGet());
        sessions.put(session.sid, session);
        return session;
    }

    /** Returns the session of this name. */
    ServerSession get(String sid) {
        ServerSession session = sessions.get(sid);
        if (session == null) throw new IllegalStateException("no session " + sid);
        return session;
    }

    void end(ServerSession session) {
        sessions.remove(session.sid);
    }
}

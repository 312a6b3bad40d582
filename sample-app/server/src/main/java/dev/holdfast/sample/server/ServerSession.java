package dev.holdfast.sample.server;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * A session as one server sees it: its {@link SessionState}, the lane in which its messages are handled one after the
 * other, and the connection that it has here, if any.
 */
public final class ServerSession {
    private final SessionState state;
    private final SerialExecutor lane = new SerialExecutor(Workers.SHARED);

    /** Confined to the lane. */
    private @Nullable TokenBucket bucket;

    // Written in the lane, read anywhere. A rejection's id is written before the seq that it belongs to.
    private volatile @Nullable String lastRejectionId;
    private volatile long handledSeq;
    private volatile @Nullable String ackedId;

    private final ReentrantLock lock = new ReentrantLock();
    // Written under the lock, read anywhere.
    private volatile @Nullable Hold hold;
    private volatile long idleSince = System.nanoTime();

    ServerSession(SessionState state) {
        this.state = state;
    }

    /** The session's public id, fit for a log. */
    public String sid() {
        return state.sid();
    }

    /** Whose session it is, as the {@link Authenticator} named them. */
    public String user() {
        return state.user();
    }

    /**
     * Sends a JSON value, now or when the client is back, from any thread and whichever server it is connected to; returns
     * the message's id. What is sent in a session that has ended goes nowhere. What answers a client's message is better
     * made a reply of its {@link HandlerResult}.
     */
    public String send(JsonNode json) {
        return append(StreamMessage.json(json));
    }

    /** Sends bytes, like {@link #send}. */
    public String sendBinary(byte[] bytes) {
        return append(new StreamMessage.Binary(bytes.clone()));
    }

    /** Tells the client that its credential is about to expire, if it is connected to this server. */
    public void warnCredentialExpiring(Duration in) {
        ServerConnection connection = connection();
        if (connection != null) {
            connection.answer(Envelopes.authExpiring(in));
        }
    }

    /** Closes the connection that the session has here, if any, because its credential has expired: 4401. */
    public void credentialExpired() {
        ServerConnection connection = connection();
        if (connection != null) {
            connection.credentialExpired();
        }
    }

    /** The highest of the client's seqs that this server knows to be handled, 0 if there is none. */
    public long handledSeq() {
        return handledSeq;
    }

    /** The newest message that the client has acknowledged to this server; null if there is none. */
    public @Nullable String ackedId() {
        return ackedId;
    }

    /** How many messages the log keeps because the client has not acknowledged them. */
    public int unackedCount() {
        return state.log().size();
    }

    /** Whether the session can be used or resumed, as far as this server knows. */
    public boolean alive() {
        return state.isAlive();
    }

    /** Whether a connection to this server is attached. */
    public boolean connected() {
        return hold != null;
    }

    private String append(StreamMessage message) {
        String id = state.append(message);
        appended();
        return id;
    }

    /** There may be more in the log: lets the connection send it. */
    void appended() {
        ServerConnection connection = connection();
        if (connection != null) {
            connection.pump();
        }
    }

    SerialExecutor lane() {
        return lane;
    }

    MessageLog log() {
        return state.log();
    }

    /** What the client may still send. In the lane. */
    TokenBucket bucket(RateLimit limit, long nowNanos) {
        TokenBucket current = bucket;
        if (current == null) {
            current = new TokenBucket(limit, nowNanos);
            bucket = current;
        }
        return current;
    }

    @Nullable
    String lastRejectionId() {
        return lastRejectionId;
    }

    /**
     * Records what the handler said of a seq, right after it returned. In the lane. Returns false if the session has gone
     * to another connection meanwhile, which is then given the message again: nothing came of it.
     */
    boolean handled(long fence, long seq, HandlerResult result) {
        boolean rejected = result instanceof HandlerResult.Rejected;
        List<String> ids = state.handled(fence, seq, outcome(seq, result));
        if (ids == null) {
            return false;
        }
        if (rejected) {
            lastRejectionId = ids.get(0);
        }
        handledSeq = seq;
        if (!ids.isEmpty()) {
            appended();
        }
        return true;
    }

    private static List<StreamMessage> outcome(long seq, HandlerResult result) {
        if (result instanceof HandlerResult.Rejected rejected) {
            return List.of(new StreamMessage.Rejection(seq, rejected.code(), rejected.message()));
        }
        return ((HandlerResult.Accepted) result).replies();
    }

    /** The client has handled everything through a message. In the lane. */
    SessionState.Acknowledged acknowledged(long fence, String id) {
        SessionState.Acknowledged acknowledged = state.acknowledged(fence, id);
        if (acknowledged == SessionState.Acknowledged.ADVANCED) {
            ackedId = id;
        }
        return acknowledged;
    }

    /** The client has the newest key. In the lane. */
    void confirmKey(long fence) {
        state.confirmKey(fence);
    }

    /** Makes a connection the session's, if it may be. In the lane. */
    Admission attach(
            ServerConnection connection, String user, String keyHash, String nextKeyHash, @Nullable String last) {
        lock.lock();
        try {
            ServerConnection older = connection();
            SessionState.Claim claim = state.claim(user, keyHash, nextKeyHash, last);
            if (claim instanceof SessionState.Claim.Granted granted) {
                lastRejectionId = granted.lastRejectionId();
                handledSeq = granted.handledSeq();
                hold = new Hold(connection, granted.fence());
            } else if (claim instanceof SessionState.Claim.Refused) {
                hold = null;
            } else {
                older = null;
            }
            return new Admission(claim, older);
        } finally {
            lock.unlock();
        }
    }

    /** The connection is gone; the session waits for the next one. */
    void detach(ServerConnection connection) {
        lock.lock();
        try {
            Hold current = hold;
            if (current != null && current.connection() == connection) {
                letGo();
                state.release(current.fence());
            }
        } finally {
            lock.unlock();
        }
    }

    boolean isAttached(ServerConnection connection) {
        return connection() == connection;
    }

    /** Ends the session; a later resume is told this reason. Returns the connection that it had here. */
    @Nullable
    ServerConnection end(String reason) {
        lock.lock();
        try {
            state.end(reason);
            ServerConnection connection = connection();
            letGo();
            return connection;
        } finally {
            lock.unlock();
        }
    }

    /** The session is held by nobody here whose fence is older than this. Returns the connection that was. */
    @Nullable
    ServerConnection evict(long fence) {
        lock.lock();
        try {
            Hold current = hold;
            if (current == null || current.fence() >= fence) {
                return null;
            }
            letGo();
            return current.connection();
        } finally {
            lock.unlock();
        }
    }

    private void letGo() {
        hold = null;
        idleSince = System.nanoTime();
    }

    /** Since when no connection has been attached, on the clock of {@link System#nanoTime}; of no use while one is. */
    long idleSince() {
        return idleSince;
    }

    /** The fence of the connection that is attached; 0 if none is. */
    long fence() {
        Hold current = hold;
        return current == null ? 0 : current.fence();
    }

    private @Nullable ServerConnection connection() {
        Hold current = hold;
        return current == null ? null : current.connection();
    }

    private record Hold(ServerConnection connection, long fence) {}

    /**
     * What a session answers to a connection that wants it.
     *
     * @param fenced the older connection, which the session no longer listens to
     */
    record Admission(SessionState.Claim claim, @Nullable ServerConnection fenced) {}
}

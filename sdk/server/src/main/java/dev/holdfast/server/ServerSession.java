package dev.holdfast.server;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * A session as one server sees it: its {@link SessionState}, the lane in which its messages are handled one after the
 * other, and its connection to this server, if any.
 */
public final class ServerSession {
    private final SessionState state;
    private final Lane lane = new Lane();

    /** Confined to the lane. */
    private @Nullable TokenBucket bucket;

    /** The number of the newest connection that has held the session, of those to the servers of this store. Confined to the lane. */
    private long newestHolder;

    // Written in the lane, read by any thread. A rejection's id is written before the seq that it belongs to.
    private volatile @Nullable String lastRejectionId;
    private volatile long handledSeq;
    private volatile @Nullable String ackedId;

    private final ReentrantLock lock = new ReentrantLock();
    // Written under the lock, read by any thread.
    private volatile @Nullable Hold hold;
    private volatile long idleSince = System.nanoTime();
    /** Whether the store has another object of this session, or none. Guarded by lock. */
    private boolean dropped;
    /** The number of the last connection that the store has not released; 0 if there is none. Guarded by lock. */
    private long unreleased;

    ServerSession(SessionState state) {
        this.state = state;
    }

    /** {@return the session's public id, which may be logged} */
    public String sid() {
        return state.sid();
    }

    /** {@return the user who owns the session, as the {@link Authenticator} named them} */
    public String user() {
        return state.user();
    }

    /**
     * Sends a JSON value now, or when the client is back, and returns the message's id. Any thread may call this,
     * whichever server the client is connected to. After the session has ended, the value is discarded. To answer a
     * client's message, prefer a reply in its {@link HandlerResult}.
     *
     * @param json the value
     * @return the id of the message in the stream
     */
    public String send(JsonNode json) {
        return append(StreamMessage.json(json));
    }

    /**
     * Sends bytes, like {@link #send}.
     *
     * @param bytes the bytes, which are copied
     * @return the id of the message in the stream
     */
    public String sendBinary(byte[] bytes) {
        return append(new StreamMessage.Binary(bytes.clone()));
    }

    /**
     * Warns the client that its credential is about to expire, if it is connected to this server.
     *
     * @param in the time until then
     */
    public void warnCredentialExpiring(Duration in) {
        ServerConnection connection = connection();
        if (connection != null) {
            connection.answer(Envelopes.authExpiring(in));
        }
    }

    /** Closes the session's connection to this server, if any, with 4401 because its credential has expired. */
    public void credentialExpired() {
        ServerConnection connection = connection();
        if (connection != null) {
            connection.credentialExpired();
        }
    }

    /** {@return the highest of the client's seqs that this server knows to be handled; 0 if there is none} */
    public long handledSeq() {
        return handledSeq;
    }

    /** {@return the newest message that the client has acknowledged to this server; null if there is none} */
    public @Nullable String ackedId() {
        return ackedId;
    }

    /** {@return the number of messages that the log keeps because the client has not acknowledged them} */
    public int unackedCount() {
        return state.log().size();
    }

    /** {@return whether the session can be used or resumed, as far as this server knows} */
    public boolean alive() {
        return state.isAlive();
    }

    /** {@return whether a connection to this server is attached} */
    public boolean connected() {
        return hold != null;
    }

    private String append(StreamMessage message) {
        String id = state.append(message);
        appended();
        return id;
    }

    /** Makes the connection look for more messages in the log and send them. */
    void appended() {
        ServerConnection connection = connection();
        if (connection != null) {
            connection.pump();
        }
    }

    Lane lane() {
        return lane;
    }

    MessageLog log() {
        return state.log();
    }

    /** {@return the client's rate limit bucket} Called in the lane. */
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
     * Records the handler's result for a seq, right after the handler returned. Called in the lane. Returns false if
     * another connection has taken the session meanwhile, or the store no longer knows it. Nothing is recorded then, and
     * the client's next connection is given the message again.
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

    /** Records that the client has handled everything through a message. Called in the lane. */
    SessionState.Acknowledged acknowledged(long fence, String id) {
        SessionState.Acknowledged acknowledged = state.acknowledged(fence, id);
        if (acknowledged == SessionState.Acknowledged.ADVANCED) {
            ackedId = id;
        }
        return acknowledged;
    }

    /** Records that the client has the newest key. Called in the lane. */
    void confirmKey(long fence) {
        state.confirmKey(fence);
    }

    /**
     * {@return whether a connection that was upgraded later has held the session on a server of this store, so that the session's
     * client has given up the connection that asks now} Returns false without a valid key. Called in the lane.
     */
    boolean isLate(ServerConnection connection, String user, String keyHash) {
        return connection.number() < newestHolder && state.isOwner(user, keyHash);
    }

    /**
     * Returns whether no other connection has taken the session since it was attached with this fence. Returns true if
     * the store no longer knows the session.
     */
    boolean isNewest(long fence) {
        return state.isNewest(fence);
    }

    /**
     * Attaches a connection to the session, if it is admitted. Called in the lane. Returns null if the store has dropped
     * this object: then the store has to be asked for another.
     */
    @Nullable
    Admission attach(
            ServerConnection connection, String user, String keyHash, String nextKeyHash, @Nullable String last) {
        lock.lock();
        try {
            if (dropped) {
                return null;
            }
            ServerConnection older = connection();
            SessionState.Claim claim = state.claim(user, keyHash, nextKeyHash, last);
            if (claim instanceof SessionState.Claim.Granted granted) {
                lastRejectionId = granted.lastRejectionId();
                handledSeq = granted.handledSeq();
                hold = new Hold(connection, granted.fence());
                newestHolder = connection.number();
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

    /**
     * Lets the store drop this object, unless a connection is attached. Returns whether it may; then none is attached
     * to it any more.
     */
    boolean drop() {
        lock.lock();
        try {
            dropped = hold == null;
            return dropped;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Detaches a lost connection; the session waits for the next one. Returns false if the store has not released the
     * session, now or when the connection was detached.
     */
    boolean detach(ServerConnection connection) {
        lock.lock();
        try {
            Hold current = hold;
            if (current != null && current.connection() == connection) {
                letGo();
                // Until it is done: the store may throw.
                unreleased = connection.number();
                if (state.release(current.fence())) {
                    unreleased = 0;
                }
            }
            return unreleased != connection.number();
        } finally {
            lock.unlock();
        }
    }

    /** Detaches a connection without asking the store, which does not answer. The session there expires by its last renewal. */
    void abandon(ServerConnection connection) {
        lock.lock();
        try {
            if (connection() == connection) {
                letGo();
            }
        } finally {
            lock.unlock();
        }
    }

    /** Waits for a step that attaches, detaches or ends, whose effect on the log may be seen before the step is done. */
    boolean isAttached(ServerConnection connection) {
        lock.lock();
        try {
            return connection() == connection;
        } finally {
            lock.unlock();
        }
    }

    /** Ends the session; a later resume receives this reason. Returns the connection that the session had here. */
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

    /**
     * Ends the session for its own connection, as {@link #end(String)} does. Returns false if another connection has taken
     * the session meanwhile; then nothing is done.
     */
    boolean end(long fence, String reason) {
        lock.lock();
        try {
            boolean ended = state.end(fence, reason);
            if (ended) {
                letGo();
            }
            return ended;
        } finally {
            lock.unlock();
        }
    }

    /** Detaches a connection whose fence is older than this one, and returns it. */
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

    /**
     * {@return since when no connection has been attached, on the clock of {@link System#nanoTime}} Meaningless while
     * one is.
     */
    long idleSince() {
        return idleSince;
    }

    /** {@return the fence of the attached connection; 0 if none is attached} */
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
     * The session's answer to a connection that wants it.
     *
     * @param fenced the older connection, whose messages the session now ignores
     */
    record Admission(SessionState.Claim claim, @Nullable ServerConnection fenced) {}
}

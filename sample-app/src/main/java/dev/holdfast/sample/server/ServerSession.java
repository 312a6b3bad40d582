package dev.holdfast.sample.server;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** What survives a client's connections: the log of the stream to it, and how far its own stream is handled. */
public final class ServerSession {
    private static final int MAX_OPEN_REFUSALS = 10_000;

    private record Refusal(String id, long seq) {}

    private final String sid;
    private final String user;
    private final long ttlNanos;
    private final MessageLog log;
    private final String origin;
    private final SerialExecutor lane;
    private final ResumeKeys keys;
    private final @Nullable TokenBucket bucket;

    /** The refusals that the client has not acknowledged, oldest first. Confined to the lane. */
    private final ArrayDeque<Refusal> openRefusals = new ArrayDeque<>();

    /** The seq of the first refusal that {@link #openRefusals} had no room for. Confined to the lane. */
    private long firstUnrecorded = Long.MAX_VALUE;

    // Written in the lane, read anywhere. A rejection's id is written before the seq that it belongs to.
    private volatile @Nullable String lastRejectionId;
    private volatile long handledSeq;
    private volatile @Nullable String ackedId;

    private final ReentrantLock lock = new ReentrantLock();
    // Written under the lock, read anywhere.
    private volatile @Nullable ServerConnection attached;
    private volatile @Nullable String ended;
    private volatile long detachedAt;

    ServerSession(
            String sid,
            String user,
            Duration ttl,
            MessageLog log,
            SerialExecutor lane,
            ResumeKeys keys,
            @Nullable TokenBucket bucket,
            long nowNanos) {
        this.sid = sid;
        this.user = user;
        this.ttlNanos = ttl.toNanos();
        this.log = log;
        this.origin = log.lastId();
        this.lane = lane;
        this.keys = keys;
        this.bucket = bucket;
        this.detachedAt = nowNanos;
    }

    /** The session's public id, fit for a log. */
    public String sid() {
        return sid;
    }

    /** Whose session it is, as the {@link Authenticator} named them. */
    public String user() {
        return user;
    }

    /**
     * Sends a JSON value, now or when the client is back; returns the message's id. From any thread. What is sent in a
     * session that has ended goes nowhere.
     */
    public String send(JsonNode json) {
        return append(new StreamMessage.Json(Envelopes.write(json)));
    }

    /** Sends bytes, like {@link #send}. */
    public String sendBinary(byte[] bytes) {
        return append(new StreamMessage.Binary(bytes.clone()));
    }

    /** Tells the client that its credential is about to expire, if it is connected. */
    public void warnCredentialExpiring(Duration in) {
        ServerConnection connection = attached;
        if (connection != null) {
            connection.answer(Envelopes.authExpiring(in));
        }
    }

    /** Closes the session's connection, if there is one, because its credential has expired: 4401. The session stays. */
    public void credentialExpired() {
        ServerConnection connection = attached;
        if (connection != null) {
            connection.credentialExpired();
        }
    }

    /** The highest of the client's seqs that is handled, 0 if none is. */
    public long handledSeq() {
        return handledSeq;
    }

    /** The newest message that the client has acknowledged; null if there is none. */
    public @Nullable String ackedId() {
        return ackedId;
    }

    /** How many messages the log keeps because the client has not acknowledged them. */
    public int unackedCount() {
        return log.size();
    }

    /** Whether the session can be used or resumed. */
    public boolean alive() {
        return ended == null;
    }

    /** Whether a connection is attached. */
    public boolean connected() {
        return attached != null;
    }

    private String append(StreamMessage message) {
        String id = log.append(message);
        if (ended != null) {
            log.trimThrough(id);
        }
        ServerConnection connection = attached;
        if (connection != null) {
            connection.pump();
        }
        return id;
    }

    SerialExecutor lane() {
        return lane;
    }

    /** To be used in the lane. */
    ResumeKeys keys() {
        return keys;
    }

    /** What the client may still send; null for anything. To be used in the lane. */
    @Nullable
    TokenBucket bucket() {
        return bucket;
    }

    MessageLog log() {
        return log;
    }

    @Nullable
    String lastRejectionId() {
        return lastRejectionId;
    }

    /** Records what the handler said of a seq. In the lane, right after the handler returned. */
    void handled(long seq, HandlerResult result) {
        if (result instanceof HandlerResult.Rejected rejected) {
            String id = append(new StreamMessage.Rejection(seq, rejected.code(), rejected.message()));
            if (openRefusals.size() < MAX_OPEN_REFUSALS) {
                openRefusals.add(new Refusal(id, seq));
            } else {
                firstUnrecorded = Math.min(firstUnrecorded, seq);
            }
            lastRejectionId = id;
        }
        handledSeq = seq;
    }

    /**
     * What may be told of this session when it is lost: the highest seq up to which nothing was refused without the client
     * knowing. A refusal that is lost with the history must not pass for an acknowledgement. In the lane.
     */
    long acknowledgeableSeq() {
        Refusal oldest = openRefusals.peek();
        long refused = Math.min(oldest == null ? Long.MAX_VALUE : oldest.seq(), firstUnrecorded);
        return Math.min(handledSeq, refused - 1);
    }

    /** The client has handled everything through a message. In the lane. */
    void acknowledged(String id) {
        if (log.trimThrough(id) > 0) {
            ackedId = id;
        }
        while (!openRefusals.isEmpty() && log.compare(openRefusals.element().id(), id) <= 0) {
            openRefusals.remove();
        }
    }

    /** Makes a connection the session's, unless the history that it needs is gone. In the lane. */
    Admission attach(ServerConnection connection, @Nullable String last, long nowNanos) {
        String position = last == null ? origin : last;
        MessageLog.Place place = log.locate(position);
        lock.lock();
        try {
            ServerConnection fenced = attached;
            if (ended == null && isOverdue(nowNanos)) {
                endLocked("expired");
            } else if (ended == null && place != MessageLog.Place.HELD) {
                endLocked(place == MessageLog.Place.TRIMMED ? "trimmed" : "epoch");
            }
            String reason = ended;
            if (reason != null) {
                return new Admission.Refused(reason, fenced);
            }
            attached = connection;
            return new Admission.Granted(position, fenced);
        } finally {
            lock.unlock();
        }
    }

    /** The connection is gone; the session waits for the next one. */
    void detach(ServerConnection connection, long nowNanos) {
        lock.lock();
        try {
            if (attached == connection) {
                attached = null;
                detachedAt = nowNanos;
            }
        } finally {
            lock.unlock();
        }
    }

    boolean isAttached(ServerConnection connection) {
        return attached == connection;
    }

    /** Ends the session; a later resume is told this reason. Returns the connection that it had. */
    @Nullable
    ServerConnection end(String reason) {
        lock.lock();
        try {
            ServerConnection connection = attached;
            if (ended == null) {
                endLocked(reason);
            }
            return connection;
        } finally {
            lock.unlock();
        }
    }

    /** Ends the session if its connection has been lost for too long, and says whether it did. */
    boolean endIfOverdue(long nowNanos) {
        lock.lock();
        try {
            if (ended != null || !isOverdue(nowNanos)) {
                return false;
            }
            endLocked("expired");
            return true;
        } finally {
            lock.unlock();
        }
    }

    private boolean isOverdue(long nowNanos) {
        return attached == null && nowNanos - detachedAt > ttlNanos;
    }

    private void endLocked(String reason) {
        ended = reason;
        attached = null;
        log.trimThrough(log.lastId());
    }

    /** What a session answers to a connection that wants it. */
    sealed interface Admission {
        /** The older connection, which the session no longer listens to. */
        @Nullable
        ServerConnection fenced();

        /** The session is the connection's, which stands at this position of the stream. */
        record Granted(String position, @Nullable ServerConnection fenced) implements Admission {}

        /** The session has ended, now or before. */
        record Refused(String reason, @Nullable ServerConnection fenced) implements Admission {}
    }
}

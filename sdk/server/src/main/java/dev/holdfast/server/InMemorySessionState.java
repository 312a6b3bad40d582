package dev.holdfast.server;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** The state of a session in the heap. */
final class InMemorySessionState implements SessionState {
    private static final int MAX_OPEN_REFUSALS = 10_000;

    private record Refusal(String id, long seq) {}

    private final SessionStore.NewSession origin;
    private final InMemoryMessageLog log;
    private final String beginning;
    private final LongSupplier nanoTime;

    private final ReentrantLock lock = new ReentrantLock();
    // All fields from here on are guarded by lock; ended is read by any thread.
    private List<String> keyHashes;
    private long fence;
    private boolean attached;
    private long detachedAt;
    private long handledSeq;
    private @Nullable String lastRejectionId;
    private volatile @Nullable String ended;

    /** The rejections that the client has not acknowledged, oldest first. */
    private final ArrayDeque<Refusal> openRefusals = new ArrayDeque<>();

    /** The seq of the first rejection that did not fit into {@link #openRefusals}. */
    private long firstUnrecorded = Long.MAX_VALUE;

    InMemorySessionState(SessionStore.NewSession origin, InMemoryMessageLog log, LongSupplier nanoTime) {
        this.origin = origin;
        this.log = log;
        this.beginning = log.lastId();
        this.nanoTime = nanoTime;
        this.keyHashes = List.of(origin.keyHash());
        this.detachedAt = nanoTime.getAsLong();
    }

    @Override
    public String sid() {
        return origin.sid();
    }

    @Override
    public String user() {
        return origin.user();
    }

    @Override
    public MessageLog log() {
        return log;
    }

    @Override
    public String append(StreamMessage message) {
        String id = log.append(message);
        if (ended != null) {
            log.trimThrough(id);
        }
        return id;
    }

    @Override
    public boolean isAlive() {
        return ended == null;
    }

    @Override
    public boolean isOwner(String user, String keyHash) {
        lock.lock();
        try {
            return ResumeKeys.isAmong(keyHash, keyHashes) && origin.user().equals(user);
        } finally {
            lock.unlock();
        }
    }

    @Override
    public Claim claim(String user, String keyHash, String nextKeyHash, @Nullable String last) {
        String position = last == null ? beginning : last;
        lock.lock();
        try {
            if (!isOwner(user, keyHash)) {
                return new Claim.Unknown();
            }
            endIfOverdue();
            if (ended == null) {
                MessageLog.Place place = log.locate(position);
                if (place != MessageLog.Place.HELD) {
                    end(place == MessageLog.Place.TRIMMED ? "trimmed" : "epoch");
                }
            }
            fence++;
            String reason = ended;
            if (reason != null) {
                return new Claim.Refused(reason, acknowledgeableSeq());
            }
            keyHashes = List.of(keyHash, nextKeyHash);
            attached = true;
            return new Claim.Granted(fence, position, log.lastId(), handledSeq, lastRejectionId);
        } finally {
            lock.unlock();
        }
    }

    private long acknowledgeableSeq() {
        Refusal oldest = openRefusals.peek();
        long refused = Math.min(oldest == null ? Long.MAX_VALUE : oldest.seq(), firstUnrecorded);
        return Math.min(handledSeq, refused - 1);
    }

    @Override
    public boolean isNewest(long holder) {
        lock.lock();
        try {
            return holder == fence;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void confirmKey(long holder) {
        lock.lock();
        try {
            if (holder == fence) {
                keyHashes = keyHashes.subList(keyHashes.size() - 1, keyHashes.size());
            }
        } finally {
            lock.unlock();
        }
    }

    @Override
    public @Nullable List<String> handled(long holder, long seq, List<StreamMessage> outcome) {
        lock.lock();
        try {
            if (holder != fence) {
                return null;
            }
            List<String> ids = new ArrayList<>();
            for (StreamMessage message : outcome) {
                String id = append(message);
                ids.add(id);
                if (message instanceof StreamMessage.Rejection) {
                    refused(id, seq);
                }
            }
            handledSeq = seq;
            return ids;
        } finally {
            lock.unlock();
        }
    }

    private void refused(String id, long seq) {
        if (openRefusals.size() < MAX_OPEN_REFUSALS) {
            openRefusals.add(new Refusal(id, seq));
        } else {
            firstUnrecorded = Math.min(firstUnrecorded, seq);
        }
        lastRejectionId = id;
    }

    @Override
    public Acknowledged acknowledged(long holder, String position) {
        lock.lock();
        try {
            if (holder != fence) {
                return Acknowledged.FENCED;
            }
            MessageLog.Place place = log.locate(position);
            if (place == MessageLog.Place.FOREIGN) {
                return Acknowledged.FOREIGN;
            }
            while (!openRefusals.isEmpty() && log.compare(openRefusals.element().id(), position) <= 0) {
                openRefusals.remove();
            }
            return log.trimThrough(position) > 0 ? Acknowledged.ADVANCED : Acknowledged.NOTHING_NEW;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public boolean release(long holder) {
        lock.lock();
        try {
            if (holder == fence) {
                attached = false;
                detachedAt = nanoTime.getAsLong();
            }
            return true;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void end(String reason) {
        lock.lock();
        try {
            if (ended == null) {
                ended = reason;
                attached = false;
                log.trimThrough(log.lastId());
            }
        } finally {
            lock.unlock();
        }
    }

    @Override
    public boolean end(long holder, String reason) {
        lock.lock();
        try {
            boolean holds = holder == fence;
            if (holds) {
                end(reason);
            }
            return holds;
        } finally {
            lock.unlock();
        }
    }

    /** Ends the session if its connection has been lost for too long. Returns whether it did. */
    boolean endIfOverdue() {
        lock.lock();
        try {
            boolean overdue = ended == null
                    && !attached
                    && nanoTime.getAsLong() - detachedAt > origin.ttl().toNanos();
            if (overdue) {
                end("expired");
            }
            return overdue;
        } finally {
            lock.unlock();
        }
    }
}

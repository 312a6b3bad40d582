package dev.holdfast.websocket;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.holdfast.internal.time.Ticker;
import dev.holdfast.internal.transport.Connection;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.ReentrantLock;
import okio.Buffer;
import okio.ByteString;
import org.jspecify.annotations.Nullable;

/**
 * The application's pings that have no pong yet. Each has a payload of its own. A pong also answers the pings before the one
 * whose payload it carries, because a peer may answer only the newest (RFC 6455 section 5.5.3), and because a ping that waits
 * to go out is replaced by the next one.
 *
 * <p>Safe from any thread. Futures complete without the lock.
 */
final class PendingPings {
    /** The maximum number of pings without a pong. */
    static final int MAX_PINGS = 16;

    private static final class Ping {
        final ByteString payload;
        final long sentAt;
        final CompletableFuture<Duration> roundTrip = new CompletableFuture<>();

        Ping(ByteString payload, long sentAt) {
            this.payload = payload;
            this.sentAt = sentAt;
        }
    }

    private final Ticker ticker;
    private final ReentrantLock lock = new ReentrantLock();

    /** Oldest first. */
    @GuardedBy("lock")
    private final ArrayDeque<Ping> pending = new ArrayDeque<>(0);

    @GuardedBy("lock")
    private long pings;

    /** The failure of pings. Null until the web socket has ended. */
    @GuardedBy("lock")
    private @Nullable IOException end;

    PendingPings(Ticker ticker) {
        this.ticker = ticker;
    }

    /** Adds a ping, for {@link #send} to send. Its future has failed if there are too many, or after {@link #end}. */
    CompletableFuture<Duration> add() {
        lock.lock();
        try {
            if (end != null) return failed(end);
            if (pending.size() == MAX_PINGS) {
                return failed("ping not sent: " + MAX_PINGS + " pings wait for a pong already");
            }
            Ping ping = new Ping(new Buffer().writeLong(++pings).readByteString(), ticker.nanos());
            pending.addLast(ping);
            return ping.roundTrip;
        } finally {
            lock.unlock();
        }
    }

    /** Returns a future that has failed with an {@link IOException}. */
    static CompletableFuture<Duration> failed(String message) {
        return failed(new IOException(message));
    }

    private static CompletableFuture<Duration> failed(IOException reason) {
        CompletableFuture<Duration> failed = new CompletableFuture<>();
        failed.completeExceptionally(reason);
        return failed;
    }

    /**
     * Sends the newest ping without a pong; if there is none, an empty ping. Every ping of the web socket is sent here: one
     * with another payload could replace one that waits to go out, whose pong then never comes.
     */
    void send(Connection connection) {
        ByteString sent;
        do {
            sent = newest();
            connection.sendPing(sent);
            // Another thread may have sent a newer one meanwhile, and this one may have replaced it.
        } while (!newest().equals(sent));
    }

    private ByteString newest() {
        lock.lock();
        try {
            Ping newest = pending.peekLast();
            return newest == null ? ByteString.EMPTY : newest.payload;
        } finally {
            lock.unlock();
        }
    }

    /** A pong has come. Has no effect if no pending ping has its payload. */
    void onPong(ByteString payload) {
        long now = ticker.nanos();
        for (Ping ping : answered(payload)) ping.roundTrip.complete(Duration.ofNanos(now - ping.sentAt));
    }

    private List<Ping> answered(ByteString payload) {
        lock.lock();
        try {
            int count = 0;
            int answered = 0;
            for (Ping ping : pending) {
                count++;
                if (ping.payload.equals(payload)) answered = count;
            }
            List<Ping> all = new ArrayList<>(answered);
            while (all.size() < answered) all.add(pending.removeFirst());
            return all;
        } finally {
            lock.unlock();
        }
    }

    /** Fails all pings without a pong, and those to come. Only the first reason counts. */
    void end(IOException reason) {
        List<Ping> all;
        lock.lock();
        try {
            if (end != null) return;
            end = reason;
            all = new ArrayList<>(pending);
            pending.clear();
        } finally {
            lock.unlock();
        }
        for (Ping ping : all) ping.roundTrip.completeExceptionally(reason);
    }
}

package dev.holdfast.server;

import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.Connection;
import redis.clients.jedis.DefaultJedisClientConfig;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.JedisClientConfig;
import redis.clients.jedis.JedisPubSub;
import redis.clients.jedis.exceptions.JedisException;

/**
 * A node's inbox for what other nodes did to its sessions. It notices within {@link #MAX_SILENCE} that its connection is
 * dead, and subscribes again. The store's sweep finds whatever gets lost here.
 */
final class RedisInbox implements AutoCloseable {
    /** The maximum time without a word from Redis. Two requests in a row may stay without an answer. */
    static final Duration MAX_SILENCE = Duration.ofSeconds(5);

    private static final Duration PING_INTERVAL = Duration.ofSeconds(2);
    private static final Duration PAUSE = Duration.ofMillis(200);

    private final HostAndPort address;
    private final JedisClientConfig config;
    private final String channel;
    private final Listener listener;
    private final Thread thread;
    private final Thread pings;
    private volatile boolean closed;

    /** Held to write and to close: Jedis opens a closed connection again if something is sent on it. */
    private final ReentrantLock lock = new ReentrantLock();

    /** The connection to Redis, null if there is none. Guarded by lock. */
    private @Nullable Connection connection;

    /** The subscription on the connection, null until Redis has confirmed it. Guarded by lock. */
    private @Nullable Subscription subscription;

    /** A callback that is never called by two threads at a time. It must not block for long. */
    @FunctionalInterface
    interface Listener {
        void onTold(String word, String sid, String value);
    }

    /** The subscription of one connection. */
    private final class Subscription extends JedisPubSub {
        @Override
        public void onSubscribe(String to, int count) {
            lock.lock();
            try {
                if (connection != null) subscription = this;
            } finally {
                lock.unlock();
            }
        }

        @Override
        public void onMessage(String from, String message) {
            try {
                int first = message.indexOf(' ');
                int second = message.indexOf(' ', first + 1);
                listener.onTold(
                        message.substring(0, first),
                        message.substring(first + 1, second),
                        message.substring(second + 1));
            } catch (Throwable e) {
                // Of any kind. Thrown on, it would end the subscription.
                ServerContext.log(e);
            }
        }
    }

    private RedisInbox(URI uri, String channel, Listener listener) {
        this.address = new HostAndPort(uri.getHost(), uri.getPort());
        this.config = DefaultJedisClientConfig.builder(uri)
                .blockingSocketTimeoutMillis((int) MAX_SILENCE.toMillis())
                .build();
        this.channel = channel;
        this.listener = listener;
        this.thread = DaemonThreads.named("holdfast-redis-inbox", this::listen);
        this.pings = DaemonThreads.named("holdfast-redis-inbox-ping", this::ping);
    }

    /** @param uri the address of Redis, with a port */
    static RedisInbox open(URI uri, String channel, Listener listener) {
        RedisInbox inbox = new RedisInbox(uri, channel, listener);
        inbox.thread.start();
        inbox.pings.start();
        return inbox;
    }

    private void listen() {
        while (!closed) {
            try {
                // Not from the pool: if the network has dropped this connection silently, the idle ones there are dead
                // too.
                listenOn(new Connection(address, config));
            } catch (RuntimeException e) {
                // Redis is unreachable or silent, or this inbox is closed.
                LockSupport.parkNanos(PAUSE.toNanos());
            } catch (Error e) {
                ServerContext.log(e);
                LockSupport.parkNanos(PAUSE.toNanos());
            }
        }
    }

    private void listenOn(Connection newConnection) {
        lock.lock();
        try {
            connection = newConnection;
        } finally {
            lock.unlock();
        }
        try {
            if (!closed) new Subscription().proceed(newConnection, channel);
        } finally {
            disconnect();
        }
    }

    /**
     * Asks Redis for a word, again and again. SUBSCRIBE is answered, even if the channel is subscribed. With PING Jedis keeps
     * an object for each answer, or fails if the answer comes too early, depending on the version of Redis' protocol.
     */
    private void ping() {
        while (!closed) {
            LockSupport.parkNanos(PING_INTERVAL.toNanos());
            lock.lock();
            try {
                if (subscription != null) subscription.subscribe(channel);
            } catch (JedisException e) {
                // The connection is lost, which its reader notices.
            } finally {
                lock.unlock();
            }
        }
    }

    private void disconnect() {
        lock.lock();
        try {
            Connection last = connection;
            connection = null;
            subscription = null;
            // Nothing is flushed: the connection may be dead.
            if (last != null) last.forceDisconnect();
        } catch (IOException e) {
            // The socket is closed all the same.
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void close() {
        closed = true;
        disconnect();
        LockSupport.unpark(thread);
        LockSupport.unpark(pings);
    }
}

package dev.holdfast.server;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import redis.clients.jedis.JedisPubSub;
import redis.clients.jedis.RedisClient;
import redis.clients.jedis.exceptions.JedisException;

/** A node's inbox for what other nodes did to its sessions. The store's sweep finds whatever gets lost here. */
final class RedisInbox implements AutoCloseable {
    private static final Duration PAUSE = Duration.ofMillis(200);

    private final RedisClient redis;
    private final String channel;
    private final Listener listener;
    private final Thread thread;
    private volatile boolean closed;

    /** A callback that is never called by two threads at a time. It must not block for long. */
    @FunctionalInterface
    interface Listener {
        void onTold(String word, String sid, String value);
    }

    private final JedisPubSub subscription = new JedisPubSub() {
        @Override
        public void onSubscribe(String to, int count) {
            if (closed) {
                unsubscribe();
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
                // Of any kind. Thrown on, it would give the connection back to its pool while it is subscribed.
                ServerContext.log(e);
            }
        }
    };

    private RedisInbox(RedisClient redis, String channel, Listener listener) {
        this.redis = redis;
        this.channel = channel;
        this.listener = listener;
        this.thread = DaemonThreads.named("holdfast-redis-inbox", this::listen);
    }

    static RedisInbox open(RedisClient redis, String channel, Listener listener) {
        RedisInbox inbox = new RedisInbox(redis, channel, listener);
        inbox.thread.start();
        return inbox;
    }

    private void listen() {
        while (!closed) {
            try {
                redis.subscribe(subscription, channel);
            } catch (RuntimeException e) {
                // Redis is unreachable, or this inbox is closed.
                LockSupport.parkNanos(PAUSE.toNanos());
            } catch (Error e) {
                ServerContext.log(e);
                LockSupport.parkNanos(PAUSE.toNanos());
            }
        }
    }

    @Override
    public void close() {
        closed = true;
        try {
            if (subscription.isSubscribed()) {
                subscription.unsubscribe();
            }
        } catch (JedisException e) {
            // Redis is already unreachable.
        }
        LockSupport.unpark(thread);
    }
}

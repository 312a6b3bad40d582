package dev.holdfast.server;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.RedisClient;
import redis.clients.jedis.params.SetParams;

/** Servers that share a Redis: the inbox of each takes what the others tell. */
final class RedisNodes implements Nodes {
    private static final String CONNECTION = RedisSessionStore.PREFIX + "http:";
    private static final String NODE = RedisSessionStore.PREFIX + "node:";

    /** A connection that lives longer is resumed: its requests are refused from then on. */
    private static final long CLAIM_SECONDS = 24L * 60 * 60;

    private static final long REMEMBERED_SECONDS = 60;

    private final RedisClient redis;
    private final String self;
    private final Map<String, Listener> listeners = new ConcurrentHashMap<>();

    RedisNodes(RedisClient redis, String self) {
        this.redis = redis;
        this.self = self;
    }

    /** Passes on what the inbox has received. */
    void told(String word, String name, String value) {
        Listener listener = listeners.get(word);
        if (listener != null) listener.onTold(word, name, value);
    }

    @Override
    public void listen(String word, Listener listener) {
        listeners.put(word, listener);
    }

    @Override
    public String self() {
        return self;
    }

    @Override
    public boolean claim(String connection) {
        return redis.set(
                        CONNECTION + connection,
                        self,
                        SetParams.setParams().nx().ex(CLAIM_SECONDS))
                != null;
    }

    /** Claims for nobody, with an empty text, what nobody has. */
    @Override
    public Map<String, String> giveUp(List<String> connections) {
        Map<String, String> holders = new HashMap<>();
        for (String name : connections) {
            String key = CONNECTION + name;
            if (redis.set(key, "", SetParams.setParams().nx().ex(REMEMBERED_SECONDS)) != null) continue;
            String holder = redis.get(key);
            if (holder == null || holder.isEmpty()) {
                long unused = redis.expire(key, REMEMBERED_SECONDS);
            } else {
                holders.put(name, holder);
            }
        }
        return holders;
    }

    @Override
    public void release(String connection) {
        long unused = redis.expire(CONNECTION + connection, REMEMBERED_SECONDS);
    }

    @Override
    public @Nullable String holder(String connection) {
        String node = redis.get(CONNECTION + connection);
        return node == null || node.isEmpty() ? null : node;
    }

    @Override
    public boolean tell(String node, String word, String name, String value) {
        return redis.publish(NODE + node, word + " " + name + " " + value) > 0;
    }
}

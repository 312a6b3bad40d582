package dev.holdfast.sample.server;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.RedisClient;
import redis.clients.jedis.exceptions.JedisDataException;
import redis.clients.jedis.exceptions.JedisNoScriptException;

/** A runner of {@code session.lua}'s commands on one Redis for one node. */
final class RedisScript {
    private static final String SOURCE = "session.lua";
    private static final String GONE = "GONE";

    private final RedisClient redis;
    private final byte[] node;
    private final byte[] source;
    private volatile byte @Nullable [] sha;

    RedisScript(RedisClient redis, String node) {
        this.redis = redis;
        this.node = bytes(node);
        this.source = read();
    }

    private static byte[] read() {
        try (InputStream in = RedisScript.class.getResourceAsStream(SOURCE)) {
            if (in == null) {
                throw new IllegalStateException("no " + SOURCE);
            }
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Redis does not know a session of this name, or no longer does. */
    static final class GoneException extends RuntimeException {
        private static final long serialVersionUID = 1;

        GoneException() {
            super("no such session", null, false, false);
        }
    }

    /**
     * Runs a command. Its result consists of lists, byte arrays, longs and nulls.
     *
     * @throws GoneException if there is no such session
     */
    @Nullable
    Object run(String command, String sid, List<byte[]> arguments) {
        List<byte[]> keys = List.of(
                bytes(RedisSessionStore.PREFIX + "session:" + sid),
                bytes(RedisSessionStore.PREFIX + "log:" + sid),
                bytes(RedisSessionStore.PREFIX + "refusals:" + sid),
                bytes(RedisSessionStore.ALIVE));
        List<byte[]> all = new ArrayList<>(List.of(bytes(command), bytes(sid), node));
        all.addAll(arguments);
        try {
            return evaluate(keys, all);
        } catch (JedisDataException e) {
            String message = e.getMessage();
            if (message != null && message.startsWith(GONE)) {
                throw new GoneException();
            }
            throw e;
        }
    }

    private @Nullable Object evaluate(List<byte[]> keys, List<byte[]> arguments) {
        byte[] known = sha;
        if (known != null) {
            try {
                return redis.evalsha(known, keys, arguments);
            } catch (JedisNoScriptException e) {
                // Redis was restarted and has lost its scripts.
            }
        }
        byte[] loaded = bytes(redis.scriptLoad(new String(source, StandardCharsets.UTF_8)));
        sha = loaded;
        return redis.evalsha(loaded, keys, arguments);
    }

    static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    static String text(@Nullable Object reply) {
        return new String((byte[]) present(reply), StandardCharsets.UTF_8);
    }

    static long number(@Nullable Object reply) {
        return (Long) present(reply);
    }

    static List<?> list(@Nullable Object reply) {
        return (List<?>) present(reply);
    }

    private static Object present(@Nullable Object reply) {
        if (reply == null) {
            throw new IllegalStateException("Redis answered nothing");
        }
        return reply;
    }
}

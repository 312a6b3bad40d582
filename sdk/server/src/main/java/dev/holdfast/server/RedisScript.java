package dev.holdfast.server;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.RedisClient;
import redis.clients.jedis.exceptions.JedisDataException;
import redis.clients.jedis.exceptions.JedisException;
import redis.clients.jedis.exceptions.JedisNoScriptException;

/**
 * A runner of {@code session.lua}'s commands on one Redis for one node. It notices when another Redis process answers than
 * before, which may have forgotten what was confirmed: after a restart, or in place of a primary that failed. Unless
 * nothing can have been forgotten, the script then ends every session that is older, with the reason {@code epoch}.
 */
final class RedisScript {
    private static final String SOURCE = "session.lua";
    private static final String GONE = "GONE";
    private static final String OTHER_PROCESS = "RUN";
    private static final int MAX_LOADINGS = 5;

    /** The commands that write for a connection that holds its session. */
    private static final Set<String> WRITING = Set.of("create", "claim", "handled", "append", "renew", "release");

    private static final Pattern RUN_ID = Pattern.compile("^run_id:([0-9a-f]+)", Pattern.MULTILINE);

    private static final byte[] PROCESS = bytes(RedisSessionStore.PREFIX + "process");

    private final RedisClient redis;
    private final byte[] node;
    private final Runnable onWritten;
    private final String source;
    private volatile @Nullable Loaded loaded;

    /**
     * The script as it was loaded into a process.
     *
     * @param durable whether the process writes each change to the disk before it confirms it
     * @param generation the sessions' generation in it
     */
    private record Loaded(String sha, boolean durable, String generation) {}

    /**
     * @param onWritten is called after each command that Redis has carried out and that writes, by any thread. A Redis that
     *     refuses what is written may still answer the others
     */
    RedisScript(RedisClient redis, String node, Runnable onWritten) {
        this.redis = redis;
        this.node = bytes(node);
        this.onWritten = onWritten;
        this.source = read();
    }

    private static String read() {
        try (InputStream in = RedisScript.class.getResourceAsStream(SOURCE)) {
            if (in == null) {
                throw new IllegalStateException("no " + SOURCE);
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
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
                PROCESS,
                bytes(RedisSessionStore.PREFIX + "session:" + sid),
                bytes(RedisSessionStore.PREFIX + "log:" + sid),
                bytes(RedisSessionStore.PREFIX + "refusals:" + sid),
                bytes(RedisSessionStore.ALIVE));
        List<byte[]> all = new ArrayList<>(List.of(bytes(command), bytes(sid), node));
        all.addAll(arguments);
        try {
            Object reply = evaluate(keys, all);
            if (WRITING.contains(command)) {
                onWritten.run();
            }
            return reply;
        } catch (JedisDataException e) {
            if (startsWith(e, GONE)) {
                throw new GoneException();
            }
            throw e;
        }
    }

    private @Nullable Object evaluate(List<byte[]> keys, List<byte[]> arguments) {
        Loaded current = loaded;
        for (int i = 0; i < MAX_LOADINGS; i++) {
            try {
                if (current == null) current = load();
                return redis.evalsha(bytes(current.sha()), keys, arguments);
            } catch (JedisNoScriptException e) {
                // Redis was restarted, or it is another one. Nothing was done.
                current = null;
            } catch (JedisDataException e) {
                if (!startsWith(e, OTHER_PROCESS)) throw e;
                current = null;
            }
        }
        throw new JedisException("another Redis process answered after each of " + MAX_LOADINGS + " loadings");
    }

    /**
     * Loads the script into the process that answers. Its text is unlike any other, so that a text which was loaded into
     * a process by mistake is never used.
     */
    private Loaded load() {
        Matcher run = RUN_ID.matcher(redis.info("server"));
        if (!run.find()) throw new IllegalStateException("Redis does not name its run_id");
        boolean durable = isDurable();
        String names = "local RUN, LOADING = '" + run.group(1) + "', '" + UUID.randomUUID() + "'\n";
        String sha = redis.scriptLoad(names + source);
        Loaded before = loaded;
        byte[] seen = bytes(before == null ? "" : before.generation());
        Object generation =
                redis.evalsha(bytes(sha), List.of(PROCESS), List.of(bytes("begin"), bytes(durable ? "1" : "0"), seen));
        Loaded now = new Loaded(sha, durable, text(generation));
        loaded = now;
        return now;
    }

    /** Returns whether Redis confirms nothing that a crash could make it forget; false if it does not say. */
    private boolean isDurable() {
        try {
            Map<String, String> settings = redis.configGet("appendonly", "appendfsync", "no-appendfsync-on-rewrite");
            return "yes".equals(settings.get("appendonly"))
                    && "always".equals(settings.get("appendfsync"))
                    && "no".equals(settings.get("no-appendfsync-on-rewrite"));
        } catch (JedisDataException e) {
            return false;
        }
    }

    /** Notices if Redis was told to write less often. Called now and then. */
    void checkDurability() {
        Loaded current = loaded;
        if (current != null && current.durable() && !isDurable()) {
            Loaded unused = load();
        }
    }

    private static boolean startsWith(JedisDataException e, String word) {
        String message = e.getMessage();
        return message != null && message.startsWith(word);
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

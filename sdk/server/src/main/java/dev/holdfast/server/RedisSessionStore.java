package dev.holdfast.server;

import java.net.URI;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.ConnectionPoolConfig;
import redis.clients.jedis.DefaultJedisClientConfig;
import redis.clients.jedis.RedisClient;
import redis.clients.jedis.exceptions.JedisException;

/**
 * A session store in Redis 7 or later. Several servers, each with a store of its own, share the sessions. It must be a
 * single Redis, not a cluster: a step touches the session's keys and the index of all sessions.
 */
final class RedisSessionStore extends SessionStore {
    static final String PREFIX = "holdfast:";

    /** If a session is overdue for this long and still alive, another node holds it. */
    private static final long ELSEWHERE_NANOS = TimeUnit.SECONDS.toNanos(2);

    /** Clients stay with a node that does not reach Redis for this long. */
    private static final long UNREACHABLE_NANOS = TimeUnit.SECONDS.toNanos(5);

    /** The key of all sessions that are alive, ordered by when they expire. */
    static final String ALIVE = PREFIX + "alive";

    private static final Pattern SID = Pattern.compile("[0-9A-Za-z_-]{1,64}");
    private static final int NODE_BYTES = 8;
    private static final int MAX_CONNECTIONS = 16;
    private static final int DEFAULT_PORT = 6379;

    private final RedisClient redis;
    private final RedisScript script;
    private final RedisInbox inbox;
    private final RedisNodes nodes;

    /** The sessions that this node uses. */
    private final ConcurrentHashMap<String, Known> known = new ConcurrentHashMap<>();

    private final LongSupplier nanoTime;

    /** When Redis last wrote what this node asked. */
    private volatile long reachedAt;

    private record Known(ServerSession session, RedisSessionState state) {}

    RedisSessionStore(String address) {
        this(address, System::nanoTime);
    }

    /** @param nanoTime the clock that {@link #sweep} goes by, which has the beginning of {@link System#nanoTime} */
    RedisSessionStore(String address, LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
        this.reachedAt = nanoTime.getAsLong();
        ConnectionPoolConfig pool = new ConnectionPoolConfig();
        pool.setMaxTotal(MAX_CONNECTIONS);
        URI uri = withPort(URI.create(address));
        this.redis = RedisClient.builder()
                .hostAndPort(uri.getHost(), uri.getPort())
                .clientConfig(DefaultJedisClientConfig.builder(uri).build())
                .poolConfig(pool)
                .build();
        try {
            String unused = redis.ping();
        } catch (JedisException e) {
            redis.close();
            throw new IllegalStateException("no Redis answers at " + uri.getHost() + ":" + uri.getPort(), e);
        }
        String node = newNode();
        this.script = new RedisScript(redis, node, this::reached);
        this.nodes = new RedisNodes(redis, node);
        this.inbox = RedisInbox.open(uri, PREFIX + "node:" + node, this::told);
    }

    /** Returns the URI with a port: Jedis takes none without. */
    static URI withPort(URI uri) {
        if (uri.getPort() != -1) return uri;
        return URI.create(uri.getScheme() + "://" + uri.getRawAuthority() + ":" + DEFAULT_PORT + uri.getRawPath());
    }

    private static String newNode() {
        byte[] bytes = new byte[NODE_BYTES];
        new SecureRandom().nextBytes(bytes);
        return HexFormat.of().formatHex(bytes);
    }

    /** Applies what another node has done to a session that this node holds. */
    private void told(String word, String sid, String value) {
        nodes.told(word, sid, value);
        Known told = known.get(sid);
        if (told == null) {
            return;
        }
        switch (word) {
            case "appended" -> told.session().appended();
            case "taken" -> takenOver(told.session(), Long.parseLong(value));
            case "ended" -> over(told, "session " + value);
            default -> {
                // A word of a newer server.
            }
        }
    }

    private static void takenOver(ServerSession session, long fence) {
        ServerConnection connection = session.evict(fence);
        if (connection != null) {
            connection.takenOver();
        }
    }

    private static void over(Known what, String closeReason) {
        what.state().hasEnded();
        ServerConnection connection = what.session().evict(Long.MAX_VALUE);
        if (connection != null) {
            connection.shut(CloseCodes.GOING_AWAY, closeReason);
        }
    }

    @Override
    public int size() {
        return Math.toIntExact(redis.zcount(ALIVE, Long.toString(System.currentTimeMillis()), "+inf"));
    }

    @Override
    public Collection<ServerSession> sessions() {
        List<ServerSession> sessions = new ArrayList<>();
        for (String sid : redis.zrange(ALIVE, 0, -1)) {
            ServerSession session = find(sid);
            if (session != null && session.alive()) {
                sessions.add(session);
            }
        }
        return sessions;
    }

    @Override
    public @Nullable ServerSession find(String sid) {
        Known here = known.get(sid);
        if (here != null) {
            return here.session();
        }
        RedisSessionState state = SID.matcher(sid).matches() ? RedisSessionState.load(script, sid) : null;
        return state == null ? null : know(state);
    }

    /** Returns the one object of each session, so that there is one lane. */
    private ServerSession know(RedisSessionState state) {
        return known.computeIfAbsent(state.sid(), sid -> new Known(new ServerSession(state), state))
                .session();
    }

    @Override
    ServerSession create(NewSession wanted) {
        return know(RedisSessionState.create(script, wanted));
    }

    @Override
    void forget(ServerSession session) {
        Known forgotten = known.remove(session.sid());
        if (forgotten != null) {
            forgotten.state().delete();
        }
    }

    /** Drops the session from this node only: Redis keeps the rest of an ended session for a while. */
    @Override
    void retire(ServerSession session) {
        known.remove(session.sid());
    }

    @Override
    void sweep() {
        long begin = nanoTime.getAsLong();
        try {
            sweep(begin);
            reached();
        } catch (JedisException e) {
            // The next sweep does what this one could not. It may have begun before Redis could be reached again.
            if (nanoTime.getAsLong() - reachedAt > UNREACHABLE_NANOS) letGo();
        }
    }

    private void reached() {
        reachedAt = nanoTime.getAsLong();
    }

    /** Closes the connections: another node may reach Redis, and this one can neither deliver nor handle anything. */
    private void letGo() {
        for (Known one : known.values()) {
            ServerConnection connection = one.session().evict(Long.MAX_VALUE);
            if (connection != null) {
                connection.shut(CloseCodes.INTERNAL_ERROR, "the sessions are out of reach");
            }
        }
    }

    private void sweep(long now) {
        script.checkDurability();
        redis.zremrangeByScore(ALIVE, "-inf", Long.toString(System.currentTimeMillis()));
        for (Known one : known.values()) {
            long fence = one.session().fence();
            if (fence != 0) {
                renew(one, fence);
            } else {
                long idle = now - one.session().idleSince();
                sweepIdle(one, idle - TimeUnit.MILLISECONDS.toNanos(one.state().ttlMillis()));
            }
        }
    }

    /**
     * Ends an overdue session that has no connection here. The clock of Redis decides, and Redis learned a moment later
     * than this node that nobody holds the session. An open that already waits for its lane loads it again.
     */
    private void sweepIdle(Known one, long overdue) {
        if (overdue <= 0) {
            return;
        }
        one.state().endIfOverdue();
        if ((!one.session().alive() || overdue > ELSEWHERE_NANOS)
                && one.session().drop()) {
            retire(one.session());
        }
    }

    /** Renews the hold on a session. This also finds out what this node missed in its inbox. */
    private static void renew(Known one, long fence) {
        String reason = one.state().renew(fence);
        if (reason.isEmpty()) {
            one.session().appended();
        } else if (reason.equals("taken")) {
            takenOver(one.session(), fence + 1);
        } else {
            over(one, "session " + reason);
        }
    }

    @Override
    void endAll(String reason, String closeReason) {
        for (String sid : redis.zrange(ALIVE, 0, -1)) {
            // Also one that is not alive, as one of an older generation, which stays in the index until it is ended.
            ServerSession session = find(sid);
            if (session == null) continue;
            ServerConnection connection = session.end(reason);
            retire(session);
            if (connection != null) {
                connection.shut(CloseCodes.GOING_AWAY, closeReason);
            }
        }
    }

    @Override
    public void loseLogs() {
        endAll("epoch", "history lost");
    }

    @Override
    Nodes nodes() {
        return nodes;
    }

    @Override
    boolean isRemote() {
        return true;
    }

    @Override
    public void close() {
        inbox.close();
        redis.close();
    }
}

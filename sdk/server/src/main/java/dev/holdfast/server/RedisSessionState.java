package dev.holdfast.server;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.exceptions.JedisException;

/** A session in Redis: a record, a stream and a list. Only {@code session.lua} changes them. */
final class RedisSessionState implements SessionState {
    private static final String BEGINNING = "0-0";

    private final RedisScript script;
    private final String sid;
    private final String user;
    private final long ttlMillis;
    private final RedisMessageLog log = new RedisMessageLog(this);

    /** Whether the session has ended, as far as this node knows. */
    private volatile boolean ended;

    private RedisSessionState(RedisScript script, String sid, String user, long ttlMillis) {
        this.script = script;
        this.sid = sid;
        this.user = user;
        this.ttlMillis = ttlMillis;
    }

    static RedisSessionState create(RedisScript script, SessionStore.NewSession wanted) {
        RedisSessionState state = new RedisSessionState(
                script, wanted.sid(), wanted.user(), wanted.ttl().toMillis());
        state.run(
                "create",
                wanted.user(),
                wanted.keyHash(),
                Long.toString(wanted.ttl().toMillis()),
                Integer.toString(wanted.logLimit()));
        return state;
    }

    /** Loads the session of this name; returns null if there is none. */
    static @Nullable RedisSessionState load(RedisScript script, String sid) {
        List<?> found;
        try {
            found = RedisScript.list(script.run("load", sid, List.of()));
        } catch (RedisScript.GoneException e) {
            return null;
        }
        RedisSessionState state = new RedisSessionState(
                script, sid, RedisScript.text(found.get(0)), Long.parseLong(RedisScript.text(found.get(1))));
        state.ended = !RedisScript.text(found.get(2)).isEmpty();
        return state;
    }

    @Nullable
    Object run(String command, String... arguments) {
        List<byte[]> bytes = new ArrayList<>();
        for (String argument : arguments) {
            bytes.add(RedisScript.bytes(argument));
        }
        return script.run(command, sid, bytes);
    }

    @Override
    public String sid() {
        return sid;
    }

    @Override
    public String user() {
        return user;
    }

    @Override
    public MessageLog log() {
        return log;
    }

    long ttlMillis() {
        return ttlMillis;
    }

    @Override
    public boolean isAlive() {
        return !ended;
    }

    /** Notes that the session has ended, as reported to this node. */
    void hasEnded() {
        ended = true;
    }

    @Override
    public String append(StreamMessage message) {
        List<?> reply;
        try {
            reply = RedisScript.list(script.run(
                    "append",
                    sid,
                    List.of(RedisScript.bytes(RedisMessages.kind(message)), RedisMessages.value(message))));
        } catch (RedisScript.GoneException e) {
            ended = true;
            return BEGINNING;
        }
        if (!RedisScript.text(reply.get(1)).isEmpty()) {
            ended = true;
        }
        return RedisScript.text(reply.get(0));
    }

    @Override
    public boolean isOwner(String claimant, String keyHash) {
        try {
            List<?> found = RedisScript.list(run("load"));
            List<String> keyHashes = List.of(RedisScript.text(found.get(3)), RedisScript.text(found.get(4)));
            return ResumeKeys.isAmong(keyHash, keyHashes) && user.equals(claimant);
        } catch (RedisScript.GoneException e) {
            ended = true;
            return false;
        }
    }

    @Override
    public Claim claim(String claimant, String keyHash, String nextKeyHash, @Nullable String last) {
        List<?> reply;
        try {
            if (!isOwner(claimant, keyHash)) {
                return new Claim.Unknown();
            }
            String wanted = last == null ? BEGINNING : last;
            // A value that cannot be a position counts as after all existing positions.
            String position = log.isPosition(wanted) ? wanted : "999999999999999-0";
            reply = RedisScript.list(run("claim", keyHash, nextKeyHash, position));
        } catch (RedisScript.GoneException e) {
            ended = true;
            return new Claim.Unknown();
        }
        return switch (RedisScript.text(reply.get(0))) {
            case "granted" ->
                new Claim.Granted(
                        number(reply.get(1)),
                        last == null ? BEGINNING : last,
                        RedisScript.text(reply.get(2)),
                        number(reply.get(3)),
                        orNull(RedisScript.text(reply.get(4))));
            case "refused" -> {
                ended = true;
                yield new Claim.Refused(RedisScript.text(reply.get(1)), number(reply.get(2)));
            }
            default -> new Claim.Unknown();
        };
    }

    private static @Nullable String orNull(String text) {
        return text.isEmpty() ? null : text;
    }

    private static long number(@Nullable Object reply) {
        return Long.parseLong(RedisScript.text(reply));
    }

    @Override
    public boolean isNewest(long fence) {
        try {
            return RedisScript.text(run("fence")).equals(Long.toString(fence));
        } catch (RedisScript.GoneException e) {
            ended = true;
            return true;
        }
    }

    @Override
    public void confirmKey(long fence) {
        try {
            Object unused = run("confirm", Long.toString(fence));
        } catch (RedisScript.GoneException e) {
            ended = true;
        }
    }

    @Override
    public @Nullable List<String> handled(long fence, long seq, List<StreamMessage> outcome) {
        List<byte[]> arguments = new ArrayList<>();
        arguments.add(RedisScript.bytes(Long.toString(fence)));
        arguments.add(RedisScript.bytes(Long.toString(seq)));
        for (StreamMessage message : outcome) {
            arguments.add(RedisScript.bytes(RedisMessages.kind(message)));
            arguments.add(RedisMessages.value(message));
        }
        Object reply;
        try {
            reply = script.run("handled", sid, arguments);
        } catch (RedisScript.GoneException e) {
            ended = true;
            return null;
        }
        if (reply == null) {
            return null;
        }
        List<String> ids = new ArrayList<>();
        RedisScript.list(reply).forEach(id -> ids.add(RedisScript.text(id)));
        return ids;
    }

    @Override
    public Acknowledged acknowledged(long fence, String position) {
        if (!log.isPosition(position)) {
            return Acknowledged.FOREIGN;
        }
        try {
            return Acknowledged.valueOf(RedisScript.text(run("acknowledged", Long.toString(fence), position)));
        } catch (RedisScript.GoneException e) {
            ended = true;
            return Acknowledged.FENCED;
        }
    }

    @Override
    public boolean release(long fence) {
        try {
            Object unused = run("release", Long.toString(fence));
        } catch (RedisScript.GoneException e) {
            ended = true;
        } catch (JedisException e) {
            return false;
        }
        return true;
    }

    /**
     * Renews this node's hold on the session. Returns why the node does not hold it, or an empty string if it does:
     * {@code taken} if another connection has taken the session, even if it has ended since.
     */
    String renew(long fence) {
        try {
            List<?> reply = RedisScript.list(run("renew", Long.toString(fence)));
            String taken = RedisScript.text(reply.get(0));
            String reason = RedisScript.text(reply.get(1));
            ended |= !reason.isEmpty();
            return taken.isEmpty() ? reason : taken;
        } catch (RedisScript.GoneException e) {
            ended = true;
            return "unknown";
        }
    }

    /** Ends the session if no node has held it for too long. */
    void endIfOverdue() {
        try {
            ended = !RedisScript.text(run("overdue")).isEmpty();
        } catch (RedisScript.GoneException e) {
            ended = true;
        }
    }

    /** Deletes the session from Redis. No later resume learns why it ended. */
    void delete() {
        try {
            Object unused = run("delete");
        } catch (RedisScript.GoneException e) {
            // The session was forgotten already.
        }
        ended = true;
    }

    @Override
    public void end(String reason) {
        try {
            Object unused = run("finish", reason);
        } catch (RedisScript.GoneException e) {
            // The session has already ended.
        }
        ended = true;
    }

    @Override
    public boolean end(long fence, String reason) {
        boolean done;
        try {
            done = RedisScript.text(run("finish", reason, Long.toString(fence))).equals("OK");
        } catch (RedisScript.GoneException e) {
            // The session has already ended.
            done = true;
        }
        ended |= done;
        return done;
    }
}

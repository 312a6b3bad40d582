package dev.holdfast.server;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** A {@link MessageLog} in a Redis stream, whose ids are also the log's ids. */
final class RedisMessageLog implements MessageLog {
    private static final Pattern POSITION = Pattern.compile("(0|[1-9]\\d{0,14})-(0|[1-9]\\d{0,14})");

    private final RedisSessionState state;

    RedisMessageLog(RedisSessionState state) {
        this.state = state;
    }

    @Override
    public String append(StreamMessage message) {
        return state.append(message);
    }

    @Override
    public Read readAfter(String position, int limit) {
        if (!isPosition(position)) {
            return new Read(Place.FOREIGN, List.of());
        }
        List<?> reply;
        try {
            reply = RedisScript.list(
                    state.run("read", position, Integer.toString(limit), Integer.toString(MAX_READ_BYTES)));
        } catch (RedisScript.GoneException e) {
            return new Read(Place.FOREIGN, List.of());
        }
        List<Entry> entries = new ArrayList<>();
        for (Object entry : RedisScript.list(reply.get(1))) {
            entries.add(entry(RedisScript.list(entry)));
        }
        return new Read(Place.valueOf(RedisScript.text(reply.get(0))), entries);
    }

    private static Entry entry(List<?> idAndFields) {
        List<?> fields = RedisScript.list(idAndFields.get(1));
        return new Entry(
                RedisScript.text(idAndFields.get(0)),
                RedisMessages.read(RedisScript.text(fields.get(0)), (byte[]) fields.get(1)));
    }

    @Override
    public int trimThrough(String position) {
        return isPosition(position) ? Math.toIntExact(RedisScript.number(state.run("trim", position))) : 0;
    }

    @Override
    public String lastId() {
        return RedisScript.text(state.run("last"));
    }

    @Override
    public Place locate(String position) {
        return isPosition(position) ? Place.valueOf(RedisScript.text(state.run("locate", position))) : Place.FOREIGN;
    }

    @Override
    public int size() {
        try {
            return Math.toIntExact(RedisScript.number(state.run("size")));
        } catch (RedisScript.GoneException e) {
            return 0;
        }
    }

    @Override
    public boolean isPosition(String candidate) {
        return POSITION.matcher(candidate).matches();
    }

    @Override
    public int compare(String left, String right) {
        long[] one = numbers(left);
        long[] other = numbers(right);
        return one[0] == other[0] ? Long.compare(one[1], other[1]) : Long.compare(one[0], other[0]);
    }

    private static long[] numbers(String position) {
        Matcher matcher = POSITION.matcher(position);
        if (!matcher.matches()) {
            throw new IllegalArgumentException("not of this log: " + position);
        }
        return new long[] {number(matcher.group(1)), number(matcher.group(2))};
    }

    private static long number(@Nullable String digits) {
        return digits == null ? 0 : Long.parseLong(digits);
    }
}

package dev.holdfast.testkit;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The state of a resumable session at a server in memory. */
final class ServerSession {
    final String sid;
    /** The starting position. */
    final String start;

    private final String prefix;
    private final List<TestFrame> log = new ArrayList<>();
    /** The seqs of rejections that the client has not acknowledged, by the number of their entries, oldest first. */
    private final Map<Integer, Long> rejections = new LinkedHashMap<>();

    String key = "";
    /** The key of the newest open, good until the client has sent something more; null behind that. */
    @Nullable
    String usedKey;

    /** The highest seq that is dealt with. */
    long dealtWith;
    /** The highest seq that was acknowledged. */
    long acknowledged;
    /** How many entries the attached connection has. */
    int sent;

    @Nullable
    MemoryConnection attached;
    /** Why the next open does not resume; null while it would. */
    @Nullable
    String endedBecause;

    /** @param prefix what ids begin with */
    ServerSession(String sid, String prefix) {
        this.sid = sid;
        this.prefix = prefix;
        this.start = prefix + 0;
    }

    boolean opensWith(String offered) {
        return offered.equals(key) || offered.equals(usedKey);
    }

    String nextId() {
        return prefix + (log.size() + 1);
    }

    void append(TestFrame entry) {
        log.add(entry);
    }

    /** Says that the next entry rejects a message. */
    void rejected(long seq) {
        rejections.put(log.size() + 1, seq);
    }

    /** Sends what the attached connection does not have. */
    void flush() {
        MemoryConnection connection = attached;
        if (connection == null) return;
        while (sent < log.size()) connection.serverSends(log.get(sent++));
    }

    /** Returns how many entries lie up to a position; -1 if the log never gave it. */
    int position(String id) {
        if (!id.startsWith(prefix)) return -1;
        try {
            int number = Integer.parseInt(id.substring(prefix.length()));
            return number < 0 || number > log.size() ? -1 : number;
        } catch (NumberFormatException e) {
            return -1;
        }
    }

    void onAck(String last) throws ResumeRules.Refusal {
        int position = position(last);
        if (position < 0 || position > sent) throw new ResumeRules.Refusal("ack of " + last + ", which was never sent");
        rejections.keySet().removeIf(entry -> entry <= position);
    }

    /** The messages that a lost session may count as acknowledged. A rejection that is lost as well does not count. */
    long dealtWithBeforeRejections() {
        for (long seq : rejections.values()) return seq - 1;
        return dealtWith;
    }

    void end(String reason) {
        endedBecause = reason;
    }
}

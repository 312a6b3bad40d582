package dev.holdfast.simulation;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** The model server's state of one session. */
final class ServerSession {
    /** An entry of the log: a message or a refusal, as it goes over the wire. */
    static final class Entry {
        final String id;
        final Item item;

        Entry(String id, Item item) {
            this.id = id;
            this.item = item;
        }
    }

    final String sid;
    String key;
    String oldKey;
    private final List<Entry> log = new ArrayList<>();
    /** How many entries of the stream are gone from the front of the log. */
    private int trimmed;

    private String trimmedThrough;
    /** The client's messages that were dealt with, in the order of their seqs. */
    private final List<Long> numbers = new ArrayList<>();

    private final List<Long> lost = new ArrayList<>();
    /** The last seq that was refused. */
    private long refusedThrough;

    private int acknowledgedEntries;

    long messages;
    boolean ackScheduled;
    /** The newest acknowledgement left something out. */
    boolean acknowledgesLess;

    SimConnection attached;
    /** The attached client knows how large a message may be. */
    boolean knowsMaxMessage;
    /** The attached client knows acknowledgements that this server has lost, so it must not go on with the session. */
    boolean doomed;
    /** The entries that were sent on the attached connection, or that the client has, counted over the whole stream. */
    private int sent;
    /** The number of entries after which {@code live} is due; -1 if it is not. */
    private int replayEnd = -1;

    /** Refused seqs by the ids of the refusals that the client has not acknowledged, oldest first. */
    final Map<String, Long> refusals = new LinkedHashMap<>();

    ServerSession(String sid) {
        this.sid = sid;
        this.trimmedThrough = sid + "-0";
    }

    // ---- the stream from the client ----

    /** The last seq that was dealt with. */
    long handled() {
        return numbers.size();
    }

    /** The last seq that may be acknowledged: one that was refused not before the refusal was sent. */
    long acknowledged() {
        for (Map.Entry<String, Long> refusal : refusals.entrySet()) {
            if (position(refusal.getKey()) > sent - trimmed) return refusal.getValue() - 1;
        }
        return handled();
    }

    void handle(long number) {
        numbers.add(number);
        lost.remove((Long) number);
    }

    void refuse(long number, String refusal) {
        numbers.add(number);
        lost.remove((Long) number);
        refusedThrough = numbers.size();
        refusals.put(refusal, refusedThrough);
    }

    /** Forgets the newest messages, but none that it refused: the refusal is in the log. Returns what was forgotten. */
    List<Long> rollBack(long count) {
        List<Long> forgotten = numbers.subList((int) Math.max(refusedThrough, handled() - count), numbers.size());
        List<Long> copy = new ArrayList<>(forgotten);
        lost.addAll(forgotten);
        forgotten.clear();
        return copy;
    }

    /** What was rolled back and not handled again since. */
    List<Long> lost() {
        return lost;
    }

    // ---- the stream to the client ----

    String nextId() {
        return sid + "-" + (trimmed + log.size() + 1);
    }

    void append(String id, Item item) {
        log.add(new Entry(id, item));
    }

    String lastId() {
        return log.isEmpty() ? trimmedThrough : log.get(log.size() - 1).id;
    }

    /** How many entries of the log the client has; negative if the log no longer reaches back so far. */
    int position(String last) {
        if (last == null) throw new Violation("client resumed without its position");
        if (last.equals(trimmedThrough)) return 0;
        for (int i = 0; i < log.size(); i++) {
            if (log.get(i).id.equals(last)) return i + 1;
        }
        if (!isTrimmed(last)) throw new Violation("client names " + last + ", never sent in its session");
        return -1;
    }

    /** Returns the id of the entry after this one, if the attached client was sent it; otherwise the same id. */
    String nextSent(String id) {
        for (int i = 0; i + 1 < log.size() && attached != null && i + 1 < sent - trimmed; i++) {
            if (log.get(i).id.equals(id)) return log.get(i + 1).id;
        }
        return id;
    }

    /** The client has acknowledged the first entries of the log. */
    void acknowledgedEntries(int count) {
        acknowledgedEntries = Math.max(acknowledgedEntries, trimmed + count);
    }

    /** Whether the client has acknowledged an entry after this one. */
    boolean hasAcknowledged(String last) {
        return Long.parseLong(last.substring(sid.length() + 1)) < acknowledgedEntries;
    }

    private boolean isTrimmed(String id) {
        if (!id.startsWith(sid + "-")) return false;
        String number = id.substring(sid.length() + 1);
        return number.chars().allMatch(Character::isDigit) && Long.parseLong(number) <= trimmed;
    }

    List<Entry> entries(int count) {
        return log.subList(0, count);
    }

    /** Forgets the first entries of the log. */
    void trim(int count) {
        if (count == 0) return;
        trimmedThrough = log.get(count - 1).id;
        trimmed += count;
        log.subList(0, count).clear();
    }

    /** Forgets what the client has not acknowledged, though nothing that an attached one has not been sent. */
    void trimAll() {
        trim(attached == null ? log.size() : sent - trimmed);
    }

    /** The attached connection has the first entries of the log, and {@code live} follows the rest. */
    void attach(SimConnection connection, int position) {
        attached = connection;
        doomed = false;
        sent = trimmed + position;
        replayEnd = trimmed + log.size();
    }

    /**
     * Sends what the client does not have.
     *
     * @param window how many entries may be unacknowledged
     * @param live called when {@code live} is due
     */
    void flush(int window, Consumer<SimConnection> live) {
        if (attached == null) return;
        while (sent - trimmed < Math.min(window, log.size())) attached.serverSends(log.get(sent++ - trimmed).item);
        if (replayEnd >= 0 && sent >= replayEnd) {
            replayEnd = -1;
            live.accept(attached);
        }
    }

    @Override
    public String toString() {
        return sid + ": " + handled() + " handled, " + acknowledged() + " acknowledged, log from " + (trimmed + 1)
                + " to " + (trimmed + log.size()) + ", " + sent + " sent over " + attached;
    }
}

package dev.holdfast.internal.session;

import dev.holdfast.Outcome;
import dev.holdfast.Outcome.Reason;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The messages that the server acknowledges one by one, each by an id of its own, from when they are handed to a connection
 * until they have their outcome. A message that may be sent more than once goes out again, in the order in which these
 * messages were first sent, if its connection is lost or its time has passed. Without another try its outcome is unknown. A
 * {@link Packet#request} goes out again on another connection alone, and one time limit holds for all its tries.
 *
 * <p>Not thread-safe.
 */
final class AwaitedAcks {
    private static final int MAX_MESSAGES = 65_536;
    private static final long MAX_BYTES = 16 * 1024 * 1024;

    /** A message, with what was done to get it acknowledged. */
    private static final class Entry {
        final Outbound message;
        final Packet packet;
        int sent;
        /** Whether it is in {@code again}. */
        boolean waits;

        long due = SessionMachine.NEVER;

        Entry(Outbound message, Packet packet) {
            this.message = message;
            this.packet = packet;
        }
    }

    /** All messages without an outcome, oldest first. Made for the first one: many protocols have none. */
    private Map<Long, Entry> entries = Collections.emptyMap();
    /** Those of {@code entries} that go out again. */
    private Set<Entry> again = Collections.emptySet();

    /** Whether {@code entries} was made. It is kept when it is empty: most messages wait alone. */
    private boolean isUsed;

    private long bytes;
    /** No entry is due before this time. It may be too early, since it stays when an entry is removed. */
    private long due = SessionMachine.NEVER;

    boolean isEmpty() {
        return entries.isEmpty();
    }

    /** Returns whether another message may be handed to the connection. */
    boolean hasRoom() {
        return entries.size() < MAX_MESSAGES && bytes < MAX_BYTES;
    }

    /** Returns whether a message waits for that acknowledgement. */
    boolean has(long ackId) {
        return entries.containsKey(ackId);
    }

    /** Returns the next message to send again on this connection, null if there is none. Ends those that were given up. */
    @Nullable
    Outbound nextToResend(List<Effect> out) {
        while (!again.isEmpty()) {
            Entry first = again.iterator().next();
            if (!first.message.isGivenUp()) return first.message;
            abandon(first.packet.ackId(), out);
        }
        return null;
    }

    /** Records that a message was handed to the connection: the next one to send again, or a new one, whose id must be free. */
    void handedOver(Outbound message, long now) {
        Packet packet = message.payload().packet();
        if (packet == null || packet.ackId() == 0) return;
        Entry entry = entries.get(packet.ackId());
        if (entry == null) {
            entry = new Entry(message, packet);
            if (!isUsed) entries = new LinkedHashMap<>();
            isUsed = true;
            entries.put(packet.ackId(), entry);
            bytes += message.bytes();
        } else if (entry.message != message) {
            // Otherwise one of the two would never have an outcome.
            throw new IllegalStateException("two messages wait for the acknowledgement " + packet.ackId());
        } else if (entry.waits) {
            again.remove(entry);
            entry.waits = false;
        }
        entry.sent++;
        if (packet.ackTimeoutNanos() > 0 && (entry.sent == 1 || !packet.endsInTime())) {
            entry.due = now + packet.ackTimeoutNanos();
            due = Math.min(due, entry.due);
        }
    }

    /** Ends the message that the server acknowledges. Returns false if none of that id waits for it. */
    boolean acknowledge(long ackId, List<Effect> out) {
        Entry entry = entries.get(ackId);
        if (entry == null) return false;
        end(
                ackId,
                entry.sent == 1
                        ? Outcome.acknowledged()
                        : Outcome.acknowledged(
                                "sent " + entry.sent + " times: the server may have handled it more than once"),
                out);
        return true;
    }

    /** Ends a message that the application no longer wants. */
    void abandon(long ackId, List<Effect> out) {
        end(ackId, Outcome.unknown(Reason.GIVEN_UP, "given up before it was acknowledged"), out);
    }

    /** Ends a message, if one of that id waits for its acknowledgement. */
    void end(long ackId, Outcome outcome, List<Effect> out) {
        Entry entry = entries.remove(ackId);
        if (entry == null) return;
        forget(entry);
        entry.message.end(outcome, out);
    }

    private void forget(Entry entry) {
        bytes -= entry.message.bytes();
        if (entry.waits) again.remove(entry);
    }

    /** Returns when {@link #expire} is due. */
    long due() {
        return due;
    }

    /** Handles the messages whose time has passed. */
    void expire(long now, List<Effect> out) {
        if (now < due) return;
        due = SessionMachine.NEVER;
        for (Iterator<Entry> each = entries.values().iterator(); each.hasNext(); ) {
            Entry entry = each.next();
            if (entry.due <= now) {
                entry.due = SessionMachine.NEVER;
                if (entry.packet.endsInTime() || !retry(entry)) {
                    each.remove();
                    forget(entry);
                    String tries = entry.sent == 1 ? "" : ", sent " + entry.sent + " times";
                    entry.message.end(
                            Outcome.unknown(Reason.NOT_ACKNOWLEDGED, "no acknowledgement in time" + tries), out);
                }
            }
            due = Math.min(due, entry.due);
        }
    }

    /** Makes a message go out again, if it may. */
    private boolean retry(Entry entry) {
        if (entry.waits) return true;
        if (entry.sent >= entry.packet.tries() || entry.message.isGivenUp()) return false;
        entry.waits = true;
        if (again.isEmpty()) again = new LinkedHashSet<>();
        again.add(entry);
        return true;
    }

    /** Makes everything that may be sent again due on the next connection, and ends the rest. */
    void connectionLost(List<Effect> out) {
        due = SessionMachine.NEVER;
        again.clear();
        for (Entry entry : new ArrayList<>(entries.values())) {
            entry.waits = false;
            if (!entry.packet.endsInTime()) entry.due = SessionMachine.NEVER;
            if (retry(entry)) {
                due = Math.min(due, entry.due);
                continue;
            }
            entries.remove(entry.packet.ackId());
            bytes -= entry.message.bytes();
            entry.message.end(
                    entry.message.isGivenUp()
                            ? Outcome.unknown(Reason.GIVEN_UP, "given up before it was acknowledged")
                            : Outcome.unknown(
                                    Reason.CONNECTION_LOST, "the connection was lost before it was acknowledged"),
                    out);
        }
    }

    /** Ends every message, because the client ends. */
    void cancel(List<Effect> out) {
        for (Entry entry : entries.values()) {
            entry.message.end(
                    Outcome.unknown(Reason.CLIENT_CLOSED, "the client ended before it was acknowledged"), out);
        }
        entries.clear();
        again.clear();
        bytes = 0;
        due = SessionMachine.NEVER;
    }
}

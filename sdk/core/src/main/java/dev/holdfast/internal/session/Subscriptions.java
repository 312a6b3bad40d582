package dev.holdfast.internal.session;

import dev.holdfast.internal.text.Printable;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.LongPredicate;
import org.jspecify.annotations.Nullable;

/**
 * The subscriptions of a client: which of them must be sent on this connection, the newest cursor of each, and the answers
 * that they wait for. What the application receives of them goes through {@link SessionStream}, in one order with everything
 * else.
 *
 * <p>Not thread-safe.
 */
final class Subscriptions {
    private static final int MAX_SUBSCRIPTIONS = 1024;
    /** The cursors that each subscription remembers to detect duplicates. */
    private static final int REMEMBERED_CURSORS = 256;

    /** A subscription, with its state on the current connection. */
    static final class Entry {
        final Subscription subscription;
        final RecentIds received = new RecentIds(REMEMBERED_CURSORS);
        /** The name under which its cursor is stored, null if it is not. */
        @Nullable
        String storeName;

        @Nullable
        String cursor;
        /** Whether the start packet was handed to this connection, and whether it had a cursor. */
        boolean sent;

        boolean sentWithCursor;
        /** The start packets that this connection was given and has not written. */
        int unwritten;
        /** The id of the answer that it waits for, 0 for none. */
        long ackId;

        long ackDue = SessionMachine.NEVER;

        Entry(Subscription subscription, @Nullable String storeName, @Nullable String cursor) {
            this.subscription = subscription;
            this.storeName = storeName;
            this.cursor = cursor;
        }
    }

    private final StoredCursors cursors;
    // The collections are made when they get content: a client without subscriptions takes no memory for them.

    private Map<String, Entry> entries = Collections.emptyMap();
    /** Those of {@code entries} whose start packet must be sent. */
    private Set<Entry> due = Collections.emptySet();
    /** Those of {@code entries} that wait for an answer, by its id. */
    private Map<Long, Entry> awaited = Collections.emptyMap();
    /** The start packet of the first entry that is due; null if it was not made yet. */
    private @Nullable Packet next;
    /** The reports of failures that the application has not received. */
    private List<Payload> reports = new ArrayList<>(0);
    /** No answer is overdue before this time. It may be too early, since it stays when an answer comes. */
    private long ackDue = SessionMachine.NEVER;

    /** Whether a message waits for an acknowledgement of that id. */
    private final LongPredicate taken;

    /**
     * Creates a client's subscriptions, of which there are none yet.
     *
     * @param storesCursors whether there is a store for their cursors
     * @param taken returns whether a message waits for an acknowledgement of that id
     */
    Subscriptions(boolean storesCursors, LongPredicate taken) {
        this.cursors = new StoredCursors(storesCursors);
        this.taken = taken;
    }

    /** Returns the cursors that a store keeps. */
    StoredCursors cursors() {
        return cursors;
    }

    // ---- requests of the application ----

    /**
     * Adds a subscription, whose name must be free. Without room for it, it fails.
     *
     * @param start the cursor after which it begins if the store has none; null for the present
     */
    void add(Subscription subscription, @Nullable String start) {
        String storeName = cursors.nameOf(subscription);
        if (storeName != null && cursors.isOpen(storeName)) takeFromEnded(storeName);
        if (entries.size() >= MAX_SUBSCRIPTIONS) {
            fail(subscription, "there are " + MAX_SUBSCRIPTIONS + " subscriptions already");
            return;
        }
        if (storeName != null && cursors.isOpen(storeName)) {
            fail(subscription, "another subscription has the store name " + Printable.value(storeName));
            return;
        }
        String stored = storeName == null ? null : cursors.open(storeName);
        String cursor = stored == null ? start : stored;
        Entry entry = new Entry(subscription, storeName, cursor);
        if (cursor != null) entry.received.add(cursor);
        if (entries.isEmpty()) {
            entries = new LinkedHashMap<>();
            due = new LinkedHashSet<>(1);
            awaited = new LinkedHashMap<>();
        }
        entries.put(subscription.name(), entry);
        due.add(entry);
    }

    /** Frees a store name whose subscription the application has ended, and that is still here for its answer. */
    private void takeFromEnded(String storeName) {
        for (Entry entry : entries.values()) {
            if (!storeName.equals(entry.storeName) || !entry.subscription.isOver()) continue;
            entry.storeName = null;
            cursors.close(storeName, true);
        }
    }

    /**
     * Takes over what an earlier process has stored, the cursor that was used the longest ago first. A subscription that was
     * added before goes on after its cursor.
     */
    void restore(Map<String, String> stored) {
        cursors.restore(stored);
        for (Entry entry : entries.values()) {
            String cursor = entry.storeName == null ? null : stored.get(entry.storeName);
            if (cursor == null) continue;
            entry.cursor = cursor;
            entry.received.add(cursor);
            if (first() == entry) next = null;
        }
    }

    private void fail(Subscription subscription, String why) {
        subscription.removed();
        reports.add(subscription.failed(new IllegalStateException(why)));
    }

    /**
     * Removes a subscription that the application no longer wants. The store keeps its cursor. Returns it if its start packet was
     * handed to this connection, and null otherwise.
     */
    @Nullable
    Subscription remove(String name) {
        return remove(name, true);
    }

    /** Removes a subscription that has ended by itself. Messages that have come before are still handled. */
    void removeEnded(String name) {
        Entry entry = entries.get(name);
        if (entry == null) return;
        remove(name, false);
        entry.subscription.removed();
    }

    private @Nullable Subscription remove(String name, boolean unwanted) {
        Entry entry = entries.remove(name);
        if (entry == null) return null;
        if (entry.storeName != null) cursors.close(entry.storeName, unwanted);
        answered(entry);
        if (first() == entry) next = null;
        due.remove(entry);
        return entry.sent ? entry.subscription : null;
    }

    // ---- to the connection ----

    /** Returns whether {@link #takeReports} has something. */
    boolean hasReports() {
        return !reports.isEmpty();
    }

    /** Returns the reports of failures that the application must receive. */
    List<Payload> takeReports() {
        List<Payload> taken = reports;
        reports = new ArrayList<>();
        return taken;
    }

    /** Makes all subscriptions due: the session is a new one. */
    void newSession() {
        next = null;
        due.clear();
        due.addAll(entries.values());
    }

    /** Returns whether a start packet must be sent. Called for every message sent, so it costs nothing if none must. */
    boolean isDue() {
        return !due.isEmpty();
    }

    private @Nullable Entry first() {
        return due.isEmpty() ? null : due.iterator().next();
    }

    /** Returns the next start packet, null if none is due. Ends subscriptions whose packet cannot be made. */
    @Nullable
    Packet peek() {
        for (Entry entry; next == null && (entry = first()) != null; ) {
            try {
                Packet packet = entry.subscription.start(entry.cursor);
                requireFree(packet.ackId(), entry);
                next = packet;
            } catch (Throwable t) {
                removeEnded(entry.subscription.name());
                reports.add(entry.subscription.failed(t));
            }
        }
        return next;
    }

    /**
     * Checks that no other start packet and no message waits for that answer: one of the two would never have it.
     *
     * @throws IllegalStateException if one does
     */
    private void requireFree(long ackId, Entry entry) {
        Entry other = ackId == 0 ? null : awaited.get(ackId);
        if ((other != null && other != entry) || (ackId != 0 && taken.test(ackId))) {
            throw new IllegalStateException(inUse(ackId));
        }
    }

    /** Returns whether a start packet waits for that answer. */
    boolean awaits(long ackId) {
        return !awaited.isEmpty() && awaited.containsKey(ackId);
    }

    /** Returns what is wrong with an id for whose answer something waits. */
    static String inUse(long ackId) {
        return "another message or subscription waits for the answer " + ackId;
    }

    /** Records that the packet that {@link #peek} returned is handed to the connection. Returns its subscription. */
    Entry handOver(long now) {
        Entry entry = first();
        Packet packet = next;
        if (entry == null || packet == null) throw new IllegalStateException("no subscription is due");
        due.remove(entry);
        next = null;
        answered(entry);
        entry.sent = true;
        entry.sentWithCursor = entry.cursor != null;
        entry.unwritten++;
        entry.subscription.handedOver();
        if (packet.ackId() != 0) {
            entry.ackId = packet.ackId();
            awaited.put(entry.ackId, entry);
            if (packet.ackTimeoutNanos() > 0) {
                entry.ackDue = now + packet.ackTimeoutNanos();
                ackDue = Math.min(ackDue, entry.ackDue);
            }
        }
        return entry;
    }

    /** Handles the loss of the connection. A start packet that the server may not have received is due on the next one. */
    void connectionLost() {
        next = null;
        for (Entry entry : entries.values()) {
            if (entry.unwritten > 0 || entry.ackId != 0) due.add(entry);
            answered(entry);
            entry.sent = false;
            entry.sentWithCursor = false;
            entry.unwritten = 0;
        }
        ackDue = SessionMachine.NEVER;
    }

    // ---- from the server ----

    boolean has(String name) {
        return entries.containsKey(name);
    }

    /** Returns the subscription whose messages the application may receive: one that only waits for its end has none. */
    @Nullable
    Entry withMessages(String name) {
        Entry entry = entries.get(name);
        return entry == null || entry.subscription.endsWithAnswer() ? null : entry;
    }

    /** Records a message. Returns false for a duplicate. */
    boolean receive(Entry entry, @Nullable String cursor) {
        if (cursor == null) return true;
        if (!entry.received.add(cursor)) return false;
        entry.cursor = cursor;
        // The packet that waits was made from an older one.
        if (first() == entry) next = null;
        return true;
    }

    /** Returns what the protocol receives of a message that {@link #receive} has not taken, null for nothing. */
    static @Nullable Payload duplicate(Entry entry, Payload message) {
        return entry.subscription.duplicate(message);
    }

    /**
     * Returns the place of a message that {@link #receive} has taken, null if its subscription has no store name. The place alone
     * decides whether the application receives the message, also without a store, where it moves no cursor.
     *
     * @param cost bytes of the message
     */
    @Nullable
    CursorMark mark(Entry entry, @Nullable String cursor, boolean manual, long cost) {
        if (entry.storeName == null) return notStored(entry);
        return cursors.give(entry.subscription, entry.storeName, cursor, manual, cost);
    }

    private static @Nullable CursorMark notStored(Entry entry) {
        Subscription subscription = entry.subscription;
        return subscription.storeName() == null ? null : new CursorMark(subscription, null, false, false, 0);
    }

    /** Records the place of a message that the protocol's own code gives to the application, unless its subscription is removed. */
    void give(CursorMark mark) {
        Entry entry = entries.get(mark.subscription().name());
        if (entry == null || entry.subscription != mark.subscription() || entry.storeName == null) return;
        cursors.give(entry.storeName, mark);
    }

    /** Returns the place of the report of a gap, null if the subscription has no store name. See {@link #mark}. */
    @Nullable
    CursorMark markGap(String name) {
        Entry entry = entries.get(name);
        if (entry == null) return null;
        return entry.storeName == null ? notStored(entry) : cursors.giveGap(entry.subscription, entry.storeName);
    }

    /**
     * Drops the cursor of a subscription, and makes the subscription due if its start packet had one. Without that it would be
     * sent for as long as the server answers so.
     *
     * @return false if there is no such subscription
     */
    boolean dropCursor(String name) {
        Entry entry = entries.get(name);
        if (entry == null) return false;
        answered(entry);
        entry.cursor = null;
        // The server may count anew.
        entry.received.clear();
        if (first() == entry) next = null;
        if (entry.sentWithCursor) due.add(entry);
        entry.sentWithCursor = false;
        return true;
    }

    /** Handles the answer to a start packet. Returns false if no subscription waits for it. */
    boolean acknowledge(long ackId) {
        Entry entry = awaited.isEmpty() ? null : awaited.get(ackId);
        if (entry == null) return false;
        answered(entry);
        endWithAnswer(entry);
        return true;
    }

    private void endWithAnswer(Entry entry) {
        if (entry.subscription.endsWithAnswer()) removeEnded(entry.subscription.name());
    }

    private void answered(Entry entry) {
        if (entry.ackId != 0) awaited.remove(entry.ackId);
        entry.ackId = 0;
        entry.ackDue = SessionMachine.NEVER;
    }

    // ---- time ----

    /** Returns when {@link #expire} is due. */
    long due() {
        return ackDue;
    }

    /** Handles the answers that have not come in time. The subscriptions wait for them no longer. */
    void expire(long now) {
        if (now < ackDue) return;
        ackDue = SessionMachine.NEVER;
        for (Entry entry : new ArrayList<>(awaited.values())) {
            if (entry.ackDue <= now) {
                answered(entry);
                endWithAnswer(entry);
                reports.add(entry.subscription.unanswered());
            }
            ackDue = Math.min(ackDue, entry.ackDue);
        }
    }
}

package dev.holdfast.internal.session;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The cursors that a store keeps of subscriptions, by the names under which it keeps them. A cursor is that of the newest message
 * which the application has handled, together with all before it. It outlives the subscription. It goes when the application has
 * been told of a gap, or when there are too many: the one that was used the longest ago, of those without a subscription.
 *
 * <p>Not thread-safe.
 */
final class StoredCursors {
    static final int MAX_NAMES = 1024;
    static final int MAX_LENGTH = 1024;

    /** A cursor that was handled is stored at the latest after this time. */
    private static final long GROUP_NANOS = TimeUnit.MILLISECONDS.toNanos(200);

    private static final int MIN_COMPACTED = 1024;

    /** What is known of one name. */
    private static final class Place {
        final String name;
        /** The newest cursor that was handled, null for none. */
        @Nullable
        String cursor;

        boolean isOpen;
        /** The messages that the application was given and has not handled, with those that it handled out of turn. */
        final Deque<CursorMark> given = new ArrayDeque<>(1);

        int compactAt = MIN_COMPACTED;

        Place(String name) {
            this.name = name;
        }
    }

    private final boolean enabled;
    // Without a store these stay empty, and take no memory.

    /** In the order of their use. */
    private final Map<String, Place> places;
    /** Those of {@code places} whose application was given messages. */
    private final Set<Place> busy;
    /** The names whose cursor has changed since {@link #takeChanges}. */
    private final Set<String> changed;

    private long due = SessionMachine.NEVER;

    /** The messages whose bytes no longer count though the application has not acknowledged them. */
    private List<CursorMark> abandoned = Collections.emptyList();

    /** @param enabled whether there is a store */
    StoredCursors(boolean enabled) {
        this.enabled = enabled;
        this.places = enabled ? new LinkedHashMap<>(1, 0.75f, true) : Collections.emptyMap();
        this.busy = enabled ? new LinkedHashSet<>(1) : Collections.emptySet();
        this.changed = enabled ? new LinkedHashSet<>(1) : Collections.emptySet();
    }

    /** Returns the name under which a subscription's cursor is stored, null if it is not stored. */
    @Nullable
    String nameOf(Subscription subscription) {
        return enabled ? subscription.storeName() : null;
    }

    /** Takes over what an earlier process has stored, the cursor that was used the longest ago first. */
    void restore(Map<String, String> cursors) {
        if (enabled) cursors.forEach((name, cursor) -> place(name).cursor = cursor);
        evict();
    }

    private Place place(String name) {
        return places.computeIfAbsent(name, Place::new);
    }

    // ---- subscriptions ----

    boolean isOpen(String name) {
        Place place = places.get(name);
        return place != null && place.isOpen;
    }

    /**
     * Begins a subscription.
     *
     * @return the cursor after which it goes on, null if there is none. It is that of the newest message that the application has
     *     received, and not only of those that it has handled: nothing comes twice in one process
     */
    @Nullable
    String open(String name) {
        if (!enabled) return null;
        Place place = place(name);
        place.isOpen = true;
        cancelWaiting(place);
        place.given.forEach(this::abandon);
        String last = place.cursor;
        for (CursorMark mark : place.given) {
            if (mark.cursor != null) last = mark.cursor;
            if (mark.isGap) last = null;
        }
        evict();
        return last;
    }

    /**
     * Ends a subscription, and keeps its cursor.
     *
     * @param cancels whether the messages that the application does not have yet are kept from it
     */
    void close(String name, boolean cancels) {
        Place place = places.get(name);
        if (place == null) return;
        place.isOpen = false;
        if (!cancels) return;
        cancelWaiting(place);
        // An acknowledgement may still come, and moves the cursor. But nobody promises one.
        place.given.forEach(this::abandon);
    }

    private void abandon(CursorMark mark) {
        if (!mark.isUnacknowledged() || !mark.release()) return;
        if (abandoned.isEmpty()) abandoned = new ArrayList<>(1);
        abandoned.add(mark);
    }

    /** Returns the messages whose bytes must be released now, though the application has not acknowledged them. */
    List<CursorMark> takeAbandoned() {
        List<CursorMark> taken = abandoned;
        abandoned = Collections.emptyList();
        return taken;
    }

    /**
     * Keeps from the application what it does not have yet. The newest comes first: a callback that begins meanwhile has all
     * before it, and none behind it.
     */
    private static void cancelWaiting(Place place) {
        Iterator<CursorMark> newest = place.given.descendingIterator();
        while (newest.hasNext() && newest.next().cancel()) newest.remove();
    }

    /** Ends all subscriptions with the client. What the application does not have yet comes to the next process. */
    void end() {
        places.values().forEach(StoredCursors::cancelWaiting);
        looked();
    }

    private void evict() {
        Iterator<Map.Entry<String, Place>> oldest = places.entrySet().iterator();
        while (places.size() > MAX_NAMES && oldest.hasNext()) {
            Map.Entry<String, Place> entry = oldest.next();
            if (entry.getValue().isOpen) continue;
            if (entry.getValue().cursor != null) changed.add(entry.getKey());
            busy.remove(entry.getValue());
            oldest.remove();
        }
    }

    // ---- messages ----

    /** Records that a message goes to the application. Without a cursor, or with one that is too long, it moves nothing. */
    CursorMark give(Subscription subscription, String name, @Nullable String cursor, boolean manual, long cost) {
        return give(name, new CursorMark(subscription, fitting(cursor), false, manual, cost));
    }

    /** Returns a cursor that can be stored, null for none. */
    static @Nullable String fitting(@Nullable String cursor) {
        return cursor != null && cursor.length() <= MAX_LENGTH ? cursor : null;
    }

    /** Records that the report of a gap goes to the application, with which the cursor goes. */
    CursorMark giveGap(Subscription subscription, String name) {
        return give(name, new CursorMark(subscription, null, true, false, 0));
    }

    /** Records that the message or the report of a mark goes to the application. */
    CursorMark give(String name, CursorMark mark) {
        Place place = place(name);
        place.given.add(mark);
        busy.add(place);
        if (place.given.size() >= place.compactAt) compact(place);
        return mark;
    }

    /** Of what was handled one after another, behind a message that is not handled yet, only the newest cursor counts. */
    private static void compact(Place place) {
        Deque<CursorMark> kept = new ArrayDeque<>();
        for (CursorMark mark : place.given) {
            CursorMark before = kept.peekLast();
            boolean follows = before != null && before.isHandled() && mark.isHandled();
            boolean moves = mark.cursor != null || mark.isGap;
            if (follows && moves) kept.removeLast();
            if (!follows || moves) kept.add(mark);
        }
        place.given.clear();
        place.given.addAll(kept);
        place.compactAt = Math.max(MIN_COMPACTED, 2 * kept.size());
    }

    /** Records that the application has handled some of the messages given to it. */
    void handled(long now) {
        if (advance() && due == SessionMachine.NEVER) due = now + GROUP_NANOS;
    }

    /** Returns when {@link #looked} is due: until then, what is handled is stored together. */
    long due() {
        return due;
    }

    /** Ends the wait for more: what was handled until now is stored now. */
    void looked() {
        advance();
        due = SessionMachine.NEVER;
    }

    /** A message counts once all messages of its name before it are handled. Returns whether any does. */
    private boolean advance() {
        boolean moved = false;
        for (Iterator<Place> each = busy.iterator(); each.hasNext(); ) {
            Place place = each.next();
            for (CursorMark mark; (mark = place.given.peek()) != null && mark.isHandled(); ) {
                place.given.remove();
                moved = true;
                if (mark.cursor == null && !mark.isGap) continue;
                place.cursor = mark.cursor;
                changed.add(place.name);
            }
            if (place.given.isEmpty()) each.remove();
        }
        return moved;
    }

    /** Returns what has changed, with null for a cursor that is gone. */
    Map<String, @Nullable String> takeChanges() {
        Map<String, @Nullable String> changes = new LinkedHashMap<>(changed.size());
        for (String name : changed) {
            Place place = places.get(name);
            changes.put(name, place == null ? null : place.cursor);
        }
        changed.clear();
        return changes;
    }

    /** Returns how many messages of a name count as given and not as handled. */
    int waiting(String name) {
        Place place = places.get(name);
        return place == null ? 0 : place.given.size();
    }
}

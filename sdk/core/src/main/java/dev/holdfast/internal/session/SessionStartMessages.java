package dev.holdfast.internal.session;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The messages that the client sends at the start of every new session, by name. A lost session takes their effect with it. */
final class SessionStartMessages {
    // The collections are made when they get content: most clients send no such message.

    private Map<String, Supplier<Outbound>> entries = Collections.emptyMap();
    /** Those of {@code entries} that have not been sent in the current session. */
    private Set<Supplier<Outbound>> due = Collections.emptySet();
    /** Those of {@code entries} that exceed the server's size limit. They become due again when the server may accept them. */
    private Set<Supplier<Outbound>> skipped = Collections.emptySet();

    /** The payloads that an earlier process sent in this session, by name. */
    private Map<String, Payload> sentBefore = Collections.emptyMap();

    private @Nullable Outbound next;
    /** Counts the changes of what was sent in the session, from 1. */
    private int changes = 1;

    /**
     * Adds a message, or replaces the one of that name.
     *
     * @param begun whether there is a session, in which the message is sent at once
     */
    void put(String name, Supplier<Outbound> message, boolean begun) {
        remove(name);
        if (entries.isEmpty()) {
            entries = new LinkedHashMap<>();
            due = new LinkedHashSet<>(1);
            skipped = new LinkedHashSet<>(1);
        }
        entries.put(name, message);
        if (begun) due.add(message);
    }

    void remove(String name) {
        changes++;
        Supplier<Outbound> old = entries.remove(name);
        if (old == null) return;
        if (first() == old) next = null;
        due.remove(old);
        skipped.remove(old);
    }

    /** Returns the payloads that have been sent in this session, by name. */
    Map<String, Payload> sent() {
        Map<String, Payload> sent = new LinkedHashMap<>(sentBefore);
        entries.forEach((name, message) -> {
            if (!due.contains(message) && !skipped.contains(message))
                sent.put(name, message.get().payload());
        });
        return sent;
    }

    /** Takes over the session of another process, which sent these payloads in it. */
    void restore(Map<String, Payload> sent) {
        sentBefore = sent;
    }

    /** Makes the messages due that the resumed session of another process has not received. */
    void restoredSession() {
        changes++;
        due.clear();
        skipped.clear();
        next = null;
        entries.forEach((name, message) -> {
            if (!message.get().payload().sameAs(sentBefore.get(name))) due.add(message);
        });
        sentBefore = Collections.emptyMap();
    }

    /** Makes all messages due. */
    void newSession() {
        changes++;
        sentBefore = Collections.emptyMap();
        due.clear();
        skipped.clear();
        due.addAll(entries.values());
        next = null;
    }

    /** Returns the next message to send, null if none is due. */
    @Nullable
    Outbound peek() {
        Supplier<Outbound> first = first();
        if (first == null) return null;
        if (next == null) next = first.get();
        return next;
    }

    /** Returns the first message that is due. Called for every message sent, so it allocates nothing if none is due. */
    private @Nullable Supplier<Outbound> first() {
        return due.isEmpty() ? null : due.iterator().next();
    }

    void remove() {
        changes++;
        due.remove(first());
        next = null;
    }

    /** Skips the next message, which exceeds the server's size limit. */
    void skip() {
        Supplier<Outbound> first = first();
        if (first != null) skipped.add(first);
        remove();
    }

    /** Makes the skipped messages due again: the server has announced a new size limit. */
    void offerSkipped() {
        if (skipped.isEmpty()) return;
        due.addAll(skipped);
        skipped.clear();
        changes++;
    }

    /** Returns how often what was sent in the session may have changed. */
    int changes() {
        return changes;
    }
}

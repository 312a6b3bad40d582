package dev.holdfast.internal.session;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The messages that begin every new session, by their names: what a server forgets with a session. */
final class Standing {
    private final Map<String, Supplier<Outbound>> entries = new LinkedHashMap<>();
    /** Those that the current session has not been told. */
    private final Set<Supplier<Outbound>> due = new LinkedHashSet<>(1);

    /** Those that are larger than the server takes: not told either, and not due before it may take them. */
    private final Set<Supplier<Outbound>> skipped = new LinkedHashSet<>(1);

    /** What an earlier process told the session. */
    private Map<String, Payload> toldBefore = Collections.emptyMap();

    private @Nullable Outbound next;

    /** @param begun whether there is a session, which is then told at once; the next one will be anyway */
    void put(String name, Supplier<Outbound> message, boolean begun) {
        remove(name);
        entries.put(name, message);
        if (begun) due.add(message);
    }

    void remove(String name) {
        Supplier<Outbound> old = entries.remove(name);
        if (old == null) return;
        if (first() == old) next = null;
        due.remove(old);
        skipped.remove(old);
    }

    /** What the session has been told, by name. */
    Map<String, Payload> told() {
        Map<String, Payload> told = new LinkedHashMap<>(toldBefore);
        entries.forEach((name, message) -> {
            if (!due.contains(message) && !skipped.contains(message))
                told.put(name, message.get().payload());
        });
        return told;
    }

    /** Another process's session, which knows these. */
    void restore(Map<String, Payload> told) {
        toldBefore = told;
    }

    /** It goes on, so it is told only what it does not know. */
    void restoredSession() {
        due.clear();
        skipped.clear();
        next = null;
        entries.forEach((name, message) -> {
            if (!message.get().payload().sameAs(toldBefore.get(name))) due.add(message);
        });
        toldBefore = Collections.emptyMap();
    }

    void newSession() {
        toldBefore = Collections.emptyMap();
        due.clear();
        skipped.clear();
        due.addAll(entries.values());
        next = null;
    }

    /** The message that goes next; null where the session knows all. */
    @Nullable
    Outbound peek() {
        Supplier<Outbound> first = first();
        if (first == null) return null;
        if (next == null) next = first.get();
        return next;
    }

    /** Asked for with every message that is sent, so it allocates nothing where none is due. */
    private @Nullable Supplier<Outbound> first() {
        return due.isEmpty() ? null : due.iterator().next();
    }

    void remove() {
        due.remove(first());
        next = null;
    }

    /** The next one is larger than the server takes. */
    void skip() {
        Supplier<Outbound> first = first();
        if (first != null) skipped.add(first);
        remove();
    }

    /** The server has said anew what it takes, so those that were skipped are due again. */
    void offerSkipped() {
        if (skipped.isEmpty()) return;
        due.addAll(skipped);
        skipped.clear();
    }
}

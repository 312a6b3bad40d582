package dev.holdfast.internal.session;

import java.util.ArrayDeque;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The messages that begin every new session, by their names: what a server forgets with a session. */
final class Standing {
    private final Map<String, Supplier<Outbound>> entries = new LinkedHashMap<>();
    /** Those that the current session has not been told. */
    private final ArrayDeque<Supplier<Outbound>> due = new ArrayDeque<>();

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
        if (due.peek() == old) next = null;
        due.remove(old);
    }

    void newSession() {
        due.clear();
        due.addAll(entries.values());
        next = null;
    }

    /** The message that goes next; null where the session knows all. */
    @Nullable
    Outbound peek() {
        Supplier<Outbound> first = due.peek();
        if (first == null) return null;
        if (next == null) next = first.get();
        return next;
    }

    void remove() {
        due.remove();
        next = null;
    }
}

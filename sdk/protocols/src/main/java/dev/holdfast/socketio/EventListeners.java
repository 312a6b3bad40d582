package dev.holdfast.socketio;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/** The listeners of events. Safe from any thread. */
final class EventListeners {
    private final Map<String, List<EventListener>> named = new ConcurrentHashMap<>();
    private final List<EventListener> any = new CopyOnWriteArrayList<>();

    void add(String event, EventListener listener) {
        Objects.requireNonNull(listener, "listener");
        named.computeIfAbsent(Objects.requireNonNull(event, "event"), name -> new CopyOnWriteArrayList<>())
                .add(listener);
    }

    /** Adds a listener that is removed before its first call. */
    void addOnce(String event, EventListener listener) {
        Objects.requireNonNull(listener, "listener");
        add(event, new EventListener() {
            @Override
            public void onEvent(Event received) {
                remove(event, this);
                listener.onEvent(received);
            }
        });
    }

    void addAny(EventListener listener) {
        any.add(Objects.requireNonNull(listener, "listener"));
    }

    void remove(String event, EventListener listener) {
        List<EventListener> all = named.get(Objects.requireNonNull(event, "event"));
        if (all != null) all.remove(listener);
    }

    /** Returns the listeners of an event, in the order of their calls. Nobody else changes what an iterator of them returns. */
    List<EventListener> of(String event) {
        List<EventListener> own = named.getOrDefault(event, Collections.emptyList());
        if (any.isEmpty()) return own;
        List<EventListener> all = new ArrayList<>(any);
        all.addAll(own);
        return all;
    }
}

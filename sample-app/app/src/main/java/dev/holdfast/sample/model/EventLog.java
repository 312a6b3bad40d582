package dev.holdfast.sample.model;

import dev.holdfast.sample.model.LogEvent.Body;
import dev.holdfast.sample.model.LogEvent.Direction;
import java.time.LocalTime;
import java.time.ZoneId;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Collectors;
import javafx.beans.property.BooleanProperty;
import javafx.beans.property.SimpleBooleanProperty;
import javafx.collections.FXCollections;
import javafx.collections.ObservableList;
import javafx.collections.transformation.FilteredList;
import okio.ByteString;
import org.jspecify.annotations.Nullable;

/**
 * A log of events, newest last. Any thread may add lines. They wait until {@link #flush}, which the window calls once per
 * pulse, so that many lines cost one update. Everything else is confined to the window's thread.
 *
 * <p>Bounds: the newest 5,000 lines, as many that wait, and 32 Mi characters or bytes of long messages.
 */
public final class EventLog {
    static final int MAX_EVENTS = 5_000;
    static final int MAX_BODIES = 32 * 1024 * 1024;

    private final ReentrantLock lock = new ReentrantLock();
    /** Lines that wait for the next flush. Guarded by the lock. */
    private final Deque<LogEvent> waiting = new ArrayDeque<>();
    /** Lines whose bodies are kept, oldest first. Guarded by the lock. */
    private final Deque<LogEvent> withBody = new ArrayDeque<>();
    /** The size of those bodies. Guarded by the lock. */
    private long bodies;
    /** How many lines were dropped before a flush. Guarded by the lock. */
    private long dropped;

    private final ObservableList<LogEvent> events = FXCollections.observableArrayList();
    private final FilteredList<LogEvent> shown = new FilteredList<>(events);
    private final BooleanProperty paused = new SimpleBooleanProperty();
    private String words = "";
    private @Nullable Direction direction;

    // ---- on any thread ----

    /** Adds a line that is not about a message. */
    public void add(String kind, String text) {
        add(LogEvent.of(now(), kind, text));
    }

    /** Adds a text message. */
    void message(Direction way, String kind, String text) {
        add(LogEvent.message(now(), way, kind, text));
    }

    /** Adds a binary message. */
    void message(Direction way, String kind, ByteString bytes) {
        add(LogEvent.message(now(), way, kind, bytes));
    }

    private static LocalTime now() {
        return LocalTime.now(ZoneId.systemDefault());
    }

    private void add(LogEvent event) {
        lock.lock();
        try {
            if (waiting.size() >= MAX_EVENTS) {
                waiting.remove();
                dropped++;
            }
            waiting.add(event);
            Body body = event.body();
            if (body == null) return;
            withBody.add(event);
            bodies += body.size();
            while (bodies > MAX_BODIES || withBody.size() > MAX_EVENTS) dropOldestBody();
        } finally {
            lock.unlock();
        }
    }

    private void dropOldestBody() {
        LogEvent oldest = withBody.remove();
        Body body = oldest.body();
        if (body != null) bodies -= body.size();
        oldest.dropBody();
    }

    // ---- on the window's thread ----

    /** Shows the lines that wait, unless the log is paused. The oldest lines are dropped if there are too many. */
    public void flush() {
        if (paused.get()) return;
        List<LogEvent> batch;
        lock.lock();
        try {
            if (waiting.isEmpty()) return;
            batch = new ArrayList<>(waiting.size() + 1);
            if (dropped > 0 && waiting.size() >= MAX_EVENTS) {
                // The line about it needs room, too.
                waiting.remove();
                dropped++;
            }
            if (dropped > 0) batch.add(LogEvent.of(now(), "log", dropped + " lines came too fast and were dropped"));
            dropped = 0;
            batch.addAll(waiting);
            waiting.clear();
        } finally {
            lock.unlock();
        }
        int over = events.size() + batch.size() - MAX_EVENTS;
        if (over > 0) events.remove(0, Math.min(events.size(), over + MAX_EVENTS / 10));
        events.addAll(batch);
    }

    /** Removes all lines. */
    public void clear() {
        lock.lock();
        try {
            waiting.clear();
            dropped = 0;
            while (!withBody.isEmpty()) dropOldestBody();
        } finally {
            lock.unlock();
        }
        events.clear();
    }

    /** Returns whether new lines wait instead of being shown, as a property. */
    public BooleanProperty paused() {
        return paused;
    }

    /** Returns how many lines wait. */
    public int waiting() {
        lock.lock();
        try {
            return waiting.size();
        } finally {
            lock.unlock();
        }
    }

    /** Shows only the lines that contain {@code words}, ignoring case; all lines if {@code words} is empty. */
    public void filter(String newWords) {
        words = newWords.trim().toLowerCase(Locale.ROOT);
        refilter();
    }

    /** Shows only messages in one direction, or only lines about none; all lines if {@code newDirection} is null. */
    public void filter(@Nullable Direction newDirection) {
        direction = newDirection;
        refilter();
    }

    private void refilter() {
        String wanted = words;
        Direction way = direction;
        shown.setPredicate(event -> (way == null || event.direction() == way)
                && (wanted.isEmpty()
                        || event.toString().toLowerCase(Locale.ROOT).contains(wanted)));
    }

    /** Returns the lines that match the filter. */
    public ObservableList<LogEvent> shown() {
        return shown;
    }

    /** Returns the lines that match the filter as text. */
    public String text() {
        return shown.stream().map(event -> event + "\n").collect(Collectors.joining());
    }
}

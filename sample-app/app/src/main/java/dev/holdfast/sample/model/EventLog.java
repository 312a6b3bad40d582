package dev.holdfast.sample.model;

import java.time.LocalTime;
import java.time.ZoneId;
import java.util.Locale;
import java.util.stream.Collectors;
import javafx.collections.FXCollections;
import javafx.collections.ObservableList;
import javafx.collections.transformation.FilteredList;

/** What has happened, newest last. Confined to the window's thread. */
public final class EventLog {
    private static final int MAX_EVENTS = 5_000;

    private final ObservableList<LogEvent> events = FXCollections.observableArrayList();
    private final FilteredList<LogEvent> shown = new FilteredList<>(events);

    /** Adds a line; the oldest gives way where there are too many. */
    public void add(String kind, String text) {
        if (events.size() >= MAX_EVENTS) events.remove(0, MAX_EVENTS / 10);
        events.add(new LogEvent(LocalTime.now(ZoneId.systemDefault()), kind, text));
    }

    /** Shows the lines that hold {@code words}, in any case; all of them for none. */
    public void filter(String words) {
        String wanted = words.trim().toLowerCase(Locale.ROOT);
        shown.setPredicate(event -> event.toString().toLowerCase(Locale.ROOT).contains(wanted));
    }

    /** The lines that the filter lets through. */
    public ObservableList<LogEvent> shown() {
        return shown;
    }

    /** Those lines as text. */
    public String text() {
        return shown.stream().map(event -> event + "\n").collect(Collectors.joining());
    }
}

package dev.holdfast.sample.model;

import java.time.LocalTime;
import java.time.ZoneId;
import java.util.Locale;
import java.util.stream.Collectors;
import javafx.collections.FXCollections;
import javafx.collections.ObservableList;
import javafx.collections.transformation.FilteredList;

/** A log of events, newest last. Confined to the window's thread. */
public final class EventLog {
    private static final int MAX_EVENTS = 5_000;

    private final ObservableList<LogEvent> events = FXCollections.observableArrayList();
    private final FilteredList<LogEvent> shown = new FilteredList<>(events);

    /** Adds a line. The oldest line is dropped if there are too many. */
    public void add(String kind, String text) {
        if (events.size() >= MAX_EVENTS) events.remove(0, MAX_EVENTS / 10);
        events.add(new LogEvent(LocalTime.now(ZoneId.systemDefault()), kind, text));
    }

    /** Shows only the lines that contain {@code words}, ignoring case; all lines if {@code words} is empty. */
    public void filter(String words) {
        String wanted = words.trim().toLowerCase(Locale.ROOT);
        shown.setPredicate(event -> event.toString().toLowerCase(Locale.ROOT).contains(wanted));
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

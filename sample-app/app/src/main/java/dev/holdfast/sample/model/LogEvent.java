package dev.holdfast.sample.model;

import java.time.LocalTime;
import java.time.format.DateTimeFormatter;

/**
 * A line of the event log.
 *
 * @param kind the subject of the event in one word
 */
public record LogEvent(LocalTime time, String kind, String text) {
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("HH:mm:ss.SSS");

    @Override
    public String toString() {
        return TIME.format(time) + "  " + kind + "  " + text;
    }
}

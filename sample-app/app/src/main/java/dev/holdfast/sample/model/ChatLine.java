package dev.holdfast.sample.model;

import javafx.beans.property.ReadOnlyObjectProperty;
import javafx.beans.property.ReadOnlyObjectWrapper;

/** A message of the conversation, either side's. Confined to the window's thread. */
public final class ChatLine {
    private final int number;
    private final String text;
    private final ReadOnlyObjectWrapper<Mark> mark;
    private String detail = "";

    ChatLine(int number, String text, Mark mark) {
        this.number = number;
        this.text = text;
        this.mark = new ReadOnlyObjectWrapper<>(mark);
    }

    void mark(Mark newMark, String newDetail) {
        detail = newDetail;
        mark.set(newMark);
    }

    /** Whose it is. */
    public boolean isOwn() {
        return mark() != Mark.RECEIVED;
    }

    /** Its number in its stream, from 1. */
    public int number() {
        return number;
    }

    /** What it says. */
    public String text() {
        return text;
    }

    /** How far it has come. */
    public Mark mark() {
        return mark.get();
    }

    /** How far it has come, to be watched. */
    public ReadOnlyObjectProperty<Mark> markProperty() {
        return mark.getReadOnlyProperty();
    }

    /** How it failed; empty where it has not. */
    public String detail() {
        return detail;
    }
}

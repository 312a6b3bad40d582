package dev.holdfast.sample.model;

import javafx.beans.property.ReadOnlyObjectProperty;
import javafx.beans.property.ReadOnlyObjectWrapper;

/** A message of either side in the conversation. Confined to the window's thread. */
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

    /** Returns whether the message is the client's own. */
    public boolean isOwn() {
        return mark() != Mark.RECEIVED;
    }

    /** Returns the message's number in its stream, from 1. */
    public int number() {
        return number;
    }

    /** Returns the message's text. */
    public String text() {
        return text;
    }

    /** Returns the message's progress. */
    public Mark mark() {
        return mark.get();
    }

    /** Returns the message's progress as an observable property. */
    public ReadOnlyObjectProperty<Mark> markProperty() {
        return mark.getReadOnlyProperty();
    }

    /** Returns how the message failed; empty if it has not failed. */
    public String detail() {
        return detail;
    }
}

package com.example.app;

import dev.holdfast.HoldfastMessage;

/** A class with the SDK's annotation. */
@HoldfastMessage
public final class ChatLine {
    private String from;
    private String text;

    ChatLine() {}

    ChatLine(String from, String text) {
        this.from = from;
        this.text = text;
    }

    public String getFrom() {
        return from;
    }

    public String getText() {
        return text;
    }

    @Override
    public String toString() {
        return from + ": " + text;
    }
}

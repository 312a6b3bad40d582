package com.example;

import dev.holdfast.HoldfastMessage;

/** A message of the chat. */
@HoldfastMessage
public final class ChatLine {
    public String from = "";
    public String text = "";

    /** For the reader of JSON. */
    public ChatLine() {}

    public ChatLine(String from, String text) {
        this.from = from;
        this.text = text;
    }

    @Override
    public String toString() {
        return from + ": " + text;
    }
}

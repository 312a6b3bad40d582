package com.example;

/** A line of a chat, sent as JSON. */
public final class ChatLine {
    public String who;
    public String text;

    public ChatLine() {}

    public ChatLine(String who, String text) {
        this.who = who;
        this.text = text;
    }

    @Override
    public String toString() {
        return who + ": " + text;
    }
}

package com.example.app;

/** A class without an annotation, whose fields the shrinker renames. */
public final class Bare {
    private final String from;
    private final String text;

    public Bare(String from, String text) {
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

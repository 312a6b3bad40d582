package dev.holdfast.sample.model;

/** What travels, in both directions. */
record Numbered(int number, String text) {}

package dev.holdfast.sample.demo;

/** What travels, in both directions. */
public record Numbered(int number, String text) {}

package dev.holdfast.sample.demo;

/** A message of either direction. */
public record Numbered(int number, String text) {}

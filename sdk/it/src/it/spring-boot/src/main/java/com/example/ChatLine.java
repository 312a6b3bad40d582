package com.example;

/** A line of a chat, sent as JSON. */
public record ChatLine(String who, String text) {}

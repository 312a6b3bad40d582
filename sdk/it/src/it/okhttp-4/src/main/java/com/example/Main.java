package com.example;

import dev.holdfast.HoldfastClient;
import okhttp3.OkHttp;

/** Shows that a client is not built beside OkHttp 4, and what the exception says. */
public final class Main {
    private Main() {}

    public static void main(String[] args) {
        System.out.println("consumer> OkHttp " + OkHttp.VERSION + " comes first");
        try {
            HoldfastClient.builder(args[0]).build();
        } catch (IllegalStateException e) {
            String message = e.getMessage();
            check(message.contains("4.12.0"), message); // the version found
            check(message.contains("5."), message); // the version needed
            check(message.contains("exclude"), message); // the cure
            System.out.println("consumer> build() says: " + message);
            return;
        }
        throw new IllegalStateException("a client was built with OkHttp " + OkHttp.VERSION);
    }

    private static void check(boolean expected, Object found) {
        if (!expected) throw new AssertionError("not as expected: " + found);
    }
}

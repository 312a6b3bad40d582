package dev.holdfast.benchmarks.wire;

import java.nio.charset.StandardCharsets;

/** The messages that go to and fro: text that is JSON, which a session's server can put into an envelope as it is. */
public final class Payloads {
    private static final String START = "{\"text\":\"";
    private static final String END = "\"}";

    private Payloads() {}

    /** A JSON object of so many bytes, all of them ASCII. */
    public static String text(int bytes) {
        return START + "x".repeat(bytes - START.length() - END.length()) + END;
    }

    /** The same as bytes. */
    public static byte[] utf8(int bytes) {
        return text(bytes).getBytes(StandardCharsets.UTF_8);
    }
}

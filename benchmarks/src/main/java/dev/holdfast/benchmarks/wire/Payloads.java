package dev.holdfast.benchmarks.wire;

import java.nio.charset.StandardCharsets;

/** The payloads of the messages: text that is JSON, which a session's server can put into an envelope unchanged. */
public final class Payloads {
    private static final String START = "{\"text\":\"";
    private static final String END = "\"}";

    private Payloads() {}

    /** Returns a JSON object of this many bytes, all of them ASCII. */
    public static String text(int bytes) {
        return START + "x".repeat(bytes - START.length() - END.length()) + END;
    }

    /** Returns the same object as bytes. */
    public static byte[] utf8(int bytes) {
        return text(bytes).getBytes(StandardCharsets.UTF_8);
    }
}

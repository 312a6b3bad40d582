package dev.holdfast.sample.connect;

import okhttp3.Headers;
import okhttp3.Request;

/** The opening handshake, as the user typed it. Errors are explained in a sentence for the user. */
public final class Handshake {
    private Handshake() {}

    /**
     * Returns the request to send.
     *
     * @throws IllegalArgumentException if no such request is possible
     */
    public static Request request(String url, Headers headers) {
        if (!url.startsWith("ws://") && !url.startsWith("wss://")) {
            throw new IllegalArgumentException(
                    "A WebSocket URL begins with ws:// or wss://, this is " + (url.isEmpty() ? "empty." : url));
        }
        try {
            return new Request.Builder().url(url).headers(headers).build();
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(url + " is no URL: " + e.getMessage(), e);
        }
    }

    /**
     * Adds a header that is typed as {@code Name: value}.
     *
     * @throws IllegalArgumentException if no such header is possible
     */
    public static void addHeader(Headers.Builder headers, String line) {
        try {
            headers.add(line);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("A header looks like Name: value, this one does not: " + line, e);
        }
    }
}

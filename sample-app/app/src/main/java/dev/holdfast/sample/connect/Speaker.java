package dev.holdfast.sample.connect;

import dev.holdfast.HoldfastClient;
import dev.holdfast.Outcome;
import java.util.concurrent.CompletableFuture;

/** A client that sends what a person types, and prints what the server says, a line at a time. Thread-safe. */
public interface Speaker {
    /** Returns a speaker that sends each line as a text message. What the server sends goes to the client's listener. */
    static Speaker plain(HoldfastClient client) {
        return new PlainSpeaker(client, LineKind.TEXT);
    }

    /** Connects, and stays connected. */
    void connect();

    /**
     * Sends a line.
     *
     * @return a future of its outcome; a call is acknowledged by its result
     * @throws IllegalArgumentException if the line means nothing in this dialect; its message is a sentence for the user
     */
    CompletableFuture<Outcome> send(String line);

    /** Ends the client when everything is sent. Returns at once. */
    void close();
}

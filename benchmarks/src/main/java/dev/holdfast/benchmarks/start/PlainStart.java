package dev.holdfast.benchmarks.start;

import dev.holdfast.websocket.HoldfastWebSockets;
import okhttp3.OkHttpClient;

/** A program with one plain connection. Takes the URL. */
final class PlainStart {
    private PlainStart() {}

    public static void main(String[] args) throws Exception {
        FirstMessage first = new FirstMessage();
        OkHttpStart.exchange(HoldfastWebSockets.create(new OkHttpClient()), args[0], first);
    }
}

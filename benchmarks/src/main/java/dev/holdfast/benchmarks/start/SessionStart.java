package dev.holdfast.benchmarks.start;

import dev.holdfast.Delivery;
import dev.holdfast.HoldfastClient;
import dev.holdfast.Session;

/** A program with a resumable session. Takes the URL. */
final class SessionStart {
    private SessionStart() {}

    public static void main(String[] args) throws Exception {
        FirstMessage first = new FirstMessage();
        HoldfastClient client = HoldfastClient.builder(args[0])
                .session(Session.resumable())
                .onMessage((from, message) -> first.arrived())
                .build();
        client.connect();
        Delivery unused = client.send(FirstMessage.TEXT);
        first.finish();
    }
}

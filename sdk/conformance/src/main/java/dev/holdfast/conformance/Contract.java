package dev.holdfast.conformance;

import java.time.Duration;

/** The commands of the application that the server under test runs, see docs/server-authors.md. */
final class Contract {
    private static final int NOTHING_MILLIS = 300;

    private Contract() {}

    /** Adds the numbers 1 to n to the stream, in one step with the message's outcome. */
    static String number(int n) {
        return "{\"conformance\":\"number\",\"n\":" + n + "}";
    }

    /** Adds the numbers 1 to n some time after the message was handled, whether or not the client is connected. */
    static String numberLater(int n, int millis) {
        return "{\"conformance\":\"number\",\"n\":" + n + ",\"ms\":" + millis + "}";
    }

    static String fail(String code) {
        return "{\"conformance\":\"fail\",\"code\":\"" + code + "\",\"message\":\"as asked\"}";
    }

    /** Is handled for so long. */
    static String busy(int millis) {
        return "{\"conformance\":\"wait\",\"ms\":" + millis + "}";
    }

    static String crash() {
        return "{\"conformance\":\"crash\"}";
    }

    static String drain(int millis) {
        return "{\"conformance\":\"drain\",\"ms\":" + millis + "}";
    }

    /** Skips the check if the server echoes the command instead of being busy. */
    static void needsBusy(Target target) throws Exception {
        try (Peer peer = Peer.start(target)) {
            peer.message(1, busy(0));
            if (peer.entryWithin(Duration.ofMillis(NOTHING_MILLIS)) != null) {
                throw new Skipped("the server does not know the command \"wait\"");
            }
        }
    }
}

package dev.holdfast.conformance;

import static dev.holdfast.conformance.Check.alone;
import static dev.holdfast.conformance.Check.check;
import static dev.holdfast.conformance.Check.equal;
import static dev.holdfast.conformance.Check.that;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Section 4: acknowledgements, rejections, windows and limits. */
final class StreamChecks {
    private static final Duration MOMENT = Duration.ofMillis(300);
    private static final Duration ACK_TIME = Duration.ofSeconds(3); // the rule says one second
    private static final Duration PONG_TIME = Duration.ofSeconds(6); // the rule says ten seconds
    private static final int BUSY_MILLIS = 9000;
    private static final int MAX_FILL = 5000;
    private static final int MAX_PAYLOAD = 32 << 20;

    private StreamChecks() {}

    static List<Check> checks() {
        return List.of(
                check("4", "ack-in-time", "acknowledges a message within a second", t -> {
                    try (Peer peer = Peer.start(t)) {
                        peer.message(1, "1");
                        peer.await("an ack within a second", m -> m.type().equals("ack"), ACK_TIME);
                        equal(1L, peer.highestAck(), "the ack");
                    }
                }),
                check("4", "ack-cumulative", "acknowledges each of 600 messages", t -> {
                    try (Peer peer = Peer.start(t)) {
                        long step = Math.min(200, window(peer));
                        for (long seq = 1; seq <= 600; seq++) {
                            peer.message(seq, "1");
                            if (seq % step == 0) peer.awaitAck(seq);
                        }
                        peer.awaitAck(600);
                    }
                }),
                check("4", "ack-after-handling", "acknowledges no message before it is handled", t -> {
                    Contract.needsBusy(t);
                    try (Peer peer = Peer.start(t)) {
                        long start = System.nanoTime();
                        peer.message(1, Contract.busy(1500));
                        peer.awaitAck(1);
                        long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);
                        that(millis >= 1400, "acknowledged after " + millis + " ms, but handled after 1500 ms");
                    }
                }),
                check("4", "reject-before-ack", "sends a rejection before the ack that covers it", t -> {
                    try (Peer peer = Peer.start(t)) {
                        peer.message(1, "\"a\"");
                        peer.message(2, Contract.fail("full"));
                        peer.message(3, "\"b\"");
                        Received first = peer.entry();
                        Received reject = peer.entry();
                        equal("a", first.d().asText(), "the first entry");
                        equal("reject", reject.type(), "the second entry");
                        equal(2, reject.json().path("c").asInt(), "c of the rejection");
                        equal("full", reject.json().path("code").asText(), "code");
                        equal("as asked", reject.json().path("message").asText("as asked"), "message");
                        equal("b", peer.entry().d().asText(), "the third entry");
                        peer.awaitAck(3);
                        for (Received message : peer.received()) {
                            if (message.equals(reject)) break;
                            that(
                                    !message.type().equals("ack")
                                            || message.json().path("c").asInt() < 2,
                                    "the ack came first: " + Peer.describe(message));
                        }
                    }
                }),
                check("4", "reject-is-an-entry", "stores, replays and forgets a rejection like a message", t -> {
                    try (Peer peer = Peer.start(t)) {
                        peer.message(1, Contract.fail("no"));
                        String id = peer.entry().id();
                        peer.awaitAck(1);
                        try (Peer next = peer.cutAndResume(null)) {
                            equal(1L, next.c(), "c");
                            Received again = next.entry();
                            equal("reject", again.type(), "the replay");
                            equal(id, again.id(), "its id");
                            next.ack(id);
                            try (Peer third = next.resume(id)) {
                                third.await("live");
                                equal(2, third.received().size(), "the number of envelopes");
                            }
                        }
                    }
                }),
                check("4", "rejections-in-turn", "rejects a seq only after every seq below it is dealt with", t -> {
                    Contract.needsBusy(t);
                    try (Peer peer = Peer.start(t)) {
                        long start = System.nanoTime();
                        peer.message(1, Contract.busy(1200));
                        peer.message(2, Contract.fail("no"));
                        Received reject = peer.entry();
                        long millis = TimeUnit.NANOSECONDS.toMillis(reject.nanos() - start);
                        that(
                                millis >= 1100,
                                "seq 2 was rejected after " + millis + " ms, seq 1 is handled after 1200 ms");
                    }
                }),
                check("4", "rejections-and-fences", "stores no rejection of a seq above c", t -> {
                    Contract.needsBusy(t);
                    try (Peer peer = Peer.start(t)) {
                        peer.message(1, Contract.busy(2500));
                        peer.message(2, Contract.fail("no"));
                        peer.listen(MOMENT);
                        try (Peer next = peer.cutAndResume(null)) {
                            if (next.c() >= 2) equal("reject", next.entry().type(), "the replay of what c covers");
                            next.message(next.c() + 1, "\"another\"");
                            equal("another", next.entry().d().asText(), "the first entry");
                        }
                    }
                }),
                check("4", "ack-of-nothing-sent", "takes an ack of what was never sent for a protocol error", t -> {
                    try (Peer peer = Peer.start(t)) {
                        peer.ack("never-heard-of");
                        peer.expectProtocolError();
                    }
                    try (Peer peer = Peer.start(t)) {
                        peer.message(1, "1");
                        peer.ack(OpeningChecks.later(peer.entry().id()));
                        peer.expectProtocolError();
                    }
                }),
                check("4", "ack-again", "accepts the same ack again, and a lower one", t -> {
                    try (Peer peer = Peer.start(t)) {
                        String start = peer.startingPosition();
                        peer.ack(start);
                        peer.message(1, Contract.number(3));
                        String second = peer.numbers(1, 2).id();
                        String third = peer.numbers(3, 3).id();
                        for (String position : List.of(second, second, start, third, second, third)) peer.ack(position);
                        peer.message(2, "\"x\"");
                        peer.entry();
                        peer.awaitAck(2);
                    }
                }),
                check("4", "ack-after-welcome", "accepts any handled position right after welcome, before live", t -> {
                    try (Peer peer = Peer.start(t)) {
                        peer.message(1, Contract.number(3));
                        String second = peer.numbers(1, 2).id();
                        peer.numbers(3, 3);
                        try (Peer next = peer.cutAndResume(second)) {
                            next.ack(second);
                            next.message(next.c() + 1, "\"x\"");
                            next.numbers(3, 3);
                            equal("x", next.entry().d().asText(), "the next entry");
                            next.await("live");
                        }
                    }
                }),
                check("4", "max-unacked", "allows at least two unacknowledged messages", t -> {
                    try (Peer peer = Peer.start(t)) {
                        that(window(peer) >= 2, "maxUnacked is " + window(peer) + " (a SHOULD)");
                    }
                }),
                check("4, 5", "reads-within-window", "answers pings while the client is within its window", t -> {
                    Contract.needsBusy(t);
                    try (Peer peer = Peer.start(t)) {
                        long fill = Math.min(window(peer), MAX_FILL);
                        peer.message(1, Contract.busy(BUSY_MILLIS));
                        for (long seq = 2; seq <= fill; seq++) peer.message(seq, "0");
                        long millis = peer.ping(PONG_TIME);
                        that(peer.highestAck() == 0, "the server was not busy: it acknowledged " + peer.highestAck());
                        that(millis <= PONG_TIME.toMillis(), "the pong came after " + millis + " ms");
                    }
                }),
                check("4, 5", "reads-within-bytes", "answers pings while its window is full of bytes", t -> {
                    Contract.needsBusy(t);
                    try (Peer peer = Peer.start(t)) {
                        long bytes = peer.welcome().path("maxBytes").asLong(1 << 20);
                        long max = peer.welcome().path("maxMessage").asLong(1 << 20);
                        int size = (int) Math.min(Math.min(bytes / 4, max), MAX_PAYLOAD / 4);
                        peer.message(1, Contract.busy(BUSY_MILLIS));
                        for (int seq = 2; seq <= 4; seq++) peer.message(seq, "\"" + "y".repeat(size) + "\"");
                        peer.ping(PONG_TIME);
                        that(peer.highestAck() == 0, "the server was not busy: it acknowledged " + peer.highestAck());
                    }
                }),
                alone("4", "over-max-bytes", "does not close because of maxBytes", t -> {
                    try (Peer peer = Peer.start(t.patient())) {
                        long bytes = peer.welcome().path("maxBytes").asLong();
                        long max = peer.welcome().path("maxMessage").asLong(bytes);
                        if (bytes == 0 || bytes > MAX_PAYLOAD) throw new Skipped("maxBytes is " + bytes);
                        int size = (int) Math.min(bytes / 4 + 1, max);
                        int count = (int) (bytes / size) + 1;
                        for (int seq = 1; seq <= count; seq++) peer.binary(seq, new byte[size]);
                        peer.awaitAck(count);
                    }
                }),
                alone("4", "largest-message", "accepts a payload of maxMessage, more than maxBytes if need be", t -> {
                    try (Peer peer = Peer.start(t.patient())) {
                        int max = maxMessage(peer);
                        peer.message(1, "\"" + "z".repeat(max) + "\"");
                        Received echo = peer.entry();
                        equal(max, echo.d().asText().length(), "the length of the echo");
                        peer.ack(echo.id());
                        peer.binary(2, new byte[max]);
                        equal(max, peer.entry().payload().length, "the length of the echo");
                        peer.awaitAck(2);
                    }
                }),
                alone("4", "escapes", "measures a payload without its escapes", t -> {
                    try (Peer peer = Peer.start(t.patient())) {
                        int count = maxMessage(peer) / 6;
                        peer.message(1, "\"" + "\\u0001".repeat(count) + "\"");
                        peer.awaitAck(1);
                        equal(count, peer.entry().d().asText().length(), "the length of the echo");
                    }
                }),
                alone("4", "too-large", "closes with 4413, or rejects, what is larger than maxMessage", t -> {
                    for (boolean binary : new boolean[] {false, true}) {
                        try (Peer peer = Peer.start(t)) {
                            int size = maxMessage(peer) + 1024;
                            if (binary) peer.binary(1, new byte[size]);
                            else peer.message(1, "\"" + "z".repeat(size) + "\"");
                            Received answer = peer.entryWithin(t.patience());
                            if (answer == null) peer.expectClose(4413);
                            else equal("reject", answer.type(), "the answer");
                        }
                    }
                }),
                check("4", "server-window", "bounds what it has sent and not got acknowledged", t -> {
                    try (Peer peer = Peer.start(t)) {
                        stuckAtWindow(t, peer);
                    }
                }),
                check("4", "window-per-connection", "counts its window from 0 at each welcome", t -> {
                    try (Peer peer = Peer.start(t)) {
                        Stuck stuck = stuckAtWindow(t, peer);
                        try (Peer next = peer.cutAndResume(stuck.last())) {
                            next.numbers(stuck.count() + 1, stuck.count() + 1);
                        }
                    }
                }),
                check("4", "before-live", "handles messages and acks of the client before live", t -> {
                    try (Peer peer = Peer.start(t)) {
                        Stuck stuck = stuckAtWindow(t, peer);
                        try (Peer next = peer.cutAndResume(null)) {
                            next.message(next.c() + 1, "\"before live\"");
                            next.awaitAck(next.c() + 1);
                            next.numbers(1, stuck.count());
                            that(!next.has("live"), "live came before the end of the replay");
                            next.ack(stuck.last());
                            takeRest(next, stuck);
                            equal("before live", next.entry().d().asText(), "the entry that was added");
                            next.await("live");
                        }
                    }
                }),
                check("4", "ack-waits-for-reject", "lets no ack overtake a rejection that waits for the window", t -> {
                    try (Peer peer = Peer.start(t)) {
                        Stuck stuck = stuckAtWindow(t, peer);
                        peer.message(2, Contract.fail("no"));
                        peer.message(3, "\"after\"");
                        peer.listen(Duration.ofMillis(1500));
                        that(peer.highestAck() < 2, "acknowledged " + peer.highestAck() + " before the rejection of 2");
                        peer.ack(stuck.last());
                        takeRest(peer, stuck);
                        equal("reject", peer.entry().type(), "the entry after the numbers");
                        that(peer.highestAck() < 2 || peer.has("reject"), "the ack came first");
                        peer.awaitAck(3);
                    }
                }),
                check("4", "log-limit", "closes with 1001 if it drops what was not sent, then answers trimmed", t -> {
                    if (t.logLimit() == 0) throw new Skipped("needs --log-limit");
                    try (Peer peer = Peer.start(t)) {
                        peer.message(1, Contract.number(t.logLimit() * 2 + t.maxWindow()));
                        peer.expectClose(1001);
                        Received first = peer.entryWithin(Duration.ZERO);
                        String last = first == null ? null : first.id();
                        try (Peer next = peer.reopen(peer.key(), last)) {
                            OpeningChecks.expectNew(next.welcome(), "trimmed", 1);
                        }
                    }
                }));
    }

    /** The client's window in messages. */
    private static long window(Peer peer) {
        long max = peer.welcome().path("maxUnacked").asLong();
        return max == 0 ? MAX_FILL : max;
    }

    private static int maxMessage(Peer peer) {
        long max = peer.welcome().path("maxMessage").asLong();
        if (max == 0 || max > MAX_PAYLOAD) throw new Skipped("maxMessage is " + max);
        return (int) max;
    }

    /** The state of a connection whose server waits for acknowledgements. */
    private record Stuck(int count, String last, int total) {}

    /** Takes and acknowledges the numbers that are left, a few at a time. */
    private static void takeRest(Peer peer, Stuck stuck) throws Exception {
        int step = Math.max(1, stuck.count() / 2);
        for (int next = stuck.count() + 1; next <= stuck.total(); next += step) {
            peer.ack(
                    peer.numbers(next, Math.min(stuck.total(), next + step - 1)).id());
        }
    }

    /** Asks for more numbers than fit into the server's window, and takes what comes. */
    private static Stuck stuckAtWindow(Target t, Peer peer) throws Exception {
        int total = t.maxWindow() + 1;
        peer.message(1, Contract.number(total));
        int count = 0;
        String last = "";
        Received entry;
        while ((entry = peer.entryWithin(
                        Duration.ofMillis(count == 0 ? t.patience().toMillis() : 1000)))
                != null) {
            equal(++count, entry.d().asInt(), "the number");
            last = entry.id();
        }
        that(
                !peer.isClosed(),
                "closed after " + count + " of " + total + " entries; does the log hold --max-window entries?");
        that(count > 0, "no number came");
        that(count < total, total + " entries came unacknowledged; is --max-window more than the window?");
        peer.awaitAck(1);
        return new Stuck(count, last, total);
    }
}

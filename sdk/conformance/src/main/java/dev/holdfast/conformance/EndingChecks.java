package dev.holdfast.conformance;

import static dev.holdfast.conformance.Check.alone;
import static dev.holdfast.conformance.Check.check;
import static dev.holdfast.conformance.Check.equal;
import static dev.holdfast.conformance.Check.that;
import static dev.holdfast.conformance.Check.webSocket;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Section 5: the ends of connections and sessions. */
final class EndingChecks {
    private static final Duration MOMENT = Duration.ofMillis(300);
    private static final int DRAIN_MILLIS = 1500;
    private static final int GRACE_MILLIS = 500;

    private EndingChecks() {}

    static List<Check> checks() {
        return List.of(
                check("5", "bye", "acknowledges what it owes, forgets the session and answers the close", t -> {
                    try (Peer peer = Peer.start(t)) {
                        peer.message(1, "1");
                        String id = peer.entry().id();
                        peer.message(2, "2");
                        peer.text("{\"t\":\"bye\"}");
                        peer.awaitAck(2);
                        peer.sendClose(1000);
                        peer.expectClose(1000);
                        OpeningChecks.expectNew(peer.reopen(peer.key(), id).welcome(), "unknown", 0);
                    }
                }),
                check("5", "bye-handles-what-came-before", "handles what came before bye", t -> {
                    Contract.needsBusy(t);
                    try (Peer peer = Peer.start(t)) {
                        peer.message(1, Contract.busy(500));
                        peer.message(2, "2");
                        peer.text("{\"t\":\"bye\"}");
                        peer.awaitAck(2);
                    }
                }),
                check("5", "bye-ends-the-stream", "sends no entries after bye and ignores what follows it", t -> {
                    try (Peer peer = Peer.start(t)) {
                        peer.message(1, Contract.numberLater(3, 500));
                        peer.awaitAck(1);
                        peer.text("{\"t\":\"bye\"}");
                        peer.message(2, "\"after bye\"");
                        peer.text("{\"t\":\"nonsense\"}");
                        peer.listen(Duration.ofSeconds(1));
                        that(peer.received().stream().noneMatch(Received::isEntry), "an entry came after bye");
                        that(peer.highestAck() == 1, "acknowledged a message after bye");
                        peer.sendClose(1000);
                        peer.expectClose(1000);
                    }
                }),
                check("5", "bye-without-close", "closes with 1000 if no close comes within 5 seconds", t -> {
                    try (Peer peer = Peer.start(t)) {
                        peer.text("{\"t\":\"bye\"}");
                        long start = System.nanoTime();
                        peer.expectClose(Duration.ofSeconds(8), 1000);
                        long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);
                        that(millis > 4500, "closed after " + millis + " ms already");
                    }
                }),
                check("5", "1011", "closes with 1011 if the application fails, and handles the message again", t -> {
                    try (Peer peer = Peer.start(t)) {
                        peer.message(1, "\"a\"");
                        peer.awaitAck(1);
                        peer.message(2, Contract.crash());
                        peer.message(3, "\"behind\"");
                        peer.entry();
                        if (peer.entryWithin(Duration.ofMillis(500)) != null) {
                            throw new Skipped("the server does not know the command \"crash\"");
                        }
                        peer.expectClose(1011);
                        that(peer.highestAck() <= 1, "acknowledged " + peer.highestAck());
                        try (Peer next = peer.resume(null)) {
                            equal(1L, next.c(), "c");
                            equal("a", next.entry().d().asText(), "the first entry");
                            next.message(2, "\"b\"");
                            equal("b", next.entry().d().asText(), "the second entry");
                        }
                    }
                }),
                webSocket("5", "pong", "answers a ping, also between welcome and live", t -> {
                    try (Peer peer = Peer.connect(t)) {
                        peer.ping(t.patience());
                        peer.open("");
                        peer.ping(t.patience());
                    }
                }),
                check("5", "ping-while-busy", "answers a ping while its application is busy", t -> {
                    Contract.needsBusy(t);
                    try (Peer peer = Peer.start(t)) {
                        peer.message(1, Contract.busy(9000));
                        peer.listen(MOMENT);
                        peer.ping(Duration.ofSeconds(6));
                        that(peer.highestAck() == 0, "the server was not busy");
                    }
                }),
                alone("5", "drain", "serves a drained connection until the grace is over, then closes with 1001", t -> {
                    try (Peer peer = Peer.start(t)) {
                        peer.message(1, Contract.drain(DRAIN_MILLIS));
                        Received reconnect = peer.await(
                                "reconnect",
                                m -> m.type().equals("reconnect") || m.type().equals("msg"));
                        if (reconnect.type().equals("msg")) {
                            throw new Skipped("the server does not know the command \"drain\"");
                        }
                        equal(DRAIN_MILLIS, reconnect.json().path("afterMs").asInt(), "afterMs");
                        peer.listen(Duration.ofMillis(DRAIN_MILLIS));
                        peer.message(2, "\"still served\"");
                        equal("still served", peer.entry().d().asText(), "the echo");
                        peer.expectClose(1001);
                        long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - reconnect.nanos());
                        that(
                                millis >= DRAIN_MILLIS + GRACE_MILLIS - 50,
                                "closed after " + millis + " ms, but " + GRACE_MILLIS + " ms of grace are the least");
                        peer.resume(null).close();
                    }
                }));
    }
}

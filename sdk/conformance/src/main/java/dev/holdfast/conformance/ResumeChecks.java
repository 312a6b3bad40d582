package dev.holdfast.conformance;

import static dev.holdfast.conformance.Check.check;
import static dev.holdfast.conformance.Check.equal;
import static dev.holdfast.conformance.Check.that;
import static dev.holdfast.conformance.Check.webSocket;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Section 3: fencing, keys, and what is sent again. */
final class ResumeChecks {
    private static final Duration MOMENT = Duration.ofMillis(300);
    private static final int BUSY_MILLIS = 2500;

    private ResumeChecks() {}

    static List<Check> checks() {
        return List.of(
                check("3, rule 5", "fence", "closes the older connection with 4409 and handles nothing of it", t -> {
                    try (Peer old = Peer.start(t)) {
                        old.message(1, "\"a\"");
                        old.entry();
                        old.awaitAck(1);
                        try (Peer next = old.resume(null)) {
                            equal(1L, next.c(), "c");
                            sendQuietly(old, 2, "\"late\"");
                            old.expectClose(4409);
                            equal("a", next.entry().d().asText(), "the replay");
                            next.await("live");
                            next.message(2, "\"b\"");
                            equal("b", next.entry().d().asText(), "the entry after the replay");
                            that(old.highestAck() <= 1, "the old connection got an ack of 2");
                        }
                    }
                }),
                check(
                        "3, rule 5",
                        "fence-while-handling",
                        "counts in c exactly what the older connection handled",
                        t -> {
                            Contract.needsBusy(t);
                            try (Peer old = Peer.start(t)) {
                                old.message(1, Contract.busy(BUSY_MILLIS));
                                old.message(2, "\"behind 2\"");
                                old.message(3, "\"behind 3\"");
                                old.listen(MOMENT);
                                try (Peer next = old.resume(null)) {
                                    long c = next.c();
                                    for (long seq = 2; seq <= c; seq++) {
                                        equal(
                                                "behind " + seq,
                                                next.entry().d().asText(),
                                                "the replay of what c covers");
                                    }
                                    for (long seq = c + 1; seq <= c + 3; seq++) next.message(seq, "\"again\"");
                                    for (int i = 0; i < 3; i++)
                                        equal("again", next.entry().d().asText(), "the entry");
                                    next.awaitAck(c + 3);
                                    next.listen(Duration.ofMillis(BUSY_MILLIS));
                                    that(next.entryWithin(MOMENT) == null, "a message above c was handled after all");
                                    old.listenUnlessClosed(MOMENT);
                                    that(old.highestAck() <= c, "the old connection got an ack of " + old.highestAck());
                                    try (Peer third = next.cutAndResume(null)) {
                                        equal(c + 3, third.c(), "c of the next welcome");
                                    }
                                }
                            }
                        }),
                webSocket("3, rule 14", "late-open", "closes a connection whose open came late with 4408, only", t -> {
                    try (Peer first = Peer.start(t);
                            Peer late = Peer.connect(t);
                            Peer newer = first.resume(null)) {
                        newer.await("live");
                        late.text(late.openText(Peer.session(first.sid(), first.key(), null)));
                        late.expectClose(4408);
                        newer.message(1, "\"a\"");
                        equal("a", newer.entry().d().asText(), "the answer on the newer connection");
                        try (Peer next = newer.cutAndResume(null)) {
                            equal(1L, next.c(), "c after the next resume");
                        }
                    }
                }),
                check("3, rule 8", "seqs-above-c-are-free", "takes another message under a seq above c", t -> {
                    Contract.needsBusy(t);
                    try (Peer old = Peer.start(t)) {
                        old.message(1, "\"a\"");
                        old.awaitAck(1);
                        old.message(2, Contract.busy(BUSY_MILLIS));
                        for (int seq = 3; seq < 8; seq++) old.message(seq, "\"old\"");
                        old.listen(MOMENT);
                        old.cut();
                        try (Peer next = old.resume(old.entry().id())) {
                            for (long seq = 3; seq <= next.c(); seq++) {
                                equal("old", next.entry().d().asText(), "the replay of what c covers");
                            }
                            for (int i = 1; i <= 5; i++) next.message(next.c() + i, Integer.toString(i));
                            next.numbers(1, 5);
                            next.awaitAck(next.c() + 5);
                        }
                    }
                }),
                check(
                        "3, rule 5",
                        "replay-in-order",
                        "skips and repeats no entry that is added while it replays",
                        t -> {
                            Peer peer = Peer.start(t);
                            try {
                                int total = 200;
                                for (int i = 0; i < 10; i++)
                                    peer.message(i + 1, Contract.numberLater(total / 10, 40 * i));
                                List<String> ids = new ArrayList<>();
                                Random random = new Random(1);
                                while (ids.size() < total) {
                                    int stop = Math.min(total, ids.size() + 1 + random.nextInt(40));
                                    while (ids.size() < stop)
                                        ids.add(peer.entry().id());
                                    peer = peer.cutAndResume(ids.get(ids.size() - 1));
                                }
                                peer.await("live");
                                that(peer.entryWithin(MOMENT) == null, "more than " + total + " entries");
                                peer = peer.cutAndResume(null);
                                for (int i = 0; i < total; i++)
                                    equal(peer.entry().id(), ids.get(i), "the id of entry " + i);
                            } finally {
                                peer.close();
                            }
                        }),
                check(
                        "3, rule 6",
                        "last-is-no-ack",
                        "keeps entries that the client has but has not acknowledged",
                        t -> {
                            try (Peer peer = Peer.start(t)) {
                                peer.message(1, Contract.number(10));
                                String last = peer.numbers(1, 10).id();
                                try (Peer newer = peer.cutAndResume(last)) {
                                    newer.await("live");
                                    newer.message(newer.c() + 1, "\"x\"");
                                    newer.awaitAck(newer.c() + 1);
                                    try (Peer older = newer.cutAndResume(null)) {
                                        older.numbers(1, 10);
                                    }
                                }
                            }
                        }),
                check(
                        "3, rule 7",
                        "lost-welcome",
                        "accepts the key that was used until the client sends something",
                        t -> {
                            try (Peer peer = Peer.start(t)) {
                                peer.message(1, "1");
                                peer.awaitAck(1);
                                for (int i = 0; i < 3; i++) {
                                    peer.cut();
                                    try (Peer next = Peer.connect(t)) {
                                        next.open(Peer.session(peer.sid(), peer.key(), null));
                                        that(next.welcome().path("resumed").booleanValue(), "the used key is refused");
                                        next.ping(t.patience()); // control frames do not count
                                        next.cut();
                                    }
                                }
                            }
                        }),
                check(
                        "3, rule 7",
                        "new-key-at-once",
                        "accepts the new key too, before the client sends something",
                        t -> {
                            try (Peer peer = Peer.start(t);
                                    Peer next = peer.resume(null);
                                    Peer third = next.resume(null)) {
                                that(!third.key().equals(next.key()), "the key is not a fresh one");
                            }
                        }),
                keyIsSpent("text", next -> next.message(next.c() + 1, "1")),
                keyIsSpent("ack", next -> next.ack(next.entry().id())),
                keyIsSpent("binary", next -> next.binary(next.c() + 1, new byte[0])),
                keyIsSpent("batch", next -> {
                    if (next.welcome().path("batch").asInt() < 2) throw new Skipped("the server offers no batches");
                    next.sending(next.c() + 1);
                    next.text("[{\"t\":\"msg\",\"c\":" + (next.c() + 1) + ",\"d\":1}]");
                }),
                check("3, rule 12", "duplicate", "ignores a seq that was dealt with, and acknowledges it again", t -> {
                    try (Peer peer = Peer.start(t)) {
                        peer.message(1, "\"a\"");
                        peer.message(2, Contract.fail("no"));
                        peer.entry();
                        peer.entry();
                        peer.awaitAck(2);
                        int acks = acks(peer);
                        peer.message(1, "\"other\"");
                        peer.message(2, Contract.fail("no"));
                        peer.await("another ack", m -> m.type().equals("ack") && acks(peer) > acks);
                        that(peer.entryWithin(Duration.ofMillis(500)) == null, "a duplicate was handled");
                        try (Peer next = peer.cutAndResume(null)) {
                            equal("a", next.entry().d().asText(), "the first entry");
                            equal("reject", next.entry().type(), "the second entry");
                            next.message(1, "\"other\"");
                            next.awaitAck(1);
                            next.message(3, "\"b\"");
                            equal("b", next.entry().d().asText(), "the third entry");
                        }
                    }
                }),
                check("3, rule 12", "duplicate-in-work", "ignores a seq that came before and still waits", t -> {
                    Contract.needsBusy(t);
                    try (Peer peer = Peer.start(t)) {
                        peer.message(1, Contract.busy(600));
                        peer.message(2, "\"a\"");
                        peer.message(2, "\"a\"");
                        peer.message(1, Contract.busy(600));
                        peer.message(3, "\"b\"");
                        equal("a", peer.entry().d().asText(), "the first entry");
                        equal("b", peer.entry().d().asText(), "the second entry");
                        peer.awaitAck(3);
                    }
                }),
                check("3, rule 12", "gap", "takes a seq that skips one for a protocol error", t -> {
                    try (Peer peer = Peer.start(t)) {
                        peer.message(1, "\"a\"");
                        peer.awaitAck(1);
                        peer.message(3, "\"c\"");
                        peer.expectProtocolError();
                        that(peer.highestAck() == 1, "acknowledged " + peer.highestAck());
                        try (Peer next = peer.resume(null)) {
                            equal(1L, next.c(), "c");
                        }
                    }
                    try (Peer peer = Peer.start(t)) {
                        peer.sending(2);
                        peer.message(2, "\"b\"");
                        peer.expectProtocolError();
                    }
                }),
                check("9", "twenty-cuts", "handles each message once and in order, over twenty cut connections", t -> {
                    Random random = new Random(7);
                    Peer peer = Peer.start(t);
                    try {
                        int total = 200;
                        List<Integer> echoes = new ArrayList<>();
                        String last = null;
                        long sent = 0;
                        for (int cut = 0; echoes.size() < total; cut++) {
                            long goal = cut < 20 ? Math.min(total, peer.c() + 5 + random.nextInt(20)) : total;
                            for (sent = peer.c(); sent < goal; ) peer.message(++sent, Long.toString(sent));
                            Duration wait = cut < 20 ? Duration.ofMillis(random.nextInt(30)) : t.patience();
                            Received entry;
                            while (echoes.size() < total && (entry = peer.entryWithin(wait)) != null) {
                                echoes.add(entry.d().asInt());
                                last = entry.id();
                            }
                            if (cut > 40) throw new Failure("only " + echoes.size() + " of " + total + " echoes came");
                            peer = peer.cutAndResume(last);
                        }
                        for (int i = 0; i < total; i++) equal(i + 1, echoes.get(i), "echo " + (i + 1));
                    } finally {
                        peer.close();
                    }
                }));
    }

    private interface Action {
        void on(Peer peer) throws Exception;
    }

    private static Check keyIsSpent(String kind, Action message) {
        return check(
                "3, rule 7", "used-key-" + kind, "refuses the used key after the client's next message: " + kind, t -> {
                    try (Peer peer = Peer.start(t)) {
                        peer.message(1, "\"a\"");
                        peer.awaitAck(1);
                        try (Peer next = peer.cutAndResume(null)) {
                            next.await("live");
                            message.on(next);
                            next.ping(t.patience());
                            next.listen(MOMENT);
                            OpeningChecks.untouched(t, next, Peer.session(peer.sid(), peer.key(), null), t.auth());
                            JsonNode welcome = next.reopen(
                                            next.key(),
                                            next.received().stream()
                                                    .filter(Received::isEntry)
                                                    .reduce((a, b) -> b)
                                                    .orElseThrow()
                                                    .id())
                                    .welcome();
                            that(welcome.path("resumed").booleanValue(), "the new key is refused: " + welcome);
                        }
                    }
                });
    }

    private static int acks(Peer peer) {
        return (int)
                peer.received().stream().filter(m -> m.type().equals("ack")).count();
    }

    /** Sends on a connection that the server may have closed. */
    private static void sendQuietly(Peer peer, long seq, String d) {
        try {
            peer.message(seq, d);
        } catch (IOException e) {
            // It has.
        }
    }
}

package dev.holdfast.conformance;

import static dev.holdfast.conformance.Check.check;
import static dev.holdfast.conformance.Check.equal;
import static dev.holdfast.conformance.Check.that;
import static dev.holdfast.conformance.Check.webSocket;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Section 3: which session an {@code open} gets. */
final class OpeningChecks {
    private static final long NO_OPEN_MILLIS = 10_000;
    private static final long SLACK_MILLIS = 3000;
    private static final Duration SLACK = Duration.ofMillis(SLACK_MILLIS);
    private static final int MIN_KEY = 43;

    private OpeningChecks() {}

    static List<Check> checks() {
        return List.of(
                webSocket("3, rule 1", "no-open", "closes with 4408 if no open comes within 10 seconds", t -> {
                    try (Peer peer = Peer.connect(t)) {
                        long start = System.nanoTime();
                        peer.expectClose(Duration.ofMillis(NO_OPEN_MILLIS + SLACK_MILLIS), 4408);
                        long millis = (System.nanoTime() - start) / 1_000_000;
                        that(millis > NO_OPEN_MILLIS - 500, "closed after " + millis + " ms already");
                    }
                }),
                check(
                        "3, rule 4",
                        "new-session",
                        "welcomes a new session with reason new and c 0, then sends live",
                        t -> {
                            try (Peer peer = Peer.start(t)) {
                                expectNew(peer.welcome(), "new", 0);
                                that(
                                        peer.key().length() >= MIN_KEY,
                                        "a key of 256 random bits has 43 characters in base64url");
                                that(peer.key().matches("[A-Za-z0-9_-]+"), "the key is not base64url");
                                equal("live", peer.received().get(1).type(), "what follows welcome");
                            }
                        }),
                check("2", "starting-position", "states the starting position of a new session", t -> {
                    try (Peer peer = Peer.start(t)) {
                        that(peer.welcome().has("last"), "last is missing: " + peer.welcome());
                    }
                }),
                check("3, rule 4", "sessions-differ", "gives each session a sid and a key of its own", t -> {
                    try (Peer a = Peer.start(t);
                            Peer b = Peer.start(t)) {
                        that(!a.sid().equals(b.sid()), "two sessions with sid " + a.sid());
                        that(!a.key().equals(b.key()), "two sessions with the same key");
                    }
                }),
                check("3, rule 3", "no-sid", "ignores key and last without a sid", t -> {
                    try (Peer peer = Peer.connect(t)) {
                        expectNew(peer.open("\"key\":\"k\",\"last\":\"e-1\""), "new", 0);
                    }
                }),
                check("3, rule 3", "unknown-sid", "opens a new session for a sid that it does not know", t -> {
                    try (Peer peer = Peer.connect(t)) {
                        expectNew(peer.open(Peer.session("nobody", "nothing", "e-1")), "unknown", 0);
                    }
                }),
                check("3, rule 3", "sid-without-key", "does not touch a session that is named without a key", t -> {
                    try (Peer peer = Peer.start(t)) {
                        untouched(t, peer, "\"sid\":\"" + peer.sid() + "\"", t.auth());
                    }
                }),
                check("3, rule 3; 8", "wrong-key", "answers a wrong key like a session that never existed", t -> {
                    try (Peer peer = Peer.start(t)) {
                        String wrong = (peer.key().charAt(0) == 'A' ? 'B' : 'A')
                                + peer.key().substring(1);
                        untouched(t, peer, Peer.session(peer.sid(), wrong, null), t.auth());
                        untouched(t, peer, Peer.session(peer.sid(), "short", "x"), t.auth());
                    }
                }),
                check("3, rule 3", "resume-from-start", "resumes from the starting position without last", t -> {
                    try (Peer peer = Peer.start(t)) {
                        peer.message(1, Contract.number(20));
                        peer.numbers(1, 20);
                        peer.awaitAck(1);
                        try (Peer next = peer.cutAndResume(null)) {
                            next.numbers(1, 20);
                            next.await("live");
                            equal(1L, next.c(), "c");
                        }
                    }
                }),
                check("3, rule 3", "resume-after-last", "resumes after last, with the same ids", t -> {
                    try (Peer peer = Peer.start(t)) {
                        peer.message(1, Contract.number(20));
                        String seventh = peer.numbers(1, 7).id();
                        String eighth = peer.numbers(8, 8).id();
                        peer.numbers(9, 20);
                        try (Peer next = peer.cutAndResume(seventh)) {
                            equal(peer.sid(), next.sid(), "the sid");
                            that(!next.key().equals(peer.key()), "the key is not a fresh one");
                            String last = next.welcome().path("last").asText(seventh);
                            equal(seventh, last, "last of welcome");
                            equal(eighth, next.numbers(8, 8).id(), "the id of the entry that is sent again");
                            next.numbers(9, 20);
                            next.await("live");
                            that(next.entryWithin(Duration.ofMillis(300)) == null, "more entries than there are");
                        }
                    }
                }),
                check("3, rule 3", "resume-at-end", "replays nothing to a client that has everything", t -> {
                    try (Peer peer = Peer.start(t)) {
                        peer.message(1, Contract.number(3));
                        String last = peer.numbers(1, 3).id();
                        try (Peer next = peer.cutAndResume(last)) {
                            next.await("live");
                            equal(2, next.received().size(), "the number of envelopes");
                        }
                    }
                }),
                check("3, rule 3", "trimmed", "ends a session whose history is gone, and never replays a part", t -> {
                    try (Peer peer = Peer.start(t)) {
                        peer.message(1, Contract.number(5));
                        String third = peer.numbers(1, 3).id();
                        peer.numbers(4, 5);
                        peer.ack(third);
                        peer.message(2, "\"x\"");
                        peer.awaitAck(2);
                        endedAs(peer, null, "trimmed", 2);
                    }
                }),
                check("3, rule 3", "epoch-newer", "ends a session if last is newer than its log", t -> {
                    try (Peer peer = Peer.start(t)) {
                        peer.message(1, "\"x\"");
                        String id = peer.entry().id();
                        peer.awaitAck(1);
                        endedAs(peer, later(id), "epoch", 1);
                    }
                }),
                check(
                        "3, rule 11",
                        "epoch-fences",
                        "fences the connection of a session that ends, before it reads c",
                        t -> {
                            Contract.needsBusy(t);
                            try (Peer peer = Peer.start(t)) {
                                peer.message(1, "\"a\"");
                                peer.awaitAck(1);
                                peer.message(2, Contract.busy(2500));
                                peer.message(3, "\"b\"");
                                peer.listen(Duration.ofMillis(300));
                                try (Peer next = peer.reopen(peer.key(), "no-such-id")) {
                                    equal("epoch", next.welcome().path("reason").asText(), "the reason");
                                    long c = next.c();
                                    that(c >= 1 && c <= 3, "c must be between 1 and 3, but was " + c);
                                    peer.expectClose(4409);
                                    that(
                                            peer.highestAck() <= c,
                                            "acknowledged " + peer.highestAck() + ", but c was " + c);
                                    boolean handled = peer.received().stream()
                                            .anyMatch(m -> m.d().asText().equals("b"));
                                    that(!handled || c == 3, "seq 3 was handled, but c was " + c);
                                }
                            }
                        }),
                check(
                        "3, rule 11",
                        "lost-rejection",
                        "does not acknowledge a rejection that is lost with the history",
                        t -> {
                            for (boolean acknowledged : new boolean[] {false, true}) {
                                try (Peer peer = Peer.start(t)) {
                                    peer.message(1, "\"a\"");
                                    peer.message(2, Contract.fail("no"));
                                    peer.message(3, "\"b\"");
                                    peer.entry();
                                    String rejection = peer.entry().id();
                                    peer.awaitAck(3);
                                    if (acknowledged) peer.ack(rejection);
                                    if (acknowledged) peer.ping(t.patience());
                                    peer.cut();
                                    JsonNode welcome = peer.reopen(peer.key(), "no-such-id")
                                            .welcome();
                                    expectNew(welcome, "epoch", acknowledged ? 3 : 1);
                                }
                            }
                        }),
                check(
                        "3, rule 3; 11",
                        "ended-is-remembered",
                        "answers the next open of an ended session like the first",
                        t -> {
                            try (Peer peer = Peer.start(t)) {
                                peer.message(1, "1");
                                peer.awaitAck(1);
                                peer.cut();
                                expectNew(peer.reopen(peer.key(), "no-such-id").welcome(), "epoch", 1);
                                JsonNode again =
                                        peer.reopen(peer.key(), "no-such-id").welcome();
                                equal("epoch", again.path("reason").asText(), "the reason (a SHOULD)");
                                equal(1, again.path("c").asInt(), "c");
                            }
                        }),
                check("3, rule 3", "expired", "answers for a session that has expired, with its c", t -> {
                    try (Peer peer = Peer.start(t)) {
                        Duration ttl = ttl(t, peer);
                        peer.message(1, "1");
                        String id = peer.entry().id();
                        peer.awaitAck(1);
                        peer.cut();
                        // A server may notice the end of a stream when it writes the next comment.
                        Duration slack = t.overHttp() ? HttpChecks.NOTICED : SLACK;
                        Thread.sleep(ttl.plus(slack).toMillis());
                        try (Peer next = peer.reopen(peer.key(), id)) {
                            expectNew(next.welcome(), "expired", 1);
                            startsAtOne(next);
                        }
                    }
                }),
                check("5", "connected-never-expires", "keeps a session while it is connected", t -> {
                    try (Peer peer = Peer.start(t)) {
                        peer.message(1, "1");
                        peer.listen(ttl(t, peer).plus(SLACK));
                        peer.cutAndResume(null).close();
                    }
                }),
                check("5", "resumable-after-close", "keeps a session after a close without bye", t -> {
                    for (int code : new int[] {1000, 1001}) {
                        try (Peer peer = Peer.start(t)) {
                            peer.message(1, "1");
                            peer.entry();
                            peer.awaitAck(1);
                            peer.sendClose(code);
                            peer.expectClose(code, 1000, Peer.NO_CLOSE_FRAME);
                            peer.resume(null).numbers(1, 1);
                        }
                    }
                }));
    }

    /** Expects the welcome of a new session. */
    static void expectNew(JsonNode welcome, String reason, int c) {
        that(welcome.path("resumed").isBoolean() && !welcome.path("resumed").booleanValue(), "resumed: " + welcome);
        equal(reason, welcome.path("reason").asText("unknown"), "the reason");
        equal(c, welcome.path("c").asInt(), "c");
    }

    /** Opens with these members, which must open another session and leave the first one as it is. */
    static void untouched(Target t, Peer peer, String members, @Nullable String auth) throws Exception {
        try (Peer other = Peer.connect(t)) {
            expectNew(other.openAs(auth, members), "unknown", 0);
            that(!other.sid().equals(peer.sid()), "the sid of the session that was named");
            other.await("live");
        }
        long seq = peer.nextSeq();
        peer.message(seq, "\"still here\"");
        peer.awaitAck(seq);
        peer.ping(t.patience());
    }

    private static void endedAs(Peer peer, @Nullable String last, String reason, int c) throws Exception {
        try (Peer next = peer.reopen(peer.key(), last)) {
            if (reason.equals("trimmed") && next.welcome().path("resumed").booleanValue()) {
                next.numbers(1, 5);
                throw new Skipped("the server keeps entries that the client has acknowledged");
            }
            expectNew(next.welcome(), reason, c);
            that(!next.sid().equals(peer.sid()), "the new session has the sid of the old one");
            equal("live", next.await("live").type(), "what follows");
            that(next.received().stream().noneMatch(Received::isEntry), "a part was replayed");
            peer.expectClose(4409);
            startsAtOne(next);
        }
    }

    private static void startsAtOne(Peer fresh) throws Exception {
        fresh.message(1, "\"first\"");
        equal("first", fresh.entry().d().asText(), "the first entry of the new session");
        fresh.awaitAck(1);
    }

    /** An id of the same make that the log has not given: its last number is increased. */
    static String later(String id) {
        int start = id.length();
        while (start > 0 && Character.isDigit(id.charAt(start - 1))) start--;
        if (start == id.length() || id.length() - start > 15) return id + "0";
        return id.substring(0, start) + (Long.parseLong(id.substring(start)) + 1000);
    }

    private static Duration ttl(Target t, Peer peer) {
        long ttl = peer.welcome().path("ttl").asLong();
        if (ttl == 0) throw new Skipped("the server does not state its ttl");
        if (ttl > t.maxTtl().toMillis()) {
            throw new Skipped("the ttl is " + ttl + " ms; the suite waits for "
                    + t.maxTtl().toMillis() + " ms");
        }
        return Duration.ofMillis(ttl);
    }
}

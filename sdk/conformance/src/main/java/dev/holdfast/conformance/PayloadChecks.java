package dev.holdfast.conformance;

import static dev.holdfast.conformance.Check.check;
import static dev.holdfast.conformance.Check.equal;
import static dev.holdfast.conformance.Check.that;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Sections 6 and 7: binary messages and batches. */
final class PayloadChecks {
    private PayloadChecks() {}

    static List<Check> checks() {
        return List.of(
                check("6", "binary", "passes on the bytes of a binary message", t -> {
                    try (Peer peer = Peer.start(t)) {
                        byte[] all = new byte[256];
                        for (int i = 0; i < all.length; i++) all[i] = (byte) i;
                        peer.binary(1, all);
                        peer.binary(2, new byte[0]);
                        that(Arrays.equals(all, peer.entry().payload()), "the payload is another one");
                        equal(0, peer.entry().payload().length, "the length of an empty payload");
                        peer.awaitAck(2);
                    }
                }),
                check("6", "binary-in-the-stream", "keeps one order of binary messages, text and rejections", t -> {
                    try (Peer peer = Peer.start(t)) {
                        peer.message(1, "\"a\"");
                        peer.binary(2, new byte[] {7});
                        peer.message(3, Contract.fail("no"));
                        peer.binary(4, new byte[] {8});
                        try (Peer next = replayed(peer)) {
                            for (Peer each : List.of(peer, next)) {
                                equal("msg", each.entry().type(), "entry 1");
                                equal(7, (int) each.entry().payload()[0], "entry 2");
                                equal("reject", each.entry().type(), "entry 3");
                                equal(8, (int) each.entry().payload()[0], "entry 4");
                            }
                        }
                    }
                }),
                malformed("first-byte", 2, 0, 0, 0, 0, 0, 0, 0, 1, 9),
                malformed("empty"),
                malformed("too-short", 1, 0, 0, 0, 0, 0, 0, 0),
                malformed("seq-zero", 1, 0, 0, 0, 0, 0, 0, 0, 0, 9),
                malformed("seq-beyond-53-bits", 1, 0, 0x20, 0, 0, 0, 0, 0, 0, 9),
                malformed("seq-beyond-63-bits", 1, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 9),
                malformed("gap", 1, 0, 0, 0, 0, 0, 0, 0, 2, 9),
                check("7", "batch", "handles a batch like messages of their own, in order", t -> {
                    try (Peer peer = Peer.start(t)) {
                        int batch = batch(peer);
                        peer.sending(batch);
                        peer.text(batchOf(1, batch));
                        peer.numbers(1, batch);
                        peer.awaitAck(batch);
                        peer.sending(batch + 1);
                        peer.text(" [ {\"t\":\"msg\",\"c\":" + (batch + 1) + ",\"k\":\"k\",\"d\":[1,2.50]} ] ");
                        equal("[1,2.50]", peer.entry().d().toString(), "the echo");
                    }
                }),
                check(
                        "7",
                        "batch-too-long",
                        "takes a batch of more messages than it offered for a protocol error",
                        t -> {
                            try (Peer peer = Peer.start(t)) {
                                int batch = batch(peer);
                                peer.sending(batch + 1);
                                peer.text(batchOf(1, batch + 1));
                                peer.expectProtocolError();
                            }
                        }),
                check(
                        "7",
                        "batch-of-others",
                        "takes an empty batch, and one of other envelopes, for a protocol error",
                        t -> {
                            for (String text : List.of(
                                    "[]",
                                    "[{\"t\":\"bye\"}]",
                                    "[{\"t\":\"msg\",\"c\":1,\"d\":1},{\"t\":\"bye\"}]",
                                    "[[{\"t\":\"msg\",\"c\":1,\"d\":1}]]",
                                    "[null]",
                                    "[{\"t\":\"msg\",\"c\":1,\"d\":1},{\"t\":\"msg\",\"c\":3,\"d\":1}]",
                                    "[{\"t\":\"msg\",\"c\":1}]")) {
                                try (Peer peer = Peer.start(t)) {
                                    batch(peer);
                                    peer.sending(3);
                                    peer.text(text);
                                    peer.expectProtocolError();
                                    that(peer.highestAck() <= 1, "acknowledged " + peer.highestAck());
                                }
                            }
                        }),
                check("7", "batch-not-offered", "takes a batch for a protocol error if it offers none", t -> {
                    try (Peer peer = Peer.start(t)) {
                        if (peer.welcome().path("batch").asInt() >= 2) throw new Skipped("the server offers batches");
                        peer.sending(1);
                        peer.text(batchOf(1, 1));
                        peer.expectProtocolError();
                    }
                }));
    }

    /** Waits until everything is acknowledged, and resumes from the start beside the connection. */
    private static Peer replayed(Peer peer) throws Exception {
        peer.awaitAck(4);
        return peer.resume(null);
    }

    private static Check malformed(String id, int... bytes) {
        return check(
                "6", "malformed-binary-" + id, "takes a malformed binary message for a protocol error: " + id, t -> {
                    try (Peer peer = Peer.start(t)) {
                        byte[] message = new byte[bytes.length];
                        for (int i = 0; i < bytes.length; i++) message[i] = (byte) bytes[i];
                        peer.sending(2);
                        peer.rawBinary(message);
                        peer.expectProtocolError();
                        that(!peer.has("ack"), "the message was acknowledged");
                    }
                });
    }

    private static int batch(Peer peer) {
        int batch = peer.welcome().path("batch").asInt();
        if (batch < 2) throw new Skipped("the server offers no batches");
        return batch;
    }

    private static String batchOf(int from, int to) {
        return IntStream.rangeClosed(from, to)
                .mapToObj(seq -> "{\"t\":\"msg\",\"c\":" + seq + ",\"d\":" + seq + "}")
                .collect(Collectors.joining(",", "[", "]"));
    }
}

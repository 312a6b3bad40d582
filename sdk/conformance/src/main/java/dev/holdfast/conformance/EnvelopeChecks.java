package dev.holdfast.conformance;

import static dev.holdfast.conformance.Check.check;
import static dev.holdfast.conformance.Check.equal;
import static dev.holdfast.conformance.Check.that;
import static dev.holdfast.conformance.Check.webSocket;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Sections 1, 2 and 12: the form of what is sent. */
final class EnvelopeChecks {
    private static final int MAX_NAME = 1024;
    private static final int NESTING = 500;

    /** Texts that no member of a request over HTTP can stand for. */
    private static final List<String> IN_NO_ARRAY =
            List.of("not-json", "two-values", "empty-text", "no-object", "no-type");

    private EnvelopeChecks() {}

    static List<Check> checks() {
        List<Check> checks = new ArrayList<>(List.of(
                webSocket("1", "subprotocol-selected", "selects resume.v1.json among other subprotocols", t -> {
                    Map<String, String> offer = Map.of("Sec-WebSocket-Protocol", "chat.example, resume.v1.json");
                    try (Peer peer = Peer.connect(t, offer, false)) {
                        peer.open("");
                    }
                }),
                webSocket("1", "subprotocol-not-offered", "does not select what was not offered", t -> {
                    try (RawWebSocket socket = RawWebSocket.connect(t.uri(), Map.of(), false)) {
                        String selected = socket.header("sec-websocket-protocol");
                        that(selected == null, "no subprotocol was offered, but the server selects " + selected);
                    } catch (RawWebSocket.Refused e) {
                        equal(400, e.status(), "the HTTP status");
                    }
                }),
                check("1", "ids", "gives each entry an id of its own, and none that of the starting position", t -> {
                    try (Peer peer = Peer.start(t)) {
                        peer.message(1, Contract.number(50));
                        peer.numbers(1, 50);
                        String start = peer.welcome().path("last").asText();
                        that(
                                peer.received().stream().noneMatch(m -> m.id().equals(start)),
                                "an entry has the id of the starting position, " + start);
                    }
                }),
                check("1", "epoch", "recognises an id of another epoch", t -> {
                    try (Peer peer = Peer.start(t)) {
                        peer.message(1, "1");
                        peer.awaitAck(1);
                        peer.cut();
                        JsonNode welcome =
                                peer.reopen(peer.key(), "another-epoch-1").welcome();
                        equal("epoch", welcome.path("reason").asText(), "the reason");
                    }
                }),
                check("2, 12", "unknown-members", "ignores members that it does not know", t -> {
                    try (Peer peer = Peer.connect(t)) {
                        peer.open("\"later\":{\"a\":[1]},\"t2\":\"bye\",\"meta\":{\"app\":[null,1.5e300]}");
                        String start = peer.startingPosition();
                        peer.sending(1);
                        peer.text("{\"later\":null,\"t\":\"msg\",\"x\":\"]}\",\"c\":1,\"d\":\"m\",\"e\":{\"d\":2}}");
                        equal("\"m\"", peer.entry().d().toString(), "the echo");
                        peer.text("{\"t\":\"ack\",\"last\":\"" + start + "\",\"c\":99}");
                        peer.text("{\"t\":\"bye\",\"why\":\"done\"}");
                        peer.awaitAck(1);
                        peer.sendClose(1000);
                        peer.expectClose(1000);
                    }
                }),
                check("2", "null-is-left-out", "reads null as a member that was left out", t -> {
                    try (Peer peer = Peer.connect(t)) {
                        String nulls = "\"sid\":null,\"key\":null,\"last\":null,\"meta\":null";
                        JsonNode welcome = peer.open(t.auth() == null ? nulls + ",\"auth\":null" : nulls);
                        equal("new", welcome.path("reason").asText(), "the reason");
                        peer.sending(1);
                        peer.text("{\"t\":\"msg\",\"c\":1,\"d\":1,\"k\":null}");
                        peer.awaitAck(1);
                    }
                }),
                check("2", "null-last-is-left-out", "resumes from the start if last is null", t -> {
                    try (Peer peer = Peer.start(t)) {
                        peer.message(1, "\"a\"");
                        peer.entry();
                        peer.cut();
                        try (Peer next = Peer.connect(t)) {
                            JsonNode welcome = next.open(Peer.session(peer.sid(), peer.key(), null) + ",\"last\":null");
                            that(welcome.path("resumed").booleanValue(), "not resumed: " + welcome);
                            equal("\"a\"", next.entry().d().toString(), "the replay");
                        }
                    }
                }),
                check("2", "payload-unchanged", "passes on any JSON value unchanged and rounds no number", t -> {
                    try (Peer peer = Peer.start(t)) {
                        long seq = 0;
                        for (String d : values()) {
                            peer.message(++seq, d);
                            JsonNode echo = peer.entry().d();
                            that(same(ServerMessages.json(d), echo), "sent " + d + ", but got " + echo);
                        }
                        peer.awaitAck(seq);
                    }
                }),
                check("2", "nesting", "accepts 500 levels of nesting", t -> {
                    try (Peer peer = Peer.start(t)) {
                        String d = "[".repeat(NESTING) + "]".repeat(NESTING);
                        peer.message(1, d);
                        equal(d, peer.entry().d().toString(), "the echo");
                    }
                }),
                check(
                        "2",
                        "long-members",
                        "accepts a sid and a key of 1,024 characters, and a k of none or 1,024",
                        t -> {
                            try (Peer peer = Peer.connect(t)) {
                                String name = "n".repeat(MAX_NAME);
                                JsonNode welcome = peer.open(Peer.session(name, name, null));
                                equal("unknown", welcome.path("reason").asText(), "the reason");
                                peer.sending(2);
                                peer.text("{\"t\":\"msg\",\"c\":1,\"d\":1,\"k\":\"" + name + "\"}");
                                peer.text("{\"t\":\"msg\",\"c\":2,\"d\":1,\"k\":\"\"}");
                                peer.awaitAck(2);
                            }
                        }),
                webSocket("1", "fragments", "reads a message in fragments, with a ping between them", t -> {
                    try (Peer peer = Peer.connect(t)) {
                        peer.socket().fragments(peer.openText(""));
                        peer.await("live");
                        peer.sending(1);
                        peer.socket().fragments("{\"t\":\"msg\",\"c\":1,\"d\":\"häppchen\"}");
                        equal("\"häppchen\"", peer.entry().d().toString(), "the echo");
                        peer.awaitAck(1);
                    }
                }),
                webSocket("1", "compression", "reads a compressed message like any other", t -> {
                    try (Peer peer = Peer.connect(t, Map.of(), true)) {
                        if (!peer.socket().compresses()) throw new Skipped("the server does not compress");
                        peer.socket().deflated(peer.openText(""));
                        peer.await("live");
                        peer.sending(1);
                        String d = "\"" + "squeeze ".repeat(500) + "\"";
                        peer.socket().deflated("{\"t\":\"msg\",\"c\":1,\"d\":" + d + "}");
                        equal(d, peer.entry().d().toString(), "the echo");
                        peer.awaitAck(1);
                    }
                }),
                webSocket("5", "invalid-utf8", "closes with 1007 for text that is not UTF-8", t -> {
                    try (Peer peer = Peer.start(t)) {
                        peer.socket().invalidText();
                        peer.expectClose(1007);
                    }
                }),
                check("2", "integer-1.0", "takes 1.0 and 1e0 as a seq for a protocol error", t -> {
                    boolean tolerant = false;
                    for (String c : List.of("1.0", "1e0")) {
                        try (Peer peer = Peer.start(t)) {
                            peer.sending(1);
                            peer.text("{\"t\":\"msg\",\"c\":" + c + ",\"d\":1}");
                            peer.listenUnlessClosed(Duration.ofSeconds(2));
                            tolerant |= !peer.isClosed();
                            if (peer.isClosed()) peer.expectProtocolError();
                        }
                    }
                    if (tolerant)
                        throw new Skipped("the server accepts it, which it MAY if it can't see the difference");
                }),
                check("2", "error-before-close", "explains a protocol error with an error envelope", t -> {
                    try (Peer peer = Peer.start(t)) {
                        peer.text("{\"t\":\"what\"}");
                        peer.expectProtocolError();
                        that(peer.has("error"), "no error envelope came before the close with 4400");
                    }
                }),
                webSocket(
                        "2, 11", "first-not-open", "takes a first message that is no open for a protocol error", t -> {
                            for (String text : List.of(
                                    "{\"t\":\"msg\",\"c\":1,\"d\":1}",
                                    "{\"t\":\"bye\"}",
                                    "{\"t\":\"ack\",\"last\":\"a\"}",
                                    "[]",
                                    "7")) {
                                try (Peer peer = Peer.connect(t)) {
                                    peer.sending(1);
                                    peer.text(text);
                                    peer.expectProtocolError();
                                }
                            }
                            try (Peer peer = Peer.connect(t)) {
                                peer.binary(1, new byte[] {1});
                                peer.expectProtocolError();
                            }
                        }),
                check("2", "malformed-open", "takes a malformed open for a protocol error", t -> {
                    for (String text : List.of(
                            "\"sid\":7", "\"sid\":\"a\",\"key\":{}", "\"sid\":\"a\",\"key\":\"b\",\"last\":1")) {
                        try (Peer peer = Peer.connect(t)) {
                            peer.text(peer.openText(text));
                            peer.expectProtocolError();
                        }
                    }
                })));
        malformed().forEach((id, text) -> checks.add(malformed(id, text)));
        return checks;
    }

    /** Values that a server may be tempted to change. */
    private static List<String> values() {
        return List.of(
                "null",
                "true",
                "0",
                "-0.5",
                "9007199254740993",
                "123456789012345678901234567890",
                "-9223372036854775809",
                "3.141592653589793238462643383279",
                "2.50",
                "1e-300",
                "\"\"",
                "\"\\u0000\\u001f\\\"\\\\\\/ \\ud83d\\ude00 é \u2028 \"",
                "[]",
                "{}",
                "[[],{},\"]\",\"}\",\"\\\\\"]",
                "{\"\":0,\"d\":{\"d\":1},\"t\":\"bye\",\"c\":9}",
                " { \"a\" : [ 1 , 2 ] } ");
    }

    /** Compares two values. Numbers are equal if they have the same value, whatever their digits. */
    private static boolean same(JsonNode a, JsonNode b) {
        if (a.isNumber() && b.isNumber()) return a.decimalValue().compareTo(b.decimalValue()) == 0;
        if (a.isContainerNode() && a.getNodeType() == b.getNodeType() && a.size() == b.size()) {
            if (a.isArray()) {
                for (int i = 0; i < a.size(); i++) if (!same(a.get(i), b.get(i))) return false;
                return true;
            }
            return a.properties().stream()
                    .allMatch(member -> b.has(member.getKey()) && same(member.getValue(), b.get(member.getKey())));
        }
        return a.equals(b);
    }

    private static Map<String, String> malformed() {
        return Map.ofEntries(
                Map.entry("unknown-type", "{\"t\":\"hello\"}"),
                Map.entry("type-of-the-server", "{\"t\":\"live\"}"),
                Map.entry("second-open", "{\"t\":\"open\"}"),
                Map.entry("not-json", "{\"t\":\"msg\",\"c\":1,\"d\":1"),
                Map.entry("two-values", "{\"t\":\"bye\"}{\"t\":\"bye\"}"),
                Map.entry("empty-text", ""),
                Map.entry("no-object", "\"bye\""),
                Map.entry("no-type", "{\"c\":1,\"d\":1}"),
                Map.entry("type-null", "{\"t\":null}"),
                Map.entry("type-number", "{\"t\":1}"),
                Map.entry("msg-without-c", "{\"t\":\"msg\",\"d\":1}"),
                Map.entry("msg-without-d", "{\"t\":\"msg\",\"c\":1}"),
                Map.entry("seq-null", "{\"t\":\"msg\",\"c\":null,\"d\":1}"),
                Map.entry("seq-string", "{\"t\":\"msg\",\"c\":\"1\",\"d\":1}"),
                Map.entry("seq-zero", "{\"t\":\"msg\",\"c\":0,\"d\":1}"),
                Map.entry("seq-negative", "{\"t\":\"msg\",\"c\":-1,\"d\":1}"),
                Map.entry("seq-fraction", "{\"t\":\"msg\",\"c\":1.5,\"d\":1}"),
                Map.entry("seq-beyond-53-bits", "{\"t\":\"msg\",\"c\":18446744073709551617,\"d\":1}"),
                Map.entry("key-number", "{\"t\":\"msg\",\"c\":1,\"d\":1,\"k\":7}"),
                Map.entry("ack-without-last", "{\"t\":\"ack\"}"),
                Map.entry("ack-last-null", "{\"t\":\"ack\",\"last\":null}"),
                Map.entry("ack-last-number", "{\"t\":\"ack\",\"last\":7}"),
                Map.entry("auth-without-auth", "{\"t\":\"auth\"}"));
    }

    private static Check malformed(String id, String text) {
        Check check = malformedAs(id, text);
        return IN_NO_ARRAY.contains(id) ? webSocket(check.section(), check.id(), check.title(), check.body()) : check;
    }

    private static Check malformedAs(String id, String text) {
        return check(
                "2",
                "malformed-" + id,
                "takes " + (text.isEmpty() ? "an empty text" : text) + " for a protocol error",
                t -> {
                    try (Peer peer = Peer.start(t)) {
                        peer.sending(1);
                        peer.text(text);
                        peer.expectProtocolError();
                        that(!peer.has("ack"), "the message was acknowledged");
                    }
                });
    }
}

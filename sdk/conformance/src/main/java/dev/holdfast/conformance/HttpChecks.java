package dev.holdfast.conformance;

import static dev.holdfast.conformance.Check.equal;
import static dev.holdfast.conformance.Check.http;
import static dev.holdfast.conformance.Check.that;
import static dev.holdfast.conformance.Target.need;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Section 15: the greeting, streams of events, and what is sent in requests. */
final class HttpChecks {
    static final String GREETING = "http-greeting";
    private static final int MIN_COMMENT_MILLIS = 22_000;
    private static final int COMMENT_MILLIS = 25_000;
    private static final int SLACK_MILLIS = 3000;
    /** The longest time after which a server notices that a stream is cut: its first write fails. */
    static final Duration NOTICED = Duration.ofMillis(COMMENT_MILLIS + SLACK_MILLIS);

    private static final int REMEMBERED_MILLIS = 58_000;
    private static final int MIN_BODY = 1 << 20;
    private static final long MAX_NUMBER = (1L << 53) - 1;

    private HttpChecks() {}

    /** Returns why the server is not checked over HTTP, or an empty string if it offers it. */
    static String whyNot(Target t) {
        try (RawRequest request = RawRequest.post(t.uri(), Map.of(), "[]")) {
            int status = request.answer((int) t.patience().toMillis()).status();
            String body = new String(request.body((int) t.patience().toMillis()), StandardCharsets.UTF_8);
            return status == 200 && body.contains('"' + Peer.SUBPROTOCOL + '"')
                    ? ""
                    : "the greeting was answered with HTTP " + status + " and " + ServerMessages.excerpt(body);
        } catch (IOException e) {
            return e.toString();
        }
    }

    static List<Check> checks() {
        return List.of(
                http("greeting", "answers a greeting with the subprotocols that it speaks over HTTP", t -> {
                    String why = whyNot(t);
                    if (!why.isEmpty() && t.http() == Target.Http.AUTO) {
                        throw new Skipped("the server does not carry sessions over HTTP: " + why);
                    }
                    that(why.isEmpty(), why);
                    try (HttpPeer peer = new HttpPeer(t)) {
                        RawRequest.Head head = peer.greet(Map.of());
                        equal(200, head.status(), "the HTTP status");
                    }
                }),
                http("refused-greeting", "refuses a greeting and an opening with 401 as it refuses an upgrade", t -> {
                    String bearer = need(t.refusedBearer(), "--refused-bearer");
                    Map<String, String> header = Map.of("Authorization", "Bearer " + bearer);
                    try (HttpPeer peer = new HttpPeer(t)) {
                        equal(401, peer.greet(header).status(), "the HTTP status of the greeting");
                        RawRequest.Head head = peer.open(Peer.openText(null, ""), header);
                        equal(401, head.status(), "the HTTP status of the opening");
                    }
                }),
                http("stream", "answers an opening with a stream of events that proxies do not hold back", t -> {
                    try (HttpPeer peer = new HttpPeer(t)) {
                        Map<String, String> headers = peer.start().headers();
                        String type = headers.getOrDefault("content-type", "none");
                        that(type.matches("text/event-stream( *;.*)?"), "the Content-Type is " + type);
                        equal("no", headers.getOrDefault("x-accel-buffering", "none"), "X-Accel-Buffering");
                    }
                }),
                http("known-name", "refuses the name of a connection with 409 and leaves the connection alone", t -> {
                    try (HttpPeer peer = new HttpPeer(t)) {
                        peer.start();
                        equal(409, peer.openAgain(), "the HTTP status");
                        equal(204, peer.send(1, msg(1, "\"mine\"")), "the HTTP status of what is sent");
                        equal("mine", peer.entry().path("d").asText(), "the echo");
                        peer.send(2, "{\"close\":1000,\"reason\":\"\"}");
                        equal(1000, peer.closed(), "the close code");
                        equal(409, peer.openAgain(), "the HTTP status after the end");
                    }
                }),
                http("known-for-a-minute", "knows a name for 60 seconds after the end of its connection", t -> {
                    if (!t.slow()) throw new Skipped("needs --slow");
                    try (HttpPeer peer = new HttpPeer(t)) {
                        peer.start();
                        peer.send(1, "{\"close\":1000,\"reason\":\"\"}");
                        equal(1000, peer.closed(), "the close code");
                        Thread.sleep(REMEMBERED_MILLIS);
                        equal(409, peer.openAgain(), "the HTTP status");
                    }
                }),
                http("malformed-name", "answers a name or a number of another form with 400", t -> {
                    String open = Peer.openText(t.auth(), "");
                    for (String name : List.of("n".repeat(21), "n".repeat(65), "n".repeat(30) + ".")) {
                        equal(400, HttpPeer.status(t, Map.of("Holdfast-Attempt", name), open), "for the name " + name);
                    }
                    for (String header : List.of("Holdfast-Request", "Holdfast-Poll")) {
                        for (String number : List.of("one", "-1", "1.5", "99999999999999999999")) {
                            Map<String, String> headers = Map.of("Holdfast-Attempt", RawHttp.newName(), header, number);
                            equal(400, HttpPeer.status(t, headers, "[]"), "for " + header + ": " + number);
                        }
                    }
                }),
                http("first-not-open", "says in the stream that the body of an opening is no open", t -> {
                    for (String body : List.of("{\"t\":\"bye\"}", "[]", "7", "{\"t\":\"open\"", "")) {
                        try (HttpPeer peer = new HttpPeer(t)) {
                            equal(200, peer.open(body, Map.of()).status(), "the HTTP status for " + body);
                            equal(4400, peer.closed(), "the close code");
                            that(peer.saw("error"), "no error envelope came for " + body + " (a SHOULD)");
                        }
                    }
                }),
                http("comment", "sends a comment line after 25 seconds of silence, and none much earlier", t -> {
                    try (HttpPeer peer = new HttpPeer(t)) {
                        peer.start();
                        long millis = peer.comment(COMMENT_MILLIS + SLACK_MILLIS);
                        that(millis <= COMMENT_MILLIS + SLACK_MILLIS, "it came after " + millis + " ms");
                        that(millis >= MIN_COMMENT_MILLIS, "it came after " + millis + " ms already (a SHOULD)");
                    }
                }),
                http("line-breaks", "carries JSON with line breaks between its tokens", t -> {
                    try (HttpPeer peer = new HttpPeer(t)) {
                        peer.start();
                        String d = "{\n\"a\":\r\n[1,\r2],\t\"b\":\"\\n\"}";
                        equal(204, peer.send(1, msg(1, d)), "the HTTP status");
                        equal(ServerMessages.json(d), peer.entry().path("d"), "the echo");
                    }
                }),
                http("members", "takes the members of a request in their order", t -> {
                    try (HttpPeer peer = new HttpPeer(t)) {
                        JsonNode welcome = peer.welcome();
                        boolean batches = welcome.path("batch").asInt() >= 2;
                        String two = msg(2, "2") + "," + msg(3, "3");
                        int status = peer.send(
                                1,
                                " " + msg(1, "12345678901234567890 "),
                                batches ? "[" + two + "]" : two,
                                "\"AQAAAAAAAAAEAP/+\"",
                                msg(5, "5") + " ");
                        equal(204, status, "the HTTP status");
                        equal("12345678901234567890", peer.entry().path("d").toString(), "the first echo");
                        equal(2, peer.entry().path("d").asInt(), "the second echo");
                        equal(3, peer.entry().path("d").asInt(), "the third echo");
                        equal("00fffe", peer.entry().path("hex").asText(), "the fourth echo");
                        equal(5, peer.entry().path("d").asInt(), "the fifth echo");
                    }
                }),
                http("empty-request", "takes a request without members", t -> {
                    try (HttpPeer peer = new HttpPeer(t)) {
                        peer.start();
                        equal(204, peer.send(1), "the HTTP status");
                        equal(204, peer.send(2, msg(1, "1")), "the HTTP status of the next");
                        equal(1, peer.entry().path("d").asInt(), "the echo");
                    }
                }),
                http("large-request", "takes a request of 1 MiB", t -> {
                    try (HttpPeer peer = new HttpPeer(t)) {
                        peer.start();
                        String member = msg(1, "1");
                        equal(
                                204,
                                peer.send(1, member + " ".repeat(MIN_BODY - member.length() - 2)),
                                "the HTTP status");
                        equal(1, peer.entry().path("d").asInt(), "the echo");
                    }
                }),
                http("request-again", "answers a request that it has taken with 204 and ignores it", t -> {
                    try (HttpPeer peer = new HttpPeer(t)) {
                        peer.start();
                        equal(204, peer.send(1, msg(1, "1")), "the HTTP status");
                        equal(1, peer.entry().path("d").asInt(), "the echo");
                        equal(204, peer.send(1, msg(1, "1"), "{\"ping\":7}"), "the HTTP status of the same again");
                        equal(204, peer.send(1, msg(2, "\"no\"")), "the HTTP status of another under its number");
                        equal(204, peer.send(2, msg(2, "2")), "the HTTP status of the next");
                        equal(2, peer.entry().path("d").asInt(), "the next echo");
                        equal(204, peer.send(1, msg(3, "\"no\"")), "the HTTP status of the first once more");
                        equal(204, peer.send(3, msg(3, "3")), "the HTTP status of the third");
                        equal(3, peer.entry().path("d").asInt(), "the third echo");
                        that(!peer.saw("pong"), "a ping in a request that was ignored was answered");
                    }
                }),
                http("request-twice", "takes a request once that comes twice at the same time", t -> {
                    for (int i = 0; i < 5; i++) {
                        try (HttpPeer peer = new HttpPeer(t)) {
                            peer.start();
                            try (RawRequest one = peer.sending(1, msg(1, "1"), msg(2, "2"));
                                    RawRequest other = peer.sending(1, msg(1, "1"), msg(2, "2"))) {
                                equal(204, peer.status(one), "the HTTP status of one");
                                equal(204, peer.status(other), "the HTTP status of the other");
                            }
                            equal(204, peer.send(2, msg(3, "3")), "the HTTP status of the next");
                            for (int n = 1; n <= 3; n++)
                                equal(n, peer.entry().path("d").asInt(), "the echo");
                        }
                    }
                }),
                http("request-skipped", "answers a number that skips one with 409, and ends the connection", t -> {
                    try (HttpPeer peer = new HttpPeer(t)) {
                        JsonNode welcome = peer.welcome();
                        equal(204, peer.send(1, msg(1, "1")), "the HTTP status");
                        equal(1, peer.entry().path("d").asInt(), "the echo");
                        equal(409, peer.send(3, msg(2, "\"lost\"")), "the HTTP status of a number that skips one");
                        equal(410, peer.send(2, msg(2, "\"late\"")), "the HTTP status after that");
                        try (Peer next = Peer.connect(t)) {
                            next.open(Peer.session(
                                    welcome.path("sid").asText(),
                                    welcome.path("key").asText(),
                                    null));
                            that(next.welcome().path("resumed").booleanValue(), "not resumed: " + next.welcome());
                            equal(1L, next.c(), "c");
                        }
                    }
                }),
                http("unknown-name", "answers with 410 for a connection that it does not know", t -> {
                    Map<String, String> send = Map.of("Holdfast-Attempt", RawHttp.newName(), "Holdfast-Request", "1");
                    Map<String, String> poll = Map.of("Holdfast-Attempt", RawHttp.newName(), "Holdfast-Poll", "1");
                    equal(410, HttpPeer.status(t, send, "[" + msg(1, "1") + "]"), "the HTTP status");
                    equal(410, HttpPeer.status(t, poll, ""), "the HTTP status of a poll");
                }),
                http("over", "answers with 410 for a connection that is over, whatever the number", t -> {
                    try (HttpPeer peer = new HttpPeer(t)) {
                        peer.start();
                        peer.send(1, msg(1, "1"));
                        peer.send(2, "{\"close\":1001,\"reason\":\"\"}");
                        equal(1001, peer.closed(), "the close code");
                        for (int number : new int[] {3, 1, 9}) {
                            equal(410, peer.send(number, msg(2, "2")), "the HTTP status of request " + number);
                        }
                    }
                }),
                http("lost-stream", "treats the end of a stream as a lost connection", t -> {
                    try (HttpPeer peer = new HttpPeer(t)) {
                        JsonNode welcome = peer.welcome();
                        peer.cut();
                        long deadline = System.nanoTime() + NOTICED.toNanos();
                        int status = 204;
                        for (int n = 1; status == 204 && System.nanoTime() < deadline; n++) {
                            status = peer.send(n);
                            Thread.sleep(100);
                        }
                        equal(410, status, "the HTTP status after the stream was cut");
                        try (Peer next = Peer.connect(t)) {
                            next.open(Peer.session(
                                    welcome.path("sid").asText(),
                                    welcome.path("key").asText(),
                                    null));
                            that(next.welcome().path("resumed").booleanValue(), "not resumed: " + next.welcome());
                        }
                    }
                }),
                http("ping", "answers a ping with its number", t -> {
                    try (HttpPeer peer = new HttpPeer(t)) {
                        peer.start();
                        int number = 0;
                        for (long ping : new long[] {1, 0, 7, MAX_NUMBER}) {
                            equal(204, peer.send(++number, "{\"ping\":" + ping + "}"), "the HTTP status");
                            equal(Long.toString(ping), peer.pong(), "the pong");
                        }
                    }
                }),
                http("close", "answers a close with its code, and ends the stream", t -> {
                    for (int code : new int[] {1000, 1001, 3456}) {
                        try (HttpPeer peer = new HttpPeer(t)) {
                            peer.start();
                            String close = "{\"close\":" + code + ",\"reason\":\"so\"}";
                            ends(peer.send(1, close, msg(1, "\"after\"")));
                            equal(code, peer.closed(), "the close code");
                            peer.ends();
                            that(!peer.saw("msg"), "what followed the close was handled");
                        }
                    }
                }),
                http("server-close", "ends the stream after its own close", t -> {
                    try (HttpPeer peer = new HttpPeer(t)) {
                        peer.start();
                        ends(peer.send(1, "{\"t\":\"nonsense\"}"));
                        equal(4400, peer.closed(), "the close code");
                        peer.ends();
                        equal(410, peer.send(2, msg(1, "1")), "the HTTP status after the end");
                    }
                }),
                http("malformed-request", "takes a body that is no array of members for a protocol error", t -> {
                    List<String> bodies = new ArrayList<>(List.of("", "{}", "7", "[" + msg(1, "1"), "[]]"));
                    bodies.add(msg(1, "1"));
                    for (String member : List.of(
                            "1",
                            "null",
                            "true",
                            "{}",
                            "\"*\"",
                            "\"AQ\"x",
                            "{\"ping\":\"1\"}",
                            "{\"ping\":1.5}",
                            "{\"close\":\"1000\"}")) {
                        bodies.add("[" + member + "]");
                    }
                    for (String body : bodies) {
                        try (HttpPeer peer = new HttpPeer(t)) {
                            peer.start();
                            int status = peer.sendBody(1, body);
                            if (status != 400) ends(status);
                            if (status != 400) equal(4400, peer.closed(), "the close code for " + body);
                            that(!peer.saw("msg") && !peer.saw("pong"), "it was handled: " + body);
                        }
                    }
                }),
                http("moves", "resumes a session over the other carrier, there and back", t -> {
                    try (Peer web = Peer.start(t)) {
                        web.message(1, "\"a\"");
                        String first = web.entry().id();
                        web.awaitAck(1);
                        try (Peer http = Peer.connect(t.overHttp(true))) {
                            http.open(Peer.session(web.sid(), web.key(), first));
                            equal(1L, http.c(), "c over HTTP");
                            web.expectClose(4409);
                            http.await("live");
                            http.message(2, "\"b\"");
                            equal("b", http.entry().d().asText(), "the entry over HTTP");
                            http.awaitAck(2);
                            try (Peer back = Peer.connect(t)) {
                                back.open(Peer.session(http.sid(), http.key(), first));
                                equal(2L, back.c(), "c back on a WebSocket");
                                http.expectClose(4409);
                                equal("b", back.entry().d().asText(), "the replay");
                                back.message(3, "\"c\"");
                                equal("c", back.entry().d().asText(), "the entry after the replay");
                            }
                        }
                    }
                }),
                http("late-open", "closes a WebSocket whose open came after that of a newer HTTP connection", t -> {
                    try (Peer first = Peer.start(t);
                            Peer late = Peer.connect(t);
                            Peer newer = Peer.connect(t.overHttp(true))) {
                        newer.open(Peer.session(first.sid(), first.key(), null));
                        newer.await("live");
                        late.text(late.openText(Peer.session(first.sid(), first.key(), null)));
                        late.expectClose(4408);
                        newer.message(1, "\"a\"");
                        equal("a", newer.entry().d().asText(), "the answer on the newer connection");
                    }
                }));
    }

    /** Checks the answer to a request that ends its connection. */
    static void ends(int status) {
        that(status == 204 || status == 410, "HTTP " + status + " for the request that ends its connection");
    }

    static String msg(long seq, String d) {
        return "{\"t\":\"msg\",\"c\":" + seq + ",\"d\":" + d + "}";
    }
}

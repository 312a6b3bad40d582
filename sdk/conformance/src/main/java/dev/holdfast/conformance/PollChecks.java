package dev.holdfast.conformance;

import static dev.holdfast.conformance.Check.equal;
import static dev.holdfast.conformance.Check.http;
import static dev.holdfast.conformance.Check.that;
import static dev.holdfast.conformance.HttpChecks.msg;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** Section 15: polls, for networks that hold a stream back. */
final class PollChecks {
    private static final int HELD_MILLIS = 25_000;
    private static final int SLACK_MILLIS = 3000;
    private static final int LOST_MILLIS = 62_000;
    private static final int MAX_ANSWER = 1 << 20;
    private static final int LATER_MILLIS = 700;
    private static final int MAX_POLLS = 200;

    private PollChecks() {}

    static List<Check> checks() {
        return List.of(
                http("poll", "answers an opening and each poll with what it has, and ends the answer", t -> {
                    try (HttpPeer peer = new HttpPeer(t)) {
                        int number = peer.startPolling();
                        equal(204, peer.send(1, msg(1, "\"a\""), "{\"ping\":3}"), "the HTTP status");
                        List<Events.Event> all = pollUntil(peer, number + 1, "\"a\"", "pong");
                        that(all.contains(new Events.Event("pong", "3")), "the pong is another: " + all);
                    }
                }),
                http("poll-waits", "answers a poll when it has something", t -> {
                    try (HttpPeer peer = new HttpPeer(t)) {
                        int number = peer.startPolling();
                        equal(204, peer.send(1, msg(1, Contract.numberLater(1, LATER_MILLIS))), "the HTTP status");
                        pollUntil(peer, number + 1, "\"d\":1");
                    }
                }),
                http("poll-held", "answers a poll after 25 seconds at the latest, if nothing comes", t -> {
                    try (HttpPeer peer = new HttpPeer(t)) {
                        int number = peer.startPolling();
                        HttpPeer.Answer answer = peer.poll(number + 1, HELD_MILLIS + SLACK_MILLIS);
                        equal(200, answer.status(), "the HTTP status");
                        equal(List.of(), answer.events(), "the events");
                        equal(204, peer.send(1, msg(1, "1")), "the HTTP status of what is sent then");
                        pollUntil(peer, number + 2, "\"d\":1");
                    }
                }),
                http("poll-again", "repeats its last answer if the same number comes again", t -> {
                    try (HttpPeer peer = new HttpPeer(t)) {
                        int number = peer.startPolling();
                        for (int seq = 1; seq <= 3; seq++) {
                            equal(204, peer.send(seq, msg(seq, Integer.toString(seq))), "the HTTP status");
                            HttpPeer.Answer answer = peer.poll(++number);
                            equal(200, answer.status(), "the HTTP status of poll " + number);
                            that(!answer.events().isEmpty(), "poll " + number + " was answered with nothing");
                            for (int i = 0; i < 2; i++) equal(answer, peer.poll(number), "the answer to the same poll");
                        }
                    }
                }),
                http("poll-twice", "gives no two different answers to one number", t -> {
                    try (HttpPeer peer = new HttpPeer(t)) {
                        int number = peer.startPolling() + 1;
                        try (RawRequest one = peer.polling(number, "")) {
                            Thread.sleep(LATER_MILLIS / 2);
                            try (RawRequest other = peer.polling(number, "")) {
                                Thread.sleep(LATER_MILLIS / 2);
                                equal(204, peer.send(1, msg(1, "\"once\"")), "the HTTP status");
                                List<HttpPeer.Answer> answers = new ArrayList<>();
                                for (RawRequest each : List.of(one, other)) {
                                    try {
                                        answers.add(peer.answer(
                                                each, (int) t.patience().toMillis()));
                                    } catch (IOException e) {
                                        // It was broken off.
                                    }
                                }
                                answers.removeIf(answer -> answer.status() != 200);
                                that(!answers.isEmpty(), "neither was answered");
                                equal(
                                        answers.get(0),
                                        answers.get(answers.size() - 1),
                                        "the other answer to the same number");
                                if (has(answers.get(0).events(), "once")) return;
                                pollUntil(peer, number + 1, "once");
                            }
                        }
                    }
                }),
                http("poll-skipped", "answers a number that is neither the last nor the next with 409", t -> {
                    try (HttpPeer peer = new HttpPeer(t)) {
                        int number = peer.startPolling();
                        for (int seq = 1; seq <= 2; seq++) {
                            peer.send(seq, msg(seq, Integer.toString(seq)));
                            equal(200, peer.poll(++number).status(), "the HTTP status of poll " + number);
                        }
                        equal(409, peer.poll(number + 2).status(), "the HTTP status of one that skips one");
                        int old = peer.poll(number - 1).status();
                        that(old == 409 || old == 410, "the HTTP status of an old one is " + old);
                    }
                }),
                http("poll-close", "sends its close in an answer, and repeats that one too", t -> {
                    try (HttpPeer peer = new HttpPeer(t)) {
                        int number = peer.startPolling() + 1;
                        HttpChecks.ends(peer.send(1, "{\"close\":1000,\"reason\":\"\"}"));
                        HttpPeer.Answer answer = peer.poll(number);
                        for (; !isClosed(answer); answer = peer.poll(++number)) {
                            equal(200, answer.status(), "the HTTP status of poll " + number);
                        }
                        equal(answer, peer.poll(number), "the same answer again");
                        equal(410, peer.poll(number + 1).status(), "the HTTP status of the next poll");
                        equal(410, peer.send(2), "the HTTP status of what is sent then");
                    }
                }),
                http("poll-size", "puts at most 1 MiB, or one event, into an answer", t -> {
                    try (HttpPeer peer = new HttpPeer(t)) {
                        int number = peer.startPolling();
                        int size = MAX_ANSWER / 5;
                        int count = 12;
                        for (int seq = 1; seq <= count; seq++) {
                            equal(204, peer.send(seq, msg(seq, '"' + "z".repeat(size) + '"')), "the HTTP status");
                        }
                        int echoes = 0;
                        for (int i = 1; i < MAX_POLLS && echoes < count; i++) {
                            HttpPeer.Answer answer = peer.poll(++number);
                            equal(200, answer.status(), "the HTTP status of poll " + number);
                            that(
                                    answer.bytes() <= MAX_ANSWER
                                            || answer.events().size() == 1,
                                    answer.events().size() + " events of " + answer.bytes()
                                            + " bytes in one answer (a SHOULD)");
                            for (Events.Event event : answer.events()) {
                                if (!event.data().contains("\"msg\"")) continue;
                                echoes++;
                                equal(204, peer.send(count + echoes, ack(event)), "the HTTP status of an ack");
                            }
                        }
                        equal(count, echoes, "the number of echoes");
                    }
                }),
                http("poll-opened-again", "refuses an opening that comes again with 409", t -> {
                    try (HttpPeer peer = new HttpPeer(t)) {
                        int number = peer.startPolling();
                        try (RawRequest again = peer.polling(0, Peer.openText(t.auth(), ""))) {
                            equal(409, peer.status(again), "the HTTP status");
                        }
                        equal(204, peer.send(1, msg(1, "1")), "the HTTP status of what is sent");
                        pollUntil(peer, number + 1, "\"d\":1");
                    }
                }),
                http("poll-many", "carries a thousand messages over polls, each once and in order", t -> {
                    try (HttpPeer peer = new HttpPeer(t)) {
                        int number = peer.startPolling();
                        List<Integer> echoes = new ArrayList<>();
                        for (int part = 0; part < 10; part++) {
                            int from = part * 100 + 1;
                            String[] members = IntStream.range(from, from + 100)
                                    .mapToObj(seq -> msg(seq, Integer.toString(seq)))
                                    .toArray(String[]::new);
                            equal(204, peer.send(part * 2 + 1, members), "the HTTP status");
                            Events.Event last = new Events.Event("", "");
                            while (echoes.size() < from + 99) {
                                HttpPeer.Answer answer = peer.poll(++number);
                                equal(200, answer.status(), "the HTTP status of poll " + number);
                                for (Events.Event event : answer.events()) {
                                    var envelope = ServerMessages.envelope(event.data());
                                    if (!envelope.path("t").asText().equals("msg")) continue;
                                    echoes.add(envelope.path("d").asInt());
                                    last = event;
                                }
                            }
                            equal(204, peer.send(part * 2 + 2, ack(last)), "the HTTP status of an ack");
                        }
                        equal(IntStream.rangeClosed(1, 1000).boxed().toList(), echoes, "the echoes");
                    }
                }),
                http("poll-lost", "gives a connection up if no poll comes for 60 seconds", t -> {
                    if (!t.slow()) throw new Skipped("needs --slow");
                    try (HttpPeer peer = new HttpPeer(t)) {
                        int number = peer.startPolling();
                        Thread.sleep(LOST_MILLIS - HELD_MILLIS);
                        equal(204, peer.send(1), "the HTTP status after 37 seconds without a poll");
                        Thread.sleep(HELD_MILLIS + SLACK_MILLIS * 2L);
                        equal(410, peer.send(2), "the HTTP status after 68 seconds without a poll");
                        equal(410, peer.poll(number + 1).status(), "the HTTP status of the next poll");
                    }
                }));
    }

    private static String ack(Events.Event entry) {
        return "{\"t\":\"ack\",\"last\":\""
                + ServerMessages.envelope(entry.data()).path("id").asText() + "\"}";
    }

    private static boolean has(List<Events.Event> events, String part) {
        return events.stream()
                .anyMatch(event -> event.data().contains(part) || event.name().equals(part));
    }

    private static boolean isClosed(HttpPeer.Answer answer) {
        return has(answer.events(), "close");
    }

    /** Polls until events with all these texts or names have come, and returns what came. */
    private static List<Events.Event> pollUntil(HttpPeer peer, int number, String... parts) throws IOException {
        List<Events.Event> all = new ArrayList<>();
        for (int next = number; ; next++) {
            if (List.of(parts).stream().allMatch(part -> has(all, part))) return all;
            HttpPeer.Answer answer = peer.poll(next);
            equal(200, answer.status(), "the HTTP status of poll " + next);
            all.addAll(answer.events());
            that(next < number + MAX_POLLS, "only these came: " + all);
        }
    }
}

package dev.holdfast.conformance;

import static dev.holdfast.conformance.Check.equal;
import static dev.holdfast.conformance.Check.that;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * One connection of section 15 whose requests a check makes one by one. Each answer must forbid to store it.
 *
 * <p>Threads: used by one thread. A thread of its own reads a stream.
 */
final class HttpPeer implements AutoCloseable {
    /** The end of a stream; its data is empty if it was orderly. */
    private static final String END = "end";

    private record Came(Events.Event event, long nanos) {}

    /**
     * The answer to a poll.
     *
     * @param events empty unless the status is 200
     */
    record Answer(int status, int bytes, List<Events.Event> events) {}

    private final Target target;
    private final int patience;
    private final String name = RawHttp.newName();
    private final BlockingQueue<Came> coming = new LinkedBlockingQueue<>();
    private final List<Came> received = new ArrayList<>();
    private int cursor;
    private @Nullable RawRequest stream;

    HttpPeer(Target target) {
        this.target = target;
        this.patience = (int) target.patience().toMillis();
    }

    // Requests

    private Map<String, String> named(String header, String value) {
        Map<String, String> headers = new LinkedHashMap<>();
        headers.put("Holdfast-Attempt", name);
        headers.put(header, value);
        return headers;
    }

    /** Waits for the head of an answer. */
    RawRequest.Head head(RawRequest request) throws IOException {
        return head(request, patience);
    }

    private static RawRequest.Head head(RawRequest request, int millis) throws IOException {
        RawRequest.Head head = request.answer(millis);
        String control = head.headers().getOrDefault("cache-control", "none");
        that(control.contains("no-store"), "15: Cache-Control of HTTP " + head.status() + " is " + control);
        return head;
    }

    static int status(Target t, Map<String, String> headers, String body) throws IOException {
        try (RawRequest request = RawRequest.post(t.uri(), headers, body)) {
            return head(request, (int) t.patience().toMillis()).status();
        }
    }

    RawRequest.Head greet(Map<String, String> headers) throws IOException {
        try (RawRequest request = RawRequest.post(target.uri(), headers, "[]")) {
            return head(request);
        }
    }

    /** Opens a stream, and reads it. */
    RawRequest.Head open(String body, Map<String, String> more) throws IOException {
        Map<String, String> headers = named("Accept", "text/event-stream");
        headers.putAll(more);
        RawRequest request = RawRequest.post(target.uri(), headers, body);
        stream = request;
        RawRequest.Head head = head(request);
        if (head.status() != 200) return head;
        Thread reader = new Thread(() -> read(request), "conformance-http");
        reader.setDaemon(true);
        reader.start();
        return head;
    }

    private void read(RawRequest request) {
        String why = "";
        try {
            // What is read from now on may take as long as a check waits.
            request.patience(0);
            Events events = new Events(request.stream());
            for (Events.Event event = events.next(); event != null; event = events.next()) {
                coming.add(new Came(event, System.nanoTime()));
            }
        } catch (IOException | RuntimeException e) {
            why = e.toString();
        }
        coming.add(new Came(new Events.Event(END, why), System.nanoTime()));
    }

    /** Opens a stream with a new session, and waits for live. */
    RawRequest.Head start() throws Exception {
        RawRequest.Head head = open(Peer.openText(target.auth(), ""), Map.of());
        equal(200, head.status(), "the HTTP status of the opening");
        await("live", came -> isEnvelope(came, "live"));
        return head;
    }

    /** Opens a stream with a new session, and returns its welcome. */
    JsonNode welcome() throws Exception {
        RawRequest.Head unused = start();
        return ServerMessages.envelope(received.stream()
                .filter(came -> isEnvelope(came, "welcome"))
                .findFirst()
                .orElseThrow(() -> new Failure("no welcome"))
                .event()
                .data());
    }

    /** Sends another opening with the name of this connection, and returns its status. */
    int openAgain() throws IOException {
        return status(target, named("Accept", "text/event-stream"), Peer.openText(target.auth(), ""));
    }

    RawRequest sending(int number, String... members) throws IOException {
        return RawRequest.post(
                target.uri(),
                named("Holdfast-Request", Integer.toString(number)),
                "[" + String.join(",", members) + "]");
    }

    int status(RawRequest request) throws IOException {
        return head(request).status();
    }

    /** Sends members in a request, and returns the status of the answer. */
    int send(int number, String... members) throws IOException {
        return sendBody(number, "[" + String.join(",", members) + "]");
    }

    int sendBody(int number, String body) throws IOException {
        return status(target, named("Holdfast-Request", Integer.toString(number)), body);
    }

    // Polls

    RawRequest polling(int number, String body) throws IOException {
        return RawRequest.post(target.uri(), named("Holdfast-Poll", Integer.toString(number)), body);
    }

    Answer answer(RawRequest request, int millis) throws IOException {
        RawRequest.Head head = head(request, millis);
        byte[] body = request.body(millis);
        List<Events.Event> events = new ArrayList<>();
        if (head.status() == 200) {
            Events read = new Events(new ByteArrayInputStream(body));
            for (Events.Event event = read.next(); event != null; event = read.next()) {
                if (!event.name().equals(Events.Event.COMMENT)) events.add(event);
            }
        }
        return new Answer(head.status(), body.length, events);
    }

    Answer poll(int number) throws IOException {
        return poll(number, patience);
    }

    Answer poll(int number, int millis) throws IOException {
        try (RawRequest request = polling(number, "")) {
            return answer(request, millis);
        }
    }

    /** Opens a session to poll, polls until live, and returns the number of the last poll. */
    int startPolling() throws IOException {
        List<Events.Event> all = new ArrayList<>();
        try (RawRequest request = polling(0, Peer.openText(target.auth(), ""))) {
            Answer first = answer(request, patience);
            equal(200, first.status(), "the HTTP status of the opening");
            all.addAll(first.events());
        }
        int number = 0;
        while (all.stream().noneMatch(event -> event.data().contains("\"live\""))) {
            Answer next = poll(++number);
            equal(200, next.status(), "the HTTP status of poll " + number);
            all.addAll(next.events());
            that(number < 10, "no live came in " + number + " polls: " + all);
        }
        that(all.get(0).data().contains("\"welcome\""), "the first event is " + all.get(0));
        return number;
    }

    // The stream

    private static boolean isEnvelope(Came came, String type) {
        return came.event().name().isEmpty()
                && ServerMessages.envelope(came.event().data())
                        .path("t")
                        .asText()
                        .equals(type);
    }

    private Came await(String what, Predicate<Came> wanted) throws InterruptedException {
        return await(what, wanted, patience);
    }

    /** Takes events until one is wanted. What comes before it is skipped. */
    private Came await(String what, Predicate<Came> wanted, int millis) throws InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
        while (true) {
            for (; cursor < received.size(); cursor++) {
                if (wanted.test(received.get(cursor))) return received.get(cursor++);
                if (received.get(cursor).event().name().equals(END)) {
                    throw new Failure("expected " + what + ", but the stream ended; before: " + last());
                }
            }
            Came next = coming.poll(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
            if (next == null) throw new Failure("expected " + what + ", but it did not come; last: " + last());
            received.add(next);
        }
    }

    private String last() {
        return received.stream()
                .map(came -> ServerMessages.excerpt(came.event().toString()))
                .reduce((a, b) -> b)
                .orElse("nothing");
    }

    /** Returns the next message of the application: its envelope, or {@code hex} of a binary one. */
    JsonNode entry() throws InterruptedException {
        Came came = await("an entry", each -> each.event().name().equals("binary") || isEnvelope(each, "msg"));
        if (came.event().name().isEmpty())
            return ServerMessages.envelope(came.event().data());
        byte[] payload =
                ServerMessages.payload(Base64.getDecoder().decode(came.event().data()));
        return ServerMessages.json("{\"hex\":\"" + java.util.HexFormat.of().formatHex(payload) + "\"}");
    }

    String pong() throws InterruptedException {
        return await("a pong", came -> came.event().name().equals("pong"))
                .event()
                .data();
    }

    /** Waits for the server's close, and returns its code. */
    int closed() throws Exception {
        return RawHttp.closeCode(await("a close", came -> came.event().name().equals("close"))
                .event()
                .data());
    }

    /** Waits for the orderly end of the stream, after which nothing came. */
    void ends() throws InterruptedException {
        int before = cursor;
        Came end = await("the end", came -> came.event().name().equals(END));
        equal("", end.event().data(), "the end of the stream");
        equal(before + 1, cursor, "what came up to the end");
    }

    /** Returns the milliseconds from the last event to the next comment. */
    long comment(int millis) throws InterruptedException {
        long last = received.get(received.size() - 1).nanos();
        Came comment = await("a comment", came -> came.event().name().equals(Events.Event.COMMENT), millis);
        return TimeUnit.NANOSECONDS.toMillis(comment.nanos() - last);
    }

    /** Returns whether an envelope of this type, or an event of this name, has come. */
    boolean saw(String type) {
        Came next;
        while ((next = coming.poll()) != null) received.add(next);
        return received.stream().anyMatch(came -> came.event().name().equals(type) || isEnvelope(came, type));
    }

    void cut() throws IOException {
        if (stream != null) stream.cut();
    }

    @Override
    public void close() throws IOException {
        if (stream != null) stream.close();
    }
}

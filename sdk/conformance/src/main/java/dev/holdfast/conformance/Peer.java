package dev.holdfast.conformance;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * One connection to the server, as a client of the protocol that does exactly what a check says. It fails a check as soon
 * as the server sends something that no state of the protocol allows.
 *
 * <p>Threads: used by one thread.
 */
final class Peer implements AutoCloseable {
    static final String SUBPROTOCOL = "resume.v1.json";
    /** The code of a connection that ended without a close frame. */
    static final int NO_CLOSE_FRAME = 1006;

    private final Target target;
    private final Wire wire;
    private final List<Received> received = new ArrayList<>();
    private final Set<String> ids = new HashSet<>();
    private final Set<String> types = new HashSet<>();
    private int entryCursor;
    private long highestSent;
    private long highestAck;
    private int pongs;
    private @Nullable JsonNode welcome;
    private @Nullable Integer closeCode;
    private String lost = "";

    private Peer(Target target, Wire wire) {
        this.target = target;
        this.wire = wire;
    }

    // Connecting

    /** Connects over the carrier that the target names. Over HTTP, what is sent first makes the connection. */
    static Peer connect(Target target) throws IOException {
        return target.overHttp()
                ? new Peer(target, new RawHttp(target.uri(), Map.of()))
                : connect(target, Map.of(), false);
    }

    static Peer connect(Target target, Map<String, String> headers, boolean compressed) throws IOException {
        Map<String, String> all = new java.util.LinkedHashMap<>();
        all.put("Sec-WebSocket-Protocol", SUBPROTOCOL);
        all.putAll(headers);
        RawWebSocket socket = RawWebSocket.connect(target.uri(), all, compressed);
        if (!SUBPROTOCOL.equals(socket.header("sec-websocket-protocol"))) {
            socket.close();
            throw new Failure(
                    "1: the server does not select " + SUBPROTOCOL + " but " + socket.header("sec-websocket-protocol"));
        }
        return new Peer(target, socket);
    }

    /** Opens a new session, and waits for {@code live}. */
    static Peer start(Target target) throws Exception {
        Peer peer = connect(target);
        peer.open("");
        peer.await("live");
        return peer;
    }

    /** Sends {@code open} with these members beside {@code t} and the ordinary credential, and returns the welcome. */
    JsonNode open(String members) throws Exception {
        return openAs(target.auth(), members);
    }

    JsonNode openAs(@Nullable String auth, String members) throws Exception {
        text(openText(auth, members));
        return await("welcome").json();
    }

    static String openText(@Nullable String auth, String members) {
        return "{\"t\":\"open\"" + (auth == null ? "" : ",\"auth\":" + auth) + (members.isEmpty() ? "" : "," + members)
                + "}";
    }

    String openText(String members) {
        return openText(target.auth(), members);
    }

    /** Opens this peer's session on another connection and returns it after its welcome, which must resume. */
    Peer resume(@Nullable String last) throws Exception {
        Peer next = reopen(key(), last);
        if (!next.welcome().path("resumed").booleanValue()) {
            throw new Failure("the session was not resumed: " + next.welcome());
        }
        return next;
    }

    /** Opens this peer's session on another connection, with some key, and returns it after its welcome. */
    Peer reopen(String key, @Nullable String last) throws Exception {
        Peer next = connect(target);
        next.open(session(sid(), key, last));
        return next;
    }

    static String session(String sid, String key, @Nullable String last) {
        return "\"sid\":\"" + sid + "\",\"key\":\"" + key + "\"" + (last == null ? "" : ",\"last\":\"" + last + "\"");
    }

    /** Cuts the connection and resumes. */
    Peer cutAndResume(@Nullable String last) throws Exception {
        cut();
        return resume(last);
    }

    // The server's messages

    JsonNode welcome() {
        if (welcome == null) throw new IllegalStateException("no welcome yet");
        return welcome;
    }

    String sid() {
        return welcome().path("sid").asText();
    }

    String key() {
        return welcome().path("key").asText();
    }

    /** Returns the starting position of a new session. */
    String startingPosition() {
        if (!welcome().has("last")) throw new Skipped("the server does not state the starting position");
        return welcome().path("last").asText();
    }

    long c() {
        return welcome().path("c").asLong();
    }

    RawWebSocket socket() {
        return (RawWebSocket) wire;
    }

    List<Received> received() {
        return received;
    }

    /** Returns the seq of the next message that is no repetition. */
    long nextSeq() {
        return highestSent + 1;
    }

    long highestAck() {
        return highestAck;
    }

    boolean isClosed() {
        return closeCode != null;
    }

    boolean has(String type) {
        return types.contains(type);
    }

    // Sending

    void text(String text) throws IOException {
        wire.text(text);
    }

    /** Sends a message with a JSON payload. */
    void message(long seq, String d) throws IOException {
        sending(seq);
        text("{\"t\":\"msg\",\"c\":" + seq + ",\"d\":" + d + "}");
    }

    void binary(long seq, byte[] payload) throws IOException {
        sending(seq);
        wire.binary(ByteBuffer.allocate(9 + payload.length)
                .put((byte) 1)
                .putLong(seq)
                .put(payload)
                .array());
    }

    /** Notes that a seq is sent, so that the server may acknowledge it. */
    void sending(long seq) {
        highestSent = Math.max(highestSent, seq);
    }

    void ack(String position) throws IOException {
        text("{\"t\":\"ack\",\"last\":\"" + position + "\"}");
    }

    /** Sends a binary message as it is. */
    void rawBinary(byte[] message) throws IOException {
        wire.binary(message);
    }

    void sendClose(int code) throws IOException {
        wire.sendClose(code);
    }

    void cut() throws IOException {
        wire.cut();
    }

    @Override
    public void close() throws IOException {
        wire.close();
    }

    // Waiting

    /** Returns the first message of a type that has come or comes, within the patience. */
    Received await(String type) throws Exception {
        return await(type, message -> message.type().equals(type));
    }

    Received await(String what, Predicate<Received> wanted) throws Exception {
        return await(what, wanted, target.patience());
    }

    Received await(String what, Predicate<Received> wanted, Duration patience) throws Exception {
        long deadline = System.nanoTime() + patience.toNanos();
        int next = 0;
        while (true) {
            for (; next < received.size(); next++) {
                if (wanted.test(received.get(next))) return received.get(next);
            }
            if (!receive(deadline)) throw missing(what);
        }
    }

    /** Returns the next entry of the server's stream. */
    Received entry() throws Exception {
        Received entry = entryWithin(target.patience());
        if (entry == null) throw missing("an entry");
        return entry;
    }

    /** Returns the next entry, or null if none comes in time. */
    @Nullable
    Received entryWithin(Duration time) throws Exception {
        long deadline = System.nanoTime() + time.toNanos();
        while (true) {
            for (; entryCursor < received.size(); entryCursor++) {
                if (received.get(entryCursor).isEntry()) return received.get(entryCursor++);
            }
            if (!receive(deadline)) return null;
        }
    }

    /** Takes entries whose payloads are the numbers of a range, and returns the last one. */
    Received numbers(int from, int to) throws Exception {
        Received last = null;
        for (int i = from; i <= to; i++) {
            last = entry();
            if (last.d().asInt(-1) != i) {
                throw new Failure("expected the number " + i + ", but got " + describe(last));
            }
        }
        if (last == null) throw new IllegalArgumentException("from " + from + " to " + to);
        return last;
    }

    /** Waits until every seq up to this one is acknowledged. */
    void awaitAck(long seq) throws Exception {
        await(
                "an ack of " + seq,
                message ->
                        message.type().equals("ack") && message.json().path("c").asLong() >= seq);
    }

    /** Listens for a while, in which the connection must stay open. */
    void listen(Duration time) throws Exception {
        listenUnlessClosed(time);
        if (isClosed()) throw new Failure("the connection was closed: " + closing());
    }

    void listenUnlessClosed(Duration time) throws Exception {
        long deadline = System.nanoTime() + time.toNanos();
        while (receive(deadline)) {}
    }

    /** Waits for the server's close, which must have one of these codes, and returns the code. */
    int expectClose(Integer... codes) throws Exception {
        return expectClose(target.patience(), codes);
    }

    int expectClose(Duration patience, Integer... codes) throws Exception {
        listenUnlessClosed(patience);
        if (closeCode == null) throw missing("a close with " + List.of(codes));
        if (!List.of(codes).contains(closeCode)) {
            throw new Failure("expected a close with " + List.of(codes) + ", but got " + closing());
        }
        return closeCode;
    }

    /** Waits for a protocol error, and for the {@code error} that should explain it. */
    void expectProtocolError() throws Exception {
        expectClose(4400);
    }

    /** Sends a ping and returns the milliseconds until its pong. */
    long ping(Duration patience) throws Exception {
        int before = pongs;
        long start = System.nanoTime();
        wire.ping();
        long deadline = start + patience.toNanos();
        while (pongs == before) {
            if (!receive(deadline)) throw missing("a pong");
        }
        return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);
    }

    private Failure missing(String what) {
        return new Failure("expected " + what + ", but "
                + (isClosed() ? "the connection was closed: " + closing() : "it did not come; last: " + last()));
    }

    private String closing() {
        String error = received.stream()
                .filter(message -> message.type().equals("error"))
                .map(Peer::describe)
                .findFirst()
                .orElse("no error envelope");
        return "code " + closeCode + ", " + error + (lost.isEmpty() ? "" : ", " + lost);
    }

    private String last() {
        return received.isEmpty() ? "nothing at all" : describe(received.get(received.size() - 1));
    }

    static String describe(Received message) {
        return ServerMessages.excerpt(
                message.type().equals("binary")
                        ? message.json() + " and " + message.payload().length + " bytes"
                        : message.text());
    }

    /** Takes one event. Returns false if none comes until the deadline or none can come any more. */
    private boolean receive(long deadline) throws InterruptedException {
        if (isClosed()) return false;
        Wire.Event event = wire.poll(deadline);
        if (event == null) return false;
        if (event instanceof Wire.Text text) {
            JsonNode envelope = ServerMessages.envelope(text.text());
            add(new Received(envelope.path("t").asText(), envelope, text.text(), new byte[0], text.nanos()));
        } else if (event instanceof Wire.Binary binary) {
            JsonNode json = ServerMessages.binary(binary.bytes());
            add(new Received("binary", json, "", ServerMessages.payload(binary.bytes()), binary.nanos()));
        } else if (event instanceof Wire.Pong) {
            pongs++;
        } else if (event instanceof Wire.Closed closed) {
            closeCode = closed.code();
        } else if (event instanceof Wire.Lost end) {
            closeCode = NO_CLOSE_FRAME;
            lost = end.why();
        }
        return true;
    }

    /** Checks what must hold on each connection, whatever the check is about. */
    private void add(Received message) {
        String text = describe(message);
        boolean first = message.type().equals("welcome");
        if (has("error")) throw new Failure("2: error must be the last envelope, but then came " + text);
        if (first == (welcome != null) && !message.type().equals("error")) {
            throw new Failure(first ? "3: a second welcome: " + text : "3, 11: before welcome came " + text);
        }
        if (first) {
            welcome = message.json();
            if (welcome().path("resumed").booleanValue()) highestSent = Math.max(highestSent, c());
        }
        if (message.type().equals("live") && has("live")) throw new Failure("2: a second live");
        if (message.isEntry() && !ids.add(message.id())) throw new Failure("3, rule 5: an entry came twice: " + text);
        if (message.type().equals("ack") || message.type().equals("reject")) {
            long c = message.json().path("c").asLong();
            if (c > highestSent) throw new Failure("4: " + text + ", but the client sent only up to " + highestSent);
            if (message.type().equals("ack")) highestAck = Math.max(highestAck, c);
        }
        received.add(message);
        types.add(message.type());
    }
}

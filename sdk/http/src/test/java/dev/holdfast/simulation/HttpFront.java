package dev.holdfast.simulation;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.holdfast.internal.frame.ProtocolViolation;
import dev.holdfast.internal.frame.Utf8Text;
import dev.holdfast.internal.message.CloseStatus;
import dev.holdfast.internal.transport.Connection;
import dev.holdfast.internal.transport.ConnectionListener;
import dev.holdfast.internal.transport.TransportException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import okhttp3.Request;
import okio.Buffer;
import okio.ByteString;
import org.jspecify.annotations.Nullable;

/**
 * A server's side of section 15 of {@code docs/protocol.md}, to the letter: each connection over HTTP is one of the {@link
 * ModelServer}'s behind it. It takes a client that does not keep to the section for a {@link Violation}.
 */
final class HttpFront {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String COMMENT = ":\n\n";
    /** Silence after which a stream gets a comment, and a poll its answer. */
    private static final long QUIET = World.seconds(25);

    private static final long MAX_SILENCE = World.seconds(60);

    private final World world;
    private final ModelServer server;
    private final CarrierBug bug;
    private final Map<String, Wire> wires = new LinkedHashMap<>();
    /** The requests that were passed on, by name and number. */
    private final Set<String> passedOn = new HashSet<>();

    /** The names that the client has given up. */
    private final Set<String> givenUp = new HashSet<>();

    private @Nullable Wire newest;
    private long connections;
    int polls;
    int streams;

    /** How likely it is slow to answer a request with messages. */
    double slowness = 0.05;

    HttpFront(World world, ModelServer server, CarrierBug bug) {
        this.world = world;
        this.server = server;
        this.bug = bug;
    }

    /** The server's ends of the connections from which the client reads. */
    List<SimConnection> connections() {
        List<SimConnection> read = new ArrayList<>();
        for (Wire wire : wires.values()) {
            if (!wire.over && wire.answer != null && wire.answer.isRead()) read.add(wire.back);
        }
        return read;
    }

    /** The processes of the server end. */
    void cutAll() {
        for (Wire wire : new ArrayList<>(wires.values())) if (!wire.over) wire.back.cut();
    }

    /** A request has come. */
    void arrive(Request request, String body, boolean copy, HttpNetwork.Answer answer) {
        String name = request.header("Holdfast-Attempt");
        String number = request.header("Holdfast-Request");
        String poll = request.header("Holdfast-Poll");
        if (!request.method().equals("POST")) throw new Violation("client sent " + request);
        if (name == null) {
            if (!body.equals("[]")) throw new Violation("client greets with " + body);
            answer.status(200, "application/json", "[\"resume.v1.json\"]");
        } else if (!name.matches("[0-9A-Za-z_-]{22,64}")) {
            throw new Violation("client uses the name " + name);
        } else if (number != null) {
            take(name, Long.parseLong(number), body, copy, answer);
        } else if (poll != null && !poll.equals("0")) {
            if (!body.isEmpty()) throw new Violation("client polls with " + body);
            poll(name, Long.parseLong(poll), answer);
        } else {
            open(request, name, poll != null, body, copy, answer);
        }
    }

    /** A request comes after the client has given it up. */
    void comesLate(Request request) {
        String name = request.header("Holdfast-Attempt");
        if (name == null || request.header("Holdfast-Request") != null || wires.containsKey(name)) return;
        world.happened("opening after its time");
        // Another connection may have resumed the session meanwhile, with a new key.
        server.snapshotsAreStale = true;
    }

    private void open(
            Request request, String name, boolean polls, String body, boolean copy, HttpNetwork.Answer answer) {
        String instead = request.header("Holdfast-Instead");
        if (instead != null) {
            for (String abandoned : instead.split(",", -1)) {
                if (!abandoned.matches("[0-9A-Za-z_-]{22,64}")) throw new Violation("client gives up " + abandoned);
                if (abandoned.equals(name)) throw new Violation("client gives up what it opens");
                givenUp.add(abandoned);
            }
        }
        if (givenUp.contains(name)) {
            world.happened("opening refused that was given up");
            answer.status(409, "", "");
            return;
        }
        if (wires.containsKey(name)) {
            if (!copy) throw new Violation("client uses a name again");
            if (bug != CarrierBug.OPENED_TWICE) {
                answer.status(409, "", "");
                return;
            }
        }
        if (polls) this.polls++;
        else streams++;
        Wire wire = new Wire(request, polls, answer);
        wires.put(name, wire);
        wire.start(body);
    }

    private void take(String name, long number, String body, boolean copy, HttpNetwork.Answer answer) {
        Wire wire = wires.get(name);
        if (wire == null) throw new Violation("client sends before it has heard of its connection");
        if (wire.over && bug == CarrierBug.NO_FENCE && newest != null && !newest.over) {
            newest.passOn(body);
            answer.status(204, "", "");
            return;
        }
        int status;
        if (wire.over) {
            status = 410;
        } else if (number <= wire.taken && bug != CarrierBug.NUMBER_IGNORED) {
            status = 204;
        } else if (number <= wire.taken + 1) {
            wire.taken = Math.max(wire.taken, number);
            if (!passedOn.add(name + "/" + number)) throw new Violation("request " + number + " counts twice");
            wire.passOn(body);
            status = 204;
        } else {
            if (!copy) throw new Violation("client sends request " + number + " after " + wire.taken);
            status = 409;
            wire.end();
        }
        long delay = world.chance(slowness) ? world.below(World.seconds(3)) : world.below(World.millis(5));
        world.schedule(() -> answer.status(status, "", ""), delay);
    }

    private void poll(String name, long number, HttpNetwork.Answer answer) {
        Wire wire = wires.get(name);
        if (wire == null) throw new Violation("client polls what it has not opened");
        wire.poll(number, answer);
    }

    // ---- for bugs of the client ----

    /** Returns how many messages of the session a request has. */
    long messages(String body) {
        long count = 0;
        for (JsonNode member : read(body)) if (seq(member) > 0) count++;
        return count;
    }

    /** Returns the last seq of a request, 0 if it has no message. */
    long lastSeq(String body) {
        long last = 0;
        for (JsonNode member : read(body)) last = Math.max(last, seq(member));
        return last;
    }

    private static long seq(JsonNode member) {
        if (member.isTextual())
            return ByteString.decodeBase64(member.asText())
                    .substring(1, 9)
                    .asByteBuffer()
                    .getLong();
        return member.path("t").asText().equals("msg") ? member.path("c").asLong() : 0;
    }

    String renumbered(String body, long offset) {
        if (offset == 0) return body;
        ArrayNode changed = JSON.createArrayNode();
        for (JsonNode member : read(body)) {
            long seq = seq(member);
            if (seq == 0) {
                changed.add(member);
            } else if (member.isTextual()) {
                ByteString bytes = ByteString.decodeBase64(member.asText());
                changed.add(new Buffer()
                        .write(bytes.substring(0, 1))
                        .writeLong(seq + offset)
                        .write(bytes.substring(9))
                        .readByteString()
                        .base64());
            } else {
                changed.add(((ObjectNode) member).put("c", seq + offset));
            }
        }
        return changed.toString();
    }

    private static JsonNode read(String body) {
        try {
            JsonNode members = JSON.readTree(body);
            if (!members.isArray()) throw new Violation("client sent " + body);
            return members;
        } catch (JsonProcessingException e) {
            throw new Violation("client sent " + body);
        }
    }

    /** One connection. */
    private final class Wire implements ConnectionListener {
        final boolean polling;
        final SimConnection back;
        long taken;
        boolean over;
        private HttpNetwork.@Nullable Answer answer;
        private final StringBuilder waiting = new StringBuilder();
        private boolean closes;
        private long polled;
        private @Nullable String lastAnswer;
        /** With a bug: a second poll that waits. */
        private HttpNetwork.@Nullable Answer extra;

        private long answeredAt;
        private long activity;
        private String open = "";

        Wire(Request request, boolean polling, HttpNetwork.Answer answer) {
            this.polling = polling;
            this.answer = answer;
            this.back = new SimConnection(
                    world, - ++connections, request, 1 + world.below(World.millis(3)), this, server, () -> {});
            if (!polling) answer.onGone(this::lost);
        }

        void start(String first) {
            open = first;
            back.open();
            if (!polling) quiet();
        }

        // ---- up ----

        void passOn(String body) {
            for (JsonNode member : read(body)) {
                if (member.isTextual()) {
                    back.sendBinary(ByteString.decodeBase64(member.asText()));
                } else if (member.isArray() || member.has("t")) {
                    String text = member.toString();
                    back.sendText(text, text.length());
                } else if (member.has("ping")) {
                    event("pong", String.valueOf(member.path("ping").asLong()));
                } else if (member.has("close")) {
                    back.close(CloseStatus.of(
                            member.path("close").asInt(), member.path("reason").asText()));
                } else {
                    throw new Violation("client sent " + member);
                }
            }
        }

        // ---- down ----

        private void event(String name, String data) {
            if (over || closes) return;
            waiting.append(name.isEmpty() ? "" : "event: " + name + "\n")
                    .append("data: ")
                    .append(data)
                    .append("\n\n");
            // Events of the same moment share an answer.
            world.schedule(this::flush, world.chance(0.5) ? 0 : world.below(World.millis(20)));
        }

        private void flush() {
            HttpNetwork.Answer to = answer;
            if (to == null || waiting.length() == 0) return;
            if (!polling && to.isGone()) {
                lost();
                return;
            }
            String events = waiting.toString();
            if (bug == CarrierBug.EVENTS_SWAPPED) events = swapped(events);
            waiting.setLength(0);
            activity++;
            to.events(events);
            if (polling) {
                answer = extra;
                extra = null;
                lastAnswer = events;
                answeredAt = world.now();
                to.end();
                watchSilence();
            } else {
                if (closes) to.end();
                quiet();
            }
            if (closes) {
                over = true;
            }
        }

        private String swapped(String events) {
            String[] all = events.split("(?<=\n\n)", -1);
            if (all.length != 3 || !all[0].startsWith("data: {\"t\":\"msg\"") || !world.chance(0.5)) return events;
            return all[1] + all[0];
        }

        /** A comment after each time in which nothing else was sent. */
        private void quiet() {
            long before = activity;
            world.schedule(
                    () -> {
                        if (over || activity != before) return;
                        if (answer == null || answer.isGone()) {
                            lost();
                            return;
                        }
                        activity++;
                        answer.events(COMMENT);
                        quiet();
                    },
                    QUIET);
        }

        private void watchSilence() {
            long since = answeredAt;
            world.schedule(
                    () -> {
                        if (!over && answer == null && answeredAt == since) lost();
                    },
                    MAX_SILENCE);
        }

        void poll(long number, HttpNetwork.Answer to) {
            boolean again = number == polled && lastAnswer != null;
            if (again && bug == CarrierBug.POLL_NOT_REPEATED && !over) {
                answer = to;
                lastAnswer = null;
                flush();
            } else if (again) {
                world.happened("answer to a poll repeated");
                to.events(lastAnswer);
                to.end();
            } else if (over || !polling) {
                to.status(410, "", "");
            } else if (number != polled && number != polled + 1) {
                to.status(409, "", "");
            } else {
                HttpNetwork.Answer replaced = answer;
                answer = to;
                polled = number;
                lastAnswer = null;
                if (replaced != null) {
                    world.happened("two polls of one number");
                    if (bug == CarrierBug.POLL_ANSWERED_TWICE && waiting.length() == 0) {
                        // The first still waits, and gets what comes next.
                        answer = replaced;
                        extra = to;
                    } else {
                        replaced.fail();
                    }
                }
                world.schedule(() -> waited(to), QUIET);
                flush();
            }
        }

        private void waited(HttpNetwork.Answer to) {
            if (over || answer != to) return;
            waiting.append(COMMENT);
            flush();
        }

        // ---- the end ----

        /** The client's end is gone. */
        private void lost() {
            if (over) return;
            end();
        }

        void end() {
            if (over) return;
            back.cancel();
            breakOff();
        }

        private void breakOff() {
            over = true;
            HttpNetwork.Answer open = answer;
            answer = null;
            if (open != null) open.fail();
        }

        @Override
        public void onOpen(Connection connection) {
            back.sendText(open, open.length());
        }

        @Override
        public void onText(Utf8Text text) throws ProtocolViolation {
            String said = new String(text.bytes(), text.from(), text.size(), StandardCharsets.UTF_8);
            if (said.contains("\"t\":\"welcome\"")) newest = this;
            event("", said);
        }

        @Override
        public void onBinary(ByteString bytes) {
            event("binary", bytes.base64());
        }

        @Override
        public void onPong(ByteString payload) {}

        @Override
        public void onWritten(int messages) {}

        @Override
        public void onPingWritten() {}

        @Override
        public void onClosing(CloseStatus status) {
            close(status);
        }

        @Override
        public void onClosed(CloseStatus status) {
            close(status);
        }

        private void close(CloseStatus status) {
            if (closes) return;
            event("close", status.code() + " " + status.reason());
            closes = true;
        }

        @Override
        public void onFailed(TransportException failure) {
            if (!over && !closes) breakOff();
        }
    }
}

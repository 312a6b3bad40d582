package dev.holdfast.simulation;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.holdfast.internal.resume.EnvelopeSchema;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.LongConsumer;
import java.util.function.UnaryOperator;
import okio.Buffer;
import okio.ByteString;

/**
 * A server that keeps {@code docs/resume-protocol.md} to the letter, and takes a client that does not for a {@link
 * Violation}. The simplest that is right: one thread, everything in memory.
 */
final class ModelServer implements SimServer {
    private static final ObjectMapper JSON = new ObjectMapper();

    /** An entry of a session's log: a message or a refusal, as it goes over the wire. */
    private static final class Entry {
        final String id;
        final Item item;

        Entry(String id, Item item) {
            this.id = id;
            this.item = item;
        }
    }

    private static final class ServerSession {
        final String sid;
        String key;
        String oldKey;
        final List<Entry> log = new ArrayList<>();
        /** How many entries of the stream are gone from the front of the log. */
        int trimmed;

        String trimmedThrough;
        long handled;
        long messages;
        boolean ackScheduled;
        SimConnection attached;
        /** Refused seqs by the ids of the refusals that the client has not acknowledged, oldest first. */
        final Map<String, Long> refusals = new LinkedHashMap<>();

        ServerSession(String sid) {
            this.sid = sid;
            this.trimmedThrough = sid + "-0";
        }
    }

    private final World world;
    private final Map<String, ServerSession> sessions = new LinkedHashMap<>();
    /** In the order of their coming: what is done to all must happen in the same order for the same seed. */
    private final Map<SimConnection, ServerSession> attached = new LinkedHashMap<>();

    private final Set<String> expired = new HashSet<>();
    private final Map<SimConnection, String> tokens = new LinkedHashMap<>();
    private int sessionCount;

    /** Every number of the client's that was ever handled, over all sessions, in order. */
    final List<Long> handled = new ArrayList<>();

    final Set<Long> refused = new HashSet<>();
    /** Told the number of each message as it is handled. */
    LongConsumer handledObserver = number -> {};

    /** Told what the client acknowledges: session and number. */
    AckObserver ackObserver = (stream, number) -> {};

    /** Null where nobody is asked who he is. */
    TokenOffice office;

    /** The time between pings of the server's own, 0 for none. */
    long pingInterval;

    /** How many messages may share a frame, 0 for none. */
    int batch;

    /** How many frames held several. */
    int batches;

    double refusal;
    long pongDelay;
    long closeDelay;
    long padding = 20;

    /** Changes envelopes into those of another version of the protocol; null for none. */
    UnaryOperator<String> dialect;

    interface AckObserver {
        void onAck(String stream, long number);
    }

    ModelServer(World world) {
        this.world = world;
    }

    // ---- the server's application and operator ----

    /** Sends the next message to every session. */
    void sendToAll() {
        for (ServerSession session : sessions.values()) sendTo(session);
    }

    private void sendTo(ServerSession session) {
        long number = ++session.messages;
        String id = session.sid + "-" + (session.trimmed + session.log.size() + 1);
        int pad = (int) world.below(padding);
        int form = (int) world.below(3);
        Item item;
        if (form == 0) {
            item = Item.binary(new Buffer()
                    .writeByte(1)
                    .writeByte(id.length())
                    .writeUtf8(id)
                    .write(Numbered.bytes(session.sid, number, pad))
                    .readByteString());
        } else {
            ObjectNode message = envelope("msg").put("id", id);
            String text = Numbered.text(session.sid, number, pad);
            if (form == 1) {
                message.put("d", text);
            } else {
                message.set("d", JSON.createObjectNode().put("m", text));
            }
            item = Item.text(message.toString());
        }
        append(session, id, item);
    }

    /** How many messages went to the session of {@code connection}, by its name; empty where it has none. */
    Map<String, Long> sentOver(SimConnection connection) {
        ServerSession session = attached.get(connection);
        return session == null ? Map.of() : Map.of(session.sid, session.messages);
    }

    private void append(ServerSession session, String id, Item item) {
        session.log.add(new Entry(id, item));
        if (session.attached != null) session.attached.serverSends(item);
    }

    /** All connections drop; what a session is survives only with its log. */
    void restart(boolean keepsLog) {
        world.trace("server restarts " + (keepsLog ? "with" : "without") + " its log");
        List<SimConnection> connections = new ArrayList<>(attached.keySet());
        connections.sort((a, b) -> Long.compare(a.number, b.number));
        attached.clear();
        for (ServerSession session : sessions.values()) session.attached = null;
        if (!keepsLog) sessions.clear();
        for (SimConnection connection : connections) connection.cut();
    }

    void expireAll() {
        world.trace("sessions expire");
        expired.addAll(sessions.keySet());
        sessions.clear();
        closeAll(1001, "expired");
    }

    /** The log forgets what the client has not acknowledged. */
    void trimAll() {
        world.trace("logs are trimmed");
        for (ServerSession session : sessions.values()) trim(session, session.log.size());
    }

    void closeAll(int code, String reason) {
        world.trace("server closes with " + code);
        for (SimConnection connection : new ArrayList<>(attached.keySet())) connection.serverCloses(code, reason);
    }

    void drain(long withinMs) {
        world.trace("server drains within " + withinMs + " ms");
        for (SimConnection connection : new ArrayList<>(attached.keySet())) {
            connection.serverSends(
                    Item.text(envelope("reconnect").put("afterMs", withinMs).toString()));
        }
    }

    // ---- the protocol ----

    @Override
    public long closeDelay() {
        return closeDelay;
    }

    @Override
    public long pongDelay() {
        return pongDelay;
    }

    @Override
    public void onConnect(SimConnection connection) {
        if (pingInterval > 0) pingAgain(connection);
    }

    private void pingAgain(SimConnection connection) {
        world.schedule(
                () -> {
                    if (connection.isGone()) return;
                    connection.serverSends(Item.ping(ByteString.EMPTY));
                    pingAgain(connection);
                },
                pingInterval);
    }

    @Override
    public void onDisconnect(SimConnection connection) {
        ServerSession session = attached.remove(connection);
        if (session != null && session.attached == connection) session.attached = null;
    }

    @Override
    public Item onSend(Item item) {
        if (item.kind != Item.Kind.TEXT) return item;
        checkSchema(item.text(), EnvelopeSchema.faultFromServer(item.text()));
        return dialect == null ? item : Item.text(dialect.apply(item.text()));
    }

    private static void checkSchema(String text, String fault) {
        if (fault != null) throw new Violation(fault + ": " + text);
    }

    @Override
    public void onText(SimConnection connection, String text) {
        checkSchema(text, EnvelopeSchema.faultFromClient(text));
        JsonNode said;
        try {
            said = JSON.readTree(text);
        } catch (JsonProcessingException e) {
            throw new Violation("client sent " + text);
        }
        if (!said.isArray()) {
            onEnvelope(connection, said);
            return;
        }
        if (said.size() < 2 || said.size() > batch) throw new Violation("client sent a batch of " + said.size());
        batches++;
        for (JsonNode envelope : said) onEnvelope(connection, envelope);
    }

    private void onEnvelope(SimConnection connection, JsonNode envelope) {
        String type = envelope.path("t").asText();
        if (type.equals("open")) {
            onOpen(connection, envelope);
            return;
        }
        ServerSession session = sessionOf(connection);
        if (session == null) return;
        switch (type) {
            case "msg":
                JsonNode payload = envelope.path("d");
                onMessage(
                        session,
                        envelope.path("c").asLong(),
                        payload.isTextual()
                                ? payload.asText()
                                : payload.path("m").asText());
                break;
            case "ack":
                onAck(session, envelope.path("last").asText());
                break;
            case "auth":
                if (office == null || !office.inOpen()) throw new Violation("client sent a credential unasked");
                if (isAdmitted(connection, envelope.path("auth").asText())) {
                    connection.serverSends(
                            Item.text(envelope("auth").put("ok", true).toString()));
                }
                break;
            case "bye":
                sessions.remove(session.sid);
                break;
            default:
                throw new Violation("client sent an envelope of type " + type);
        }
    }

    @Override
    public void onBinary(SimConnection connection, ByteString bytes) {
        ServerSession session = sessionOf(connection);
        if (session == null) return;
        if (bytes.getByte(0) != 1) throw new Violation("binary message without its prefix");
        long seq = bytes.substring(1, 9).asByteBuffer().getLong();
        onMessage(session, seq, bytes.substring(9).utf8());
    }

    /** Null where another connection has taken the session over, or the server has lost it. */
    private ServerSession sessionOf(SimConnection connection) {
        ServerSession session = attached.get(connection);
        if (session == null || session.attached != connection || sessions.get(session.sid) != session) return null;
        session.oldKey = null;
        return session;
    }

    private void onOpen(SimConnection connection, JsonNode open) {
        if (attached.containsKey(connection)) throw new Violation("client opened twice");
        if (office != null) {
            String token = office.inOpen() ? open.path("auth").asText() : connection.token();
            if (!isAdmitted(connection, token)) return;
        }
        String sid = open.path("sid").asText(null);
        ServerSession session = sid == null ? null : sessions.get(sid);
        String reason = "new";
        if (sid != null) {
            String key = open.path("key").asText();
            if (session == null) {
                reason = expired.contains(sid) ? "expired" : "unknown";
            } else if (!key.equals(session.key) && !key.equals(session.oldKey)) {
                throw new Violation("client resumed with a wrong key");
            } else {
                int position = position(session, open.path("last").asText(null));
                if (position >= 0) {
                    resume(connection, session, key, position);
                    return;
                }
                reason = "trimmed";
            }
        }
        begin(connection, session, reason);
    }

    /** Closes on a bad token, and when a good one expires with no other in its place. */
    private boolean isAdmitted(SimConnection connection, String token) {
        if (!office.isGood(token)) {
            connection.serverCloses(4401, "not authenticated");
            return false;
        }
        tokens.put(connection, token);
        world.schedule(() -> checkToken(connection, token), office.goodUntil(token) - world.now());
        return true;
    }

    private void checkToken(SimConnection connection, String token) {
        if (!connection.isGone() && tokens.get(connection).equals(token)) {
            connection.serverCloses(4401, "expired");
        }
    }

    /** No token is good any more. */
    void revokeTokens() {
        world.trace("credentials are revoked");
        office.revokeAll();
        tokens.keySet().removeIf(SimConnection::isGone);
        for (SimConnection connection : new ArrayList<>(tokens.keySet())) connection.serverCloses(4401, "revoked");
    }

    /** How many entries of the log the client has; negative where the log no longer reaches back so far. */
    private static int position(ServerSession session, String last) {
        if (last == null) throw new Violation("client resumed without its position");
        if (last.equals(session.trimmedThrough)) return 0;
        for (int i = 0; i < session.log.size(); i++) {
            if (session.log.get(i).id.equals(last)) return i + 1;
        }
        return -1;
    }

    private void begin(SimConnection connection, ServerSession lost, String reason) {
        ServerSession session = new ServerSession("s" + ++sessionCount);
        session.key = "k" + sessionCount + "." + world.below(1 << 30);
        sessions.put(session.sid, session);
        if (lost != null) sessions.remove(lost.sid);
        attach(connection, session);
        ObjectNode welcome = welcome(session, false).put("reason", reason);
        if (lost != null) {
            // A refusal that is lost with the history must not pass for an acknowledgement.
            long told = lost.refusals.values().stream()
                    .mapToLong(seq -> seq - 1)
                    .min()
                    .orElse(lost.handled);
            welcome.put("c", told);
        }
        connection.serverSends(Item.text(welcome.toString()));
        connection.serverSends(Item.text(envelope("live").toString()));
    }

    private void resume(SimConnection connection, ServerSession session, String usedKey, int position) {
        session.oldKey = usedKey;
        session.key = "k" + session.sid + "." + world.below(1 << 30);
        if (session.attached != null) session.attached.serverCloses(4409, "taken over");
        attach(connection, session);
        String from = position == 0 ? session.trimmedThrough : session.log.get(position - 1).id;
        connection.serverSends(
                Item.text(welcome(session, true).put("last", from).toString()));
        for (Entry entry : session.log.subList(position, session.log.size())) connection.serverSends(entry.item);
        connection.serverSends(Item.text(envelope("live").toString()));
    }

    private void attach(SimConnection connection, ServerSession session) {
        if (session.attached != null) attached.remove(session.attached);
        session.attached = connection;
        attached.put(connection, session);
    }

    private ObjectNode welcome(ServerSession session, boolean resumed) {
        String last = session.log.isEmpty() ? session.trimmedThrough : session.log.get(session.log.size() - 1).id;
        return envelope("welcome")
                .put("sid", session.sid)
                .put("key", session.key)
                .put("resumed", resumed)
                .put("last", last)
                .put("c", session.handled)
                .put("ttl", 120_000)
                .put("maxUnacked", 20)
                .put("batch", batch);
    }

    private void onMessage(ServerSession session, long seq, String payload) {
        if (seq > session.handled + 1) {
            throw new Violation("client left a gap: seq " + seq + " after " + session.handled);
        }
        if (seq == session.handled + 1) {
            session.handled = seq;
            Numbered message = Numbered.parse(payload);
            if (world.chance(refusal)) {
                refused.add(message.number);
                String id = session.sid + "-" + (session.trimmed + session.log.size() + 1);
                session.refusals.put(id, seq);
                append(
                        session,
                        id,
                        Item.text(envelope("reject")
                                .put("id", id)
                                .put("c", seq)
                                .put("code", "no")
                                .toString()));
            } else {
                handledObserver.accept(message.number);
                handled.add(message.number);
            }
        }
        if (!session.ackScheduled) {
            session.ackScheduled = true;
            world.schedule(() -> sendAck(session), world.below(World.millis(200)));
        }
    }

    private void sendAck(ServerSession session) {
        session.ackScheduled = false;
        if (session.attached != null && sessions.get(session.sid) == session) {
            session.attached.serverSends(
                    Item.text(envelope("ack").put("c", session.handled).toString()));
        }
    }

    private void onAck(ServerSession session, String id) {
        if (id.equals(session.trimmedThrough)) return;
        int position = position(session, id);
        if (position < 0) {
            long number = Long.parseLong(id.substring(id.indexOf('-') + 1));
            if (id.startsWith(session.sid + "-") && number <= session.trimmed) return;
            throw new Violation("client acknowledged " + id + ", never sent");
        }
        for (Entry entry : session.log.subList(0, position)) {
            session.refusals.remove(entry.id);
            String content = entry.item.kind == Item.Kind.BINARY
                    ? entry.item.bytes().substring(2 + entry.id.length()).utf8()
                    : payloadOf(entry.item.text());
            if (content != null) {
                Numbered message = Numbered.parse(content);
                ackObserver.onAck(message.stream, message.number);
            }
        }
        trim(session, position);
    }

    private static String payloadOf(String text) {
        try {
            JsonNode payload = JSON.readTree(text).path("d");
            return payload.isTextual() ? payload.asText() : payload.path("m").asText(null);
        } catch (JsonProcessingException e) {
            throw new AssertionError(e);
        }
    }

    private static void trim(ServerSession session, int count) {
        if (count == 0) return;
        session.trimmedThrough = session.log.get(count - 1).id;
        session.trimmed += count;
        session.log.subList(0, count).clear();
    }

    private static ObjectNode envelope(String type) {
        return JSON.createObjectNode().put("t", type);
    }
}

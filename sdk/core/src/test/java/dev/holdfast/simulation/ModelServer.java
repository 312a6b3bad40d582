package dev.holdfast.simulation;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.holdfast.internal.message.CloseStatus;
import dev.holdfast.internal.resume.EnvelopeSchema;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import java.util.function.LongPredicate;
import java.util.function.UnaryOperator;
import okio.Buffer;
import okio.ByteString;

/**
 * A server that keeps {@code docs/protocol.md} to the letter, and takes a client that does not for a {@link
 * Violation}. The simplest that is right: one thread, everything in memory.
 */
final class ModelServer implements SimServer {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final World world;
    private final Map<String, ServerSession> sessions = new LinkedHashMap<>();
    /** In the order of their coming: what is done to all must happen in the same order for the same seed. */
    private final Map<SimConnection, ServerSession> attached = new LinkedHashMap<>();

    private final Set<String> expired = new HashSet<>();
    private final Map<SimConnection, String> tokens = new LinkedHashMap<>();
    private int sessionCount;

    /** Every number of the client's that was handled, over all sessions, in order, but for what was rolled back. */
    final List<Long> handled = new ArrayList<>();

    /** The same, and what was refused. */
    final Set<Long> handledOnce = new HashSet<>();
    /** Every number that was handled at any time. */
    final Set<Long> everHandled = new HashSet<>();
    /** The session in which each message was handled first. */
    private final Map<Long, String> firstHandledIn = new HashMap<>();

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
    /** How many messages of its own may be unacknowledged. */
    int window = Integer.MAX_VALUE;

    /** The most that an acknowledgement takes. */
    long ackDelay = World.millis(200);

    /** Whether a client may come with a snapshot that is older than its session. */
    boolean snapshotsAreStale;
    /** A client with a store never forgets what it has acknowledged. */
    boolean clientIsDurable;

    /** The key of the message that is being read; null if it has none. */
    private String idempotencyKey;

    /** Called with the idempotency key of each message that has one. */
    Consumer<String> keyObserver = key -> {};

    /** Called when a restart has rolled something back. */
    Runnable rollBackObserver = () -> {};
    /** Whether the client knows that the message of that number was acknowledged. */
    LongPredicate isKnownAcknowledged = number -> false;

    /** The messages that a proxy before the server resets the connection for. */
    private final Set<Long> poison = new HashSet<>();
    /** The next new message is one of them. */
    private boolean poisonNext;
    /** A longer message is too large. */
    private int maxMessage = Integer.MAX_VALUE;
    /** What the server closes with if a message is. */
    private int tooLarge;
    /** Whether the welcome says so. */
    private boolean statesMaxMessage;
    /** No replay and no live before that time, though acknowledgements. */
    private long withholdsUntil;
    /** A server that says what breaks the protocol, after every welcome. */
    private boolean babbles;
    /** A server that welcomes, and then refuses the credential. */
    boolean refusesLate;

    /** Changes envelopes into those of another version of the protocol; null for none. */
    UnaryOperator<String> dialect;

    interface AckObserver {
        void onAck(String stream, long number);
    }

    ModelServer(World world) {
        this.world = world;
    }

    /** Returns the id of the entry after this one, if a client was sent it; otherwise the same id. */
    String nextSent(String id) {
        ServerSession session = sessions.get(id.substring(0, Math.max(0, id.lastIndexOf('-'))));
        return session == null ? id : session.nextSent(id);
    }

    // ---- the server's application and operator ----

    /** Sends the next message to every session. */
    void sendToAll() {
        for (ServerSession session : sessions.values()) sendTo(session);
    }

    private void sendTo(ServerSession session) {
        long number = ++session.messages;
        String id = session.nextId();
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

    /** How many messages went to the session of {@code connection}, by its name; empty if it has none. */
    Map<String, Long> sentOver(SimConnection connection) {
        ServerSession session = attached.get(connection);
        return session == null ? Map.of() : Map.of(session.sid, session.messages);
    }

    /** Whether the client must not go on with the session of the connection. */
    boolean isDoomed(SimConnection connection) {
        ServerSession session = attached.get(connection);
        return session != null && session.doomed;
    }

    private void append(ServerSession session, String id, Item item) {
        session.append(id, item);
        flush(session);
    }

    private void flush(ServerSession session) {
        if (world.now() < withholdsUntil) return;
        session.flush(window, to -> to.serverSends(Item.text(envelope("live").toString())));
        // A refusal that was held back has held an acknowledgement back.
        if (session.acknowledgesLess && session.acknowledged() == session.handled()) acknowledgeLater(session);
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

    /** A restart that loses the newest of what it had handled and acknowledged, and keeps the sessions. */
    void rollBack(long count) {
        List<Long> forgotten = new ArrayList<>();
        for (ServerSession session : sessions.values()) forgotten.addAll(session.rollBack(count));
        world.trace("server forgets messages " + forgotten);
        if (forgotten.stream().anyMatch(isKnownAcknowledged::test)) world.happened("acknowledged message forgotten");
        handledOnce.removeAll(forgotten);
        handled.removeIf(number -> !handledOnce.contains(number));
        rollBackObserver.run();
        restart(true);
    }

    /** Whether the server had handled the message, and knows it no more. */
    boolean hasForgotten(long number) {
        return everHandled.contains(number) && !handledOnce.contains(number);
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
        for (ServerSession session : sessions.values()) {
            session.trimAll();
            // What is gone no longer counts against the window.
            flush(session);
        }
    }

    /** From now on every connection with the next new message on it is reset. */
    void poisonNext() {
        world.trace("next message is poison");
        poisonNext = true;
    }

    /**
     * From now on messages have a maximum size.
     *
     * @param code what a larger one is refused with
     * @param stated whether a welcome says so
     */
    void limitMessages(int bytes, int code, boolean stated) {
        world.trace("messages over " + bytes + " bytes are refused with " + code + (stated ? ", and stated" : ""));
        maxMessage = bytes;
        tooLarge = code;
        statesMaxMessage = stated;
    }

    /** For a while there are only acknowledgements. */
    void withhold(long nanos) {
        world.trace("server withholds its messages and live for " + nanos / 1_000_000 + " ms");
        withholdsUntil = world.now() + nanos;
        attached.keySet().forEach(SimConnection::excuse);
        world.schedule(() -> sessions.values().forEach(this::flush), nanos);
    }

    /** Says what breaks the protocol, once on every connection, and if {@code goesOn} after each welcome. */
    void babble(boolean goesOn) {
        world.trace("server breaks the protocol" + (goesOn ? ", and goes on" : ""));
        babbles = goesOn;
        attached.values().forEach(this::babbleTo);
    }

    void stopBabbling() {
        babbles = false;
    }

    private void babbleTo(ServerSession session) {
        if (session.attached == null) return;
        world.happened("protocol broken");
        session.attached.excuse();
        long seq = session.handled() + 1_000 + world.below(10);
        ObjectNode said = world.chance(0.7)
                ? envelope("reject")
                        .put("id", session.sid + "-babble" + world.below(1 << 20))
                        .put("code", "no")
                : envelope("ack");
        session.attached.serverSends(Item.text(said.put("c", seq).toString()));
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
    public void onClose(SimConnection connection, CloseStatus status) {
        ServerSession session = attached.get(connection);
        if (session != null
                && sessions.containsKey(session.sid)
                && status.reason().equals("rolled-back")) {
            throw new Violation("client leaves a session that lost what it acknowledged, and another can resume it");
        }
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
        if (session.doomed && !type.equals("bye")) {
            throw new Violation("client goes on with a session that lost what it acknowledged");
        }
        switch (type) {
            case "msg":
                idempotencyKey = envelope.path("k").asText(null);
                if (idempotencyKey != null) keyObserver.accept(idempotencyKey);
                JsonNode payload = envelope.path("d");
                onMessage(
                        connection,
                        session,
                        envelope.path("c").asLong(),
                        payload.isTextual()
                                ? payload.asText()
                                : payload.path("m").asText());
                break;
            case "ack":
                onAck(connection, session, envelope.path("last").asText());
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
        if (session.doomed) throw new Violation("client goes on with a session that lost what it acknowledged");
        if (bytes.getByte(0) != 1) throw new Violation("binary message without its prefix");
        long seq = bytes.substring(1, 9).asByteBuffer().getLong();
        idempotencyKey = null;
        onMessage(connection, session, seq, bytes.substring(9).utf8());
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
            office.checkUse(token, connection.begun);
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
                if (!snapshotsAreStale) throw new Violation("client resumed with a wrong key");
                // Its rightful owner may still come.
                session = null;
                reason = "unknown";
            } else {
                String last = open.path("last").asText(null);
                int position = session.position(last);
                if (position >= 0) {
                    resume(connection, session, key, last, position);
                    return;
                }
                reason = "trimmed";
                if (clientIsDurable && session.hasAcknowledged(last)) {
                    throw new Violation("client goes on after " + last + ", and has acknowledged more");
                }
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
        world.schedule(() -> checkToken(connection, token), office.goodUntil(token) - world.elapsed());
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

    private void begin(SimConnection connection, ServerSession lost, String reason) {
        ServerSession session = new ServerSession("s" + ++sessionCount);
        session.key = "k" + sessionCount + "." + world.below(1 << 30);
        sessions.put(session.sid, session);
        if (lost != null) sessions.remove(lost.sid);
        attach(connection, session, 0);
        ObjectNode welcome =
                welcome(session, false).put("last", session.lastId()).put("reason", reason);
        if (lost != null) {
            // A refusal that is lost with the history must not pass for an acknowledgement.
            long told = lost.refusals.values().stream()
                    .mapToLong(seq -> seq - 1)
                    .min()
                    .orElse(lost.handled());
            welcome.put("c", told);
        }
        welcome(connection, session, welcome);
    }

    private void resume(SimConnection connection, ServerSession session, String usedKey, String last, int position) {
        session.oldKey = usedKey;
        session.key = "k" + session.sid + "." + world.below(1 << 30);
        if (session.attached != null) session.attached.serverCloses(4409, "taken over");
        attach(connection, session, position);
        session.doomed = session.lost().stream().anyMatch(isKnownAcknowledged::test);
        if (session.doomed) world.happened("rolled back");
        welcome(connection, session, welcome(session, true).put("last", last));
    }

    private void welcome(SimConnection connection, ServerSession session, ObjectNode welcome) {
        connection.serverSends(Item.text(welcome.toString()));
        if (babbles) babbleTo(session);
        if (world.now() < withholdsUntil) connection.excuse();
        if (refusesLate) world.schedule(() -> connection.serverCloses(4401, "refused"), world.below(World.seconds(1)));
        flush(session);
    }

    private void attach(SimConnection connection, ServerSession session, int position) {
        if (session.attached != null) attached.remove(session.attached);
        session.attach(connection, position);
        attached.put(connection, session);
    }

    private ObjectNode welcome(ServerSession session, boolean resumed) {
        session.knowsMaxMessage = statesMaxMessage;
        ObjectNode welcome = envelope("welcome");
        if (statesMaxMessage) welcome.put("maxMessage", maxMessage);
        return welcome.put("sid", session.sid)
                .put("key", session.key)
                .put("resumed", resumed)
                .put("c", session.handled())
                .put("ttl", 120_000)
                .put("maxUnacked", 20)
                .put("batch", batch);
    }

    private void onMessage(SimConnection connection, ServerSession session, long seq, String payload) {
        if (seq > session.handled() + 1) {
            throw new Violation("client left a gap: seq " + seq + " after " + session.handled());
        }
        if (seq == session.handled() + 1) {
            long number = Numbered.parse(payload).number;
            if (poisonNext) poison.add(number);
            poisonNext = false;
            boolean large = Numbered.size(payload) > maxMessage;
            if (large && session.knowsMaxMessage)
                throw new Violation("message " + number + " passes the stated maximum");
            if (large || poison.contains(number)) {
                choke(connection, session, number, large);
                return;
            }
            handle(session, seq, number);
        }
        acknowledgeLater(session);
    }

    /** Acknowledges as promptly as usual again, also what was handled before. */
    void acknowledgePromptly() {
        ackDelay = World.millis(200);
        for (ServerSession session : sessions.values()) {
            if (session.ackScheduled) world.schedule(() -> sendAck(session), world.below(ackDelay));
        }
    }

    private void acknowledgeLater(ServerSession session) {
        if (session.ackScheduled) return;
        session.ackScheduled = true;
        world.schedule(() -> sendAck(session), world.below(ackDelay));
    }

    private void handle(ServerSession session, long seq, long number) {
        boolean again = !handledOnce.add(number);
        if (again && idempotencyKey == null) throw new Violation("server got message " + number + " twice");
        if (again) world.happened("key recognized");
        if (again && !refused.contains(number)) {
            session.handle(number);
        } else if (again || world.chance(refusal)) {
            refused.add(number);
            String id = session.nextId();
            session.refuse(number, id);
            append(
                    session,
                    id,
                    Item.text(envelope("reject")
                            .put("id", id)
                            .put("c", seq)
                            .put("code", "no")
                            .toString()));
        } else {
            session.handle(number);
            // What a dead process sent may arrive while the next one restores what is older.
            // One with a key may go out again in a later session, after messages that only the earlier session handled.
            String before = firstHandledIn.putIfAbsent(number, session.sid);
            boolean outOfTurn = idempotencyKey != null && before != null && !before.equals(session.sid);
            if (!outOfTurn && !session.attached.isAbandoned()) handledObserver.accept(number);
            handled.add(number);
            everHandled.add(number);
        }
    }

    /** The server or the way to it does not bear the message: nothing more is read from the connection. */
    private void choke(SimConnection connection, ServerSession session, long number, boolean large) {
        world.happened(large ? "message too large" : "poison");
        world.trace("server chokes on message " + number);
        attached.remove(connection);
        session.attached = null;
        if (large) {
            connection.serverCloses(tooLarge, "too large");
        } else {
            connection.cut();
        }
    }

    private void sendAck(ServerSession session) {
        session.ackScheduled = false;
        session.acknowledgesLess = session.acknowledged() < session.handled();
        if (session.attached != null && sessions.get(session.sid) == session) {
            session.attached.serverSends(
                    Item.text(envelope("ack").put("c", session.acknowledged()).toString()));
        }
    }

    private void onAck(SimConnection connection, ServerSession session, String id) {
        int position = session.position(id);
        if (position <= 0) return;
        session.acknowledgedEntries(position);
        for (ServerSession.Entry entry : session.entries(position)) {
            session.refusals.remove(entry.id);
            String content = entry.item.kind == Item.Kind.BINARY
                    ? entry.item.bytes().substring(2 + entry.id.length()).utf8()
                    : payloadOf(entry.item.text());
            // What a dead process has handled is not what the next one knows.
            if (content != null && !connection.isAbandoned()) {
                Numbered message = Numbered.parse(content);
                ackObserver.onAck(message.stream, message.number);
            }
        }
        session.trim(position);
        flush(session);
    }

    private static String payloadOf(String text) {
        try {
            JsonNode payload = JSON.readTree(text).path("d");
            return payload.isTextual() ? payload.asText() : payload.path("m").asText(null);
        } catch (JsonProcessingException e) {
            throw new AssertionError(e);
        }
    }

    private static ObjectNode envelope(String type) {
        return JSON.createObjectNode().put("t", type);
    }

    @Override
    public String toString() {
        return sessions.values().toString();
    }
}

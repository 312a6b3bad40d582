package dev.holdfast.testkit;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.holdfast.internal.message.CloseStatus;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import okio.Buffer;
import okio.ByteString;
import org.jspecify.annotations.Nullable;

/** A server of {@code resume.v1.json}, {@code docs/protocol.md}, with a log without limits, and without credentials. */
final class ResumeRules extends ServerRules {
    static final String SUBPROTOCOL = "resume.v1.json";
    private static final int PROTOCOL_ERROR = 4400;
    private static final int TAKEN_OVER = 4409;
    private static final byte BINARY_MESSAGE = 0x01;

    @SuppressWarnings(
            "deprecation") // What takes the place of the node factory is missing in older versions of Jackson.
    private final JsonMapper json = JsonMapper.builder()
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .nodeFactory(JsonNodeFactory.withExactBigDecimals(true))
            .build();

    private final Map<String, ServerSession> sessions = new LinkedHashMap<>();
    /** The sessions of the connections that have one, also if another connection has taken it over. */
    private final Map<MemoryConnection, ServerSession> opened = new LinkedHashMap<>();

    private int epoch = 1;
    private int sessionsMade;
    private int keysMade;
    private boolean acksHeld;

    ResumeRules(Application application) {
        super(application);
    }

    @Override
    String subprotocol() {
        return SUBPROTOCOL;
    }

    // ---- what the test does ----

    @Override
    boolean isReady(MemoryConnection connection) {
        ServerSession session = opened.get(connection);
        return super.isReady(connection) && session != null && session.attached == connection;
    }

    @Override
    void send(TestFrame message, boolean isJson) {
        boolean kept = false;
        for (ServerSession session : sessions.values()) {
            if (session.endedBecause != null) continue;
            String id = session.nextId();
            append(
                    session,
                    message.kind == TestFrame.Kind.BINARY ? binary(id, message) : text(id, message.text(), isJson));
            kept = true;
        }
        if (!kept) throw new IllegalStateException("the server has no session: call accept() first");
    }

    private TestFrame text(String id, String text, boolean isJson) {
        ObjectNode envelope = envelope("msg").put("id", id);
        if (!isJson) return frame(envelope.put("d", text));
        // As it is: a tree would write numbers in another way.
        String head = write(envelope);
        return TestFrame.text(head.substring(0, head.length() - 1) + ",\"d\":" + text + "}");
    }

    private static TestFrame binary(String id, TestFrame message) {
        return TestFrame.binary(new Buffer()
                .writeByte(BINARY_MESSAGE)
                .writeByte(id.length())
                .writeUtf8(id)
                .write(message.payload())
                .readByteString());
    }

    private void append(ServerSession session, TestFrame frame) {
        session.append(frame);
        session.flush();
    }

    @Override
    void restart(boolean keepsLog) {
        if (keepsLog) return;
        epoch++;
        for (ServerSession session : sessions.values()) session.end("epoch");
    }

    @Override
    void endSessions(String reason) {
        for (ServerSession session : sessions.values()) session.end(reason);
    }

    @Override
    void holdAcks(boolean on) {
        acksHeld = on;
        if (on) return;
        for (ServerSession session : sessions.values()) acknowledge(session);
    }

    @Override
    void askToReconnect(long afterMillis) {
        for (MemoryConnection connection : connections()) {
            if (isReady(connection))
                connection.serverSends(frame(envelope("reconnect").put("afterMs", afterMillis)));
        }
    }

    // ---- what clients send ----

    @Override
    void onGone(MemoryConnection connection) {
        super.onGone(connection);
        ServerSession session = opened.remove(connection);
        if (session != null && session.attached == connection) session.attached = null;
    }

    @Override
    void onFrame(MemoryConnection connection, TestFrame frame) {
        ServerSession session = opened.get(connection);
        // A newer connection has the session.
        if (session != null && session.attached != connection) return;
        try {
            if (frame.kind == TestFrame.Kind.BINARY) {
                if (session == null) throw new Refusal("binary message before open");
                session.usedKey = null;
                onBinary(session, frame.payload());
            } else if (frame.kind == TestFrame.Kind.TEXT) {
                onEnvelope(connection, session, json.readTree(frame.text()));
            }
        } catch (JsonProcessingException e) {
            refuse(connection, "not JSON: " + e.getOriginalMessage());
        } catch (Refusal e) {
            refuse(connection, String.valueOf(e.getMessage()));
        }
    }

    private void onEnvelope(MemoryConnection connection, @Nullable ServerSession session, JsonNode envelope)
            throws Refusal {
        String type = envelope.path("t").asText();
        if (session == null) {
            if (!type.equals("open")) throw new Refusal("the first message is no open, but " + envelope);
            onOpen(connection, envelope);
            return;
        }
        session.usedKey = null;
        if (envelope.isArray()) throw new Refusal("a batch, but welcome allowed none");
        switch (type) {
            case "msg":
                JsonNode payload = envelope.get("d");
                if (payload == null) throw new Refusal("msg without d");
                String text = payload.isTextual() ? payload.textValue() : write(payload);
                onMessage(session, seq(envelope.get("c")), TestFrame.text(text));
                break;
            case "ack":
                session.onAck(envelope.path("last").asText());
                break;
            case "auth":
                connection.serverSends(frame(envelope("auth").put("ok", true)));
                break;
            case "bye":
                acknowledge(session);
                sessions.remove(session.sid);
                session.attached = null;
                break;
            default:
                throw new Refusal("unknown envelope " + type);
        }
    }

    private static long seq(@Nullable JsonNode number) throws Refusal {
        if (number == null || !number.isIntegralNumber() || number.longValue() < 1) {
            throw new Refusal("c must be a positive integer, but was " + number);
        }
        return number.longValue();
    }

    private void onBinary(ServerSession session, ByteString bytes) throws Refusal {
        if (bytes.size() < 9 || bytes.getByte(0) != BINARY_MESSAGE)
            throw new Refusal("binary message without its prefix");
        long seq = bytes.substring(1, 9).asByteBuffer().getLong();
        onMessage(session, seq, TestFrame.binary(bytes.substring(9)));
    }

    private void onMessage(ServerSession session, long seq, TestFrame message) throws Refusal {
        if (seq > session.dealtWith + 1) {
            throw new Refusal("c must be " + (session.dealtWith + 1) + ", but was " + seq);
        }
        if (seq == session.dealtWith + 1) {
            session.dealtWith = seq;
            Rejection rejection = application.onMessage(message);
            if (rejection != null) {
                ObjectNode reject =
                        envelope("reject").put("id", session.nextId()).put("c", seq);
                session.rejected(seq);
                append(session, frame(reject.put("code", rejection.code).put("message", rejection.message)));
            }
        }
        acknowledge(session);
    }

    private void acknowledge(ServerSession session) {
        MemoryConnection connection = session.attached;
        if (acksHeld || connection == null || session.acknowledged == session.dealtWith) return;
        session.acknowledged = session.dealtWith;
        connection.serverSends(frame(envelope("ack").put("c", session.dealtWith)));
    }

    // ---- opening ----

    private void onOpen(MemoryConnection connection, JsonNode open) {
        JsonNode sid = open.get("sid");
        if (sid == null) {
            begin(connection, "new", 0);
            return;
        }
        ServerSession session = sessions.get(sid.asText());
        String key = open.path("key").asText();
        if (session == null || !session.opensWith(key)) {
            begin(connection, "unknown", 0);
            return;
        }
        String reason = session.endedBecause;
        String last = open.has("last") ? open.get("last").asText() : session.start;
        if (reason == null && session.position(last) < 0) reason = "epoch";
        if (reason == null) {
            resume(connection, session, key, last);
            return;
        }
        sessions.remove(session.sid);
        fence(session);
        boolean unknown = reason.equals("unknown");
        begin(connection, reason, unknown ? 0 : session.dealtWithBeforeRejections());
    }

    private void begin(MemoryConnection connection, String reason, long dealtWith) {
        ServerSession session = new ServerSession("s" + ++sessionsMade, "e" + epoch + "-");
        sessions.put(session.sid, session);
        attach(connection, session);
        ObjectNode welcome = welcome(session, false).put("reason", reason);
        connection.serverSends(frame(welcome.put("last", session.start).put("c", dealtWith)));
        connection.serverSends(frame(envelope("live")));
        session.sent = 0;
    }

    private void resume(MemoryConnection connection, ServerSession session, String key, String last) {
        fence(session);
        session.usedKey = key;
        attach(connection, session);
        ObjectNode welcome = welcome(session, true);
        connection.serverSends(frame(welcome.put("last", last).put("c", session.dealtWith)));
        session.acknowledged = session.dealtWith;
        session.sent = session.position(last);
        session.flush();
        connection.serverSends(frame(envelope("live")));
    }

    private void attach(MemoryConnection connection, ServerSession session) {
        session.attached = connection;
        session.key = key();
        opened.put(connection, session);
    }

    private static void fence(ServerSession session) {
        MemoryConnection older = session.attached;
        session.attached = null;
        if (older != null) older.serverSends(TestFrame.close(CloseStatus.of(TAKEN_OVER, "a newer connection")));
    }

    /** Of 256 bits, and the same in each run. */
    private String key() {
        return ByteString.encodeUtf8("test key " + ++keysMade)
                .sha256()
                .base64Url()
                .replace("=", "");
    }

    private ObjectNode welcome(ServerSession session, boolean resumed) {
        return envelope("welcome")
                .put("sid", session.sid)
                .put("key", session.key)
                .put("resumed", resumed);
    }

    // ---- envelopes ----

    private ObjectNode envelope(String type) {
        return json.createObjectNode().put("t", type);
    }

    private TestFrame frame(ObjectNode envelope) {
        return TestFrame.text(write(envelope));
    }

    private String write(JsonNode node) {
        try {
            return new String(json.writeValueAsBytes(node), StandardCharsets.UTF_8);
        } catch (JsonProcessingException e) {
            throw new AssertionError(e);
        }
    }

    private void refuse(MemoryConnection connection, String message) {
        application.log("protocol error of the client: " + message);
        connection.serverSends(
                frame(envelope("error").put("code", "protocol-error").put("message", message)));
        connection.serverSends(TestFrame.close(CloseStatus.of(PROTOCOL_ERROR, "")));
    }

    /** A protocol error of the client. */
    static final class Refusal extends Exception {
        private static final long serialVersionUID = 1;

        Refusal(String message) {
            super(message);
        }
    }
}

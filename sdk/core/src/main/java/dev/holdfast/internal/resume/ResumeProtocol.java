package dev.holdfast.internal.resume;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.holdfast.internal.frame.ProtocolViolation;
import dev.holdfast.internal.frame.Utf8Text;
import dev.holdfast.internal.session.Open;
import dev.holdfast.internal.session.Outbound;
import dev.holdfast.internal.session.Payload;
import dev.holdfast.internal.session.SessionEvent;
import dev.holdfast.internal.session.SessionProtocol;
import dev.holdfast.internal.session.Welcome;
import java.io.IOException;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;
import okio.Buffer;
import okio.ByteString;
import org.jspecify.annotations.Nullable;

/**
 * The {@code resume.v1.json} subprotocol, {@code docs/protocol.md}: envelopes as JSON text, and payloads that are not
 * JSON as binary messages after a short prefix.
 */
public final class ResumeProtocol implements SessionProtocol {
    public static final String SUBPROTOCOL = "resume.v1.json";

    private static final byte BINARY_MESSAGE = 0x01;

    /** The maximum length of a type in an error message. */
    private static final int MAX_TYPE_LENGTH = 16;

    private final EnvelopeWriter out = new EnvelopeWriter();

    /** @throws LinkageError if there is no Jackson on the class path to read envelopes with */
    public ResumeProtocol() {
        UnlimitedJson.require();
    }

    @Override
    public String subprotocol() {
        return SUBPROTOCOL;
    }

    @Override
    public boolean isResumable() {
        return true;
    }

    // ---- reading ----

    @Override
    public SessionEvent readText(Utf8Text text) throws ProtocolViolation {
        SessionEvent message = MessageReader.read(text);
        if (message != null) return message;
        String json = text.string();
        try {
            return event(ServerEnvelope.read(UnlimitedJson.factory(), json), text.size());
        } catch (JsonProcessingException e) {
            return protocolError("not an envelope: not JSON at " + Redaction.place(e));
        } catch (IOException e) {
            return protocolError("not an envelope: " + e.getClass().getSimpleName());
        } catch (BadEnvelopeException e) {
            return protocolError(e.getMessage());
        }
    }

    private SessionEvent event(ServerEnvelope envelope, long cost) throws BadEnvelopeException {
        switch (envelope.type()) {
            case "msg": {
                String id = envelope.id();
                Payload payload = envelope.payload();
                return (machine, connection, now) -> machine.onMessage(connection, id, payload, cost, now);
            }
            case "ack": {
                long seq = envelope.seq();
                return (machine, connection, now) -> machine.onAck(connection, seq, now);
            }
            case "reject": {
                String id = envelope.id();
                long seq = envelope.seq();
                String code = envelope.code();
                String detail = envelope.message();
                return (machine, connection, now) -> machine.onReject(connection, id, seq, code, detail, now);
            }
            case "welcome":
                Welcome welcome = envelope.welcome();
                return (machine, connection, now) -> machine.onWelcome(connection, welcome, now);
            case "live":
                return (machine, connection, now) -> machine.onLive(connection, now);
            case "reconnect": {
                long within = TimeUnit.MILLISECONDS.toNanos(envelope.afterMs());
                String url = envelope.url();
                return (machine, connection, now) -> machine.onReconnect(connection, within, url, now);
            }
            case "error": {
                String error = envelope.error();
                long retryAfter = TimeUnit.MILLISECONDS.toNanos(envelope.retryAfterMs());
                return (machine, connection, now) -> machine.onServerError(connection, error, retryAfter);
            }
            case "auth": {
                if (envelope.isOk()) return (machine, connection, now) -> Collections.emptyList();
                long within = TimeUnit.MILLISECONDS.toNanos(envelope.inMs());
                return (machine, connection, now) -> machine.onCredentialExpiring(connection, within, now);
            }
            default:
                return protocolError("unknown envelope" + (isWord(envelope.type()) ? ' ' + envelope.type() : ""));
        }
    }

    /** Returns whether the type is a plain word, and so cannot be a misplaced secret. */
    private static boolean isWord(String type) {
        return type.length() <= MAX_TYPE_LENGTH && ServerEnvelope.isId(type);
    }

    @Override
    public SessionEvent readBinary(ByteString bytes) {
        int idLength = bytes.size() < 2 ? 0 : bytes.getByte(1) & 0xff;
        if (idLength == 0 || bytes.getByte(0) != BINARY_MESSAGE || bytes.size() < 2 + idLength) {
            return protocolError("binary message without its prefix");
        }
        String id = bytes.substring(2, 2 + idLength).utf8();
        if (!ServerEnvelope.isId(id)) return protocolError("bad id on a binary message");
        Payload payload = Payload.binary(bytes.substring(2 + idLength));
        return (machine, connection, now) -> machine.onMessage(connection, id, payload, bytes.size(), now);
    }

    private static SessionEvent protocolError(@Nullable String error) {
        String message = String.valueOf(error);
        return (machine, connection, now) -> machine.onProtocolError(connection, message, now);
    }

    // ---- writing ----

    @Override
    public void writeMessage(Outbound message, Wire wire) {
        if (message.payload().kind() == Payload.Kind.BINARY) {
            wire.binary(new Buffer()
                    .writeByte(BINARY_MESSAGE)
                    .writeLong(message.seq())
                    .write(message.payload().bytes())
                    .readByteString());
            return;
        }
        write(message);
        out.send(wire);
    }

    @Override
    public void writeBatch(List<Outbound> messages, Wire wire) {
        String before = "[";
        for (Outbound message : messages) {
            out.raw(before);
            write(message);
            before = ",";
        }
        out.raw("]").send(wire);
    }

    private void write(Outbound message) {
        out.begin("msg").name("c").number(message.seq());
        String key = message.idempotencyKey();
        if (key != null) out.name("k").string(key);
        out.name("d");
        Payload payload = message.payload();
        if (payload.kind() == Payload.Kind.JSON) {
            out.json(payload.text());
        } else {
            out.string(payload.text());
        }
        out.end();
    }

    @Override
    public void writeOpen(Open open, Wire wire) {
        out.begin("open");
        if (open.sid != null) out.name("sid").string(open.sid);
        if (open.key != null) out.name("key").string(open.key);
        if (open.last != null) out.name("last").string(open.last);
        if (open.auth != null) out.name("auth").string(open.auth);
        out.end().send(wire);
    }

    @Override
    public void writeAuth(String auth, Wire wire) {
        out.begin("auth").name("auth").string(auth).end().send(wire);
    }

    @Override
    public void writeAck(String last, Wire wire) {
        out.begin("ack").name("last").string(last).end().send(wire);
    }

    @Override
    public void writeBye(Wire wire) {
        out.begin("bye").end().send(wire);
    }
}

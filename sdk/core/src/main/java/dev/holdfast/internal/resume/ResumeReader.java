package dev.holdfast.internal.resume;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.holdfast.internal.frame.ProtocolViolation;
import dev.holdfast.internal.frame.Utf8Text;
import dev.holdfast.internal.session.Inbound;
import dev.holdfast.internal.session.Payload;
import dev.holdfast.internal.session.ProtocolReader;
import dev.holdfast.internal.session.SessionEvent;
import dev.holdfast.internal.session.Welcome;
import java.io.IOException;
import java.util.Collections;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import okio.ByteString;
import org.jspecify.annotations.Nullable;

/** Reads what one connection brings of {@code resume.v1.json}. Confined to the connection's reader. */
final class ResumeReader implements ProtocolReader {
    /** The maximum length of a type in an error message. */
    private static final int MAX_TYPE_LENGTH = 16;

    private final Predicate<String> isUrl;

    /** Null before the first text. */
    private @Nullable MessageReader messages;

    ResumeReader(Predicate<String> isUrl) {
        this.isUrl = isUrl;
    }

    @Override
    public SessionEvent readText(Utf8Text text) throws ProtocolViolation {
        MessageReader reader = messages;
        if (reader == null) {
            reader = new MessageReader(text);
            messages = reader;
        }
        SessionEvent message = reader.read(text);
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
                return new Inbound(envelope.id(), envelope.payload(), cost);
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
                // Not shown: it may hold a secret.
                if (url != null && !isUrl.test(url)) return protocolError("url is not a URL of a WebSocket");
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
        if (idLength == 0 || bytes.getByte(0) != ResumeProtocol.BINARY_MESSAGE || bytes.size() < 2 + idLength) {
            return protocolError("binary message without its prefix");
        }
        String id = bytes.substring(2, 2 + idLength).utf8();
        if (!ServerEnvelope.isId(id)) return protocolError("bad id on a binary message");
        Payload payload = Payload.binary(bytes.substring(2 + idLength));
        return new Inbound(id, payload, bytes.size());
    }

    private static SessionEvent protocolError(@Nullable String error) {
        String message = String.valueOf(error);
        return (machine, connection, now) -> machine.onProtocolError(connection, message, now);
    }
}

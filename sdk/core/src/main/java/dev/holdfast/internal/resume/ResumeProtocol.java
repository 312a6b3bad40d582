package dev.holdfast.internal.resume;

import dev.holdfast.internal.frame.ProtocolViolation;
import dev.holdfast.internal.frame.Utf8Text;
import dev.holdfast.internal.session.Open;
import dev.holdfast.internal.session.Outbound;
import dev.holdfast.internal.session.Payload;
import dev.holdfast.internal.session.ProtocolReader;
import dev.holdfast.internal.session.SessionEvent;
import dev.holdfast.internal.session.SessionProtocol;
import java.util.List;
import java.util.function.Predicate;
import okio.Buffer;
import okio.ByteString;

/**
 * The {@code resume.v1.json} subprotocol, {@code docs/protocol.md}: envelopes as JSON text, and payloads that are not
 * JSON as binary messages after a short prefix.
 */
public final class ResumeProtocol implements SessionProtocol {
    public static final String SUBPROTOCOL = "resume.v1.json";

    static final byte BINARY_MESSAGE = 0x01;

    private final Predicate<String> isUrl;
    private final EnvelopeWriter out = new EnvelopeWriter();

    /**
     * @param isUrl returns whether a connection can be opened to what a server gives as a URL
     * @throws LinkageError if there is no Jackson on the class path to read envelopes with
     */
    public ResumeProtocol(Predicate<String> isUrl) {
        UnlimitedJson.require();
        this.isUrl = isUrl;
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
    public ProtocolReader reader() {
        return new ResumeReader(isUrl);
    }

    @Override
    public SessionEvent readText(Utf8Text text) throws ProtocolViolation {
        return reader().readText(text);
    }

    @Override
    public SessionEvent readBinary(ByteString bytes) {
        return reader().readBinary(bytes);
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

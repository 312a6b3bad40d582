package dev.holdfast.internal.resume;

import dev.holdfast.internal.frame.ProtocolViolation;
import dev.holdfast.internal.frame.Utf8Text;
import dev.holdfast.internal.session.Open;
import dev.holdfast.internal.session.Outbound;
import dev.holdfast.internal.session.Payload;
import dev.holdfast.internal.session.ProtocolReader;
import dev.holdfast.internal.session.SessionEvent;
import dev.holdfast.internal.session.SessionProtocol;
import dev.holdfast.internal.session.TextWriter;
import java.util.List;
import java.util.function.Predicate;
import okio.Buffer;
import okio.ByteString;
import org.jspecify.annotations.Nullable;

/**
 * The {@code resume.v1.json} subprotocol, {@code docs/protocol.md}: envelopes as JSON text, and payloads that are not
 * JSON as binary messages after a short prefix.
 */
public final class ResumeProtocol implements SessionProtocol {
    public static final String SUBPROTOCOL = "resume.v1.json";

    static final byte BINARY_MESSAGE = 0x01;

    private final Predicate<String> isUrl;
    private final TextWriter out = new TextWriter();

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
        out.begin();
        write(message);
        out.send(wire);
    }

    @Override
    public void writeBatch(List<Outbound> messages, Wire wire) {
        out.begin();
        String before = "[";
        for (Outbound message : messages) {
            out.raw(before);
            write(message);
            before = ",";
        }
        out.raw("]").send(wire);
    }

    private void write(Outbound message) {
        out.raw("{\"t\":\"msg\",\"c\":").number(message.seq());
        member("k", message.idempotencyKey());
        out.raw(",\"d\":");
        Payload payload = message.payload();
        if (payload.kind() == Payload.Kind.JSON) {
            out.text(payload.text(), message.isAscii());
        } else {
            out.quoted(payload.text(), message.isAscii());
        }
        out.raw("}");
    }

    @Override
    public void writeOpen(Open open, Wire wire) {
        out.begin().raw("{\"t\":\"open\"");
        member("sid", open.sid);
        member("key", open.key);
        member("last", open.last);
        member("auth", open.auth);
        out.raw("}").send(wire);
    }

    /** Writes a member that is not the first, if it has a value. */
    private void member(String name, @Nullable String value) {
        if (value != null) out.raw(",\"").raw(name).raw("\":").quoted(value);
    }

    @Override
    public void writeAuth(String auth, Wire wire) {
        out.begin().raw("{\"t\":\"auth\",\"auth\":").quoted(auth).raw("}").send(wire);
    }

    @Override
    public void writeAck(String last, Wire wire) {
        out.begin().raw("{\"t\":\"ack\",\"last\":").quoted(last).raw("}").send(wire);
    }

    @Override
    public void writeBye(Wire wire) {
        out.begin().raw("{\"t\":\"bye\"}").send(wire);
    }
}

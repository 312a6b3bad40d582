package dev.holdfast.internal.session;

import dev.holdfast.internal.frame.ProtocolViolation;
import dev.holdfast.internal.frame.Utf8Text;
import java.util.List;
import okio.ByteString;
import org.jspecify.annotations.Nullable;

/** A protocol without a session: an application message is a WebSocket message, and nothing outlives a connection. */
public class PlainProtocol implements SessionProtocol {
    @Override
    public @Nullable String subprotocol() {
        return null;
    }

    @Override
    public boolean isResumable() {
        return false;
    }

    @Override
    public SessionEvent readText(Utf8Text text) throws ProtocolViolation {
        int size = text.size();
        Payload payload = Payload.text(text.string(), size);
        return new Inbound(null, payload, size);
    }

    @Override
    public SessionEvent readBinary(ByteString bytes) {
        return new Inbound(null, Payload.binary(bytes), bytes.size());
    }

    @Override
    public void writeMessage(Outbound message, Wire wire) {
        if (message.isAscii()) {
            wire.ascii(message.payload().text());
        } else {
            write(message.payload(), message.bytes(), wire);
        }
    }

    /**
     * Writes text as text and bytes as bytes.
     *
     * @param bytes the size of the payload
     */
    protected static void write(Payload payload, long bytes, Wire wire) {
        if (payload.kind() == Payload.Kind.BINARY) {
            wire.binary(payload.bytes());
        } else {
            wire.text(payload.text(), bytes);
        }
    }

    @Override
    public void writeBatch(List<Outbound> messages, Wire wire) {
        throw noSession();
    }

    @Override
    public void writeOpen(Open open, Wire wire) {
        throw noSession();
    }

    @Override
    public void writeAuth(String auth, Wire wire) {
        throw noSession();
    }

    @Override
    public void writeAck(String last, Wire wire) {
        throw noSession();
    }

    @Override
    public void writeBye(Wire wire) {
        throw noSession();
    }

    private static IllegalStateException noSession() {
        return new IllegalStateException("no session to speak of");
    }
}

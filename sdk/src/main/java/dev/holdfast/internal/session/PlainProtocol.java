package dev.holdfast.internal.session;

import java.util.List;
import okio.ByteString;
import org.jspecify.annotations.Nullable;

/** No session at all: an application message is a WebSocket message, and nothing outlives a connection. */
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
    public SessionEvent readText(String text, long utf8Length) {
        Payload payload = Payload.text(text, utf8Length);
        return (machine, connection, now) ->
                machine.onMessage(connection, null, payload, payload.text().length(), now);
    }

    @Override
    public SessionEvent readBinary(ByteString bytes) {
        return (machine, connection, now) ->
                machine.onMessage(connection, null, Payload.binary(bytes), bytes.size(), now);
    }

    @Override
    public void writeMessage(Outbound message, Wire wire) {
        write(message.payload(), message.bytes(), wire);
    }

    /** Text as text, bytes as bytes; so many of them. */
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

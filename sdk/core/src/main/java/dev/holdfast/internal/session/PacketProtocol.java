package dev.holdfast.internal.session;

import dev.holdfast.internal.frame.Utf8Text;
import java.util.List;
import okio.ByteString;

/**
 * A protocol whose messages are {@link Packet}s. Neither side numbers them, and what one connection brings has a reader of its
 * own.
 */
public abstract class PacketProtocol implements SessionProtocol {
    private final String hint;

    /** @param hint what to tell an application that sends a message instead of a packet */
    protected PacketProtocol(String hint) {
        this.hint = hint;
    }

    @Override
    public boolean isResumable() {
        return false;
    }

    /** Throws: a protocol whose packets have no {@link Payload#original} finds only messages of another one in a store. */
    @Override
    public Payload restored(Payload original) {
        throw new IllegalStateException("the store has a message of another protocol");
    }

    @Override
    public abstract ProtocolReader reader();

    @Override
    public SessionEvent readText(Utf8Text text) {
        throw new IllegalStateException("each connection has its reader");
    }

    @Override
    public SessionEvent readBinary(ByteString bytes) {
        throw new IllegalStateException("each connection has its reader");
    }

    @Override
    public void writeMessage(Outbound message, Wire wire) {
        Packet packet = message.payload().packet();
        if (packet == null) throw new ApplicationFault(new IllegalStateException(hint));
        Packet.Text unmade = packet.unmade();
        if (unmade != null) writeText(unmade, wire);
        else if (packet.hasText()) wire.text(packet.text(), packet.textBytes());
        List<ByteString> attachments = packet.attachments();
        for (int i = 0; i < attachments.size(); i++) wire.binary(attachments.get(i));
    }

    /** Writes a text that has not been made. Default: makes it first. */
    protected void writeText(Packet.Text text, Wire wire) {
        wire.text(text.toString(), text.bytes());
    }

    @Override
    public void writeBatch(List<Outbound> messages, Wire wire) {
        throw new IllegalStateException("the welcome allows no batches");
    }

    @Override
    public void writeAuth(String auth, Wire wire) {
        throw new IllegalStateException("a credential is not renewed on a connection");
    }

    @Override
    public void writeAck(String last, Wire wire) {
        throw new IllegalStateException("nothing is acknowledged by a number");
    }
}

package dev.holdfast.internal.transport;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.internal.message.StrictInflater;
import dev.holdfast.internal.transport.RawServer.Frame;
import dev.holdfast.internal.transport.RawServer.Peer;
import java.io.IOException;
import java.util.zip.Deflater;
import okio.Buffer;
import okio.ByteString;

/** A server's end of a connection that agreed on compression, RFC 7692. It keeps strictly to what was agreed. */
final class CompressingPeer implements AutoCloseable {
    private static final int TAIL_BYTES = 4;

    final Peer peer;
    private final Agreement agreement;
    private final StrictInflater inflater;
    private final Deflater deflater = new Deflater(Deflater.DEFAULT_COMPRESSION, true);
    /** Input since the deflater has last forgotten everything. */
    private int remembered;

    /** Window bits of 0 are not mentioned, and mean 15. */
    record Agreement(boolean clientTakeover, boolean serverTakeover, int clientBits, int serverBits) {
        @Override
        public String toString() {
            return "permessage-deflate"
                    + (serverTakeover ? "" : "; server_no_context_takeover")
                    + (clientTakeover ? "" : "; client_no_context_takeover")
                    + (serverBits == 0 ? "" : "; server_max_window_bits=" + serverBits)
                    + (clientBits == 0 ? "" : "; client_max_window_bits=" + clientBits);
        }
    }

    CompressingPeer(Peer peer, Agreement agreement) {
        this.peer = peer;
        this.agreement = agreement;
        this.inflater =
                new StrictInflater(agreement.clientBits == 0 ? 15 : agreement.clientBits, agreement.clientTakeover);
    }

    /** The client's next message. */
    ByteString take(int opcode, boolean compressed, int maxFragmentBytes) throws IOException {
        Frame frame = compressed ? peer.takeCompressed() : peer.take();
        assertEquals(opcode, frame.opcode());
        Buffer message = new Buffer().write(frame.payload());
        while (!frame.fin()) {
            frame = peer.take();
            assertEquals(0, frame.opcode());
            if (!compressed) assertTrue(frame.payload().size() <= maxFragmentBytes);
            message.write(frame.payload());
        }
        return compressed ? ByteString.of(inflater.inflate(message.readByteArray())) : message.readByteString();
    }

    /** Sends a message in fragments of no more bytes. */
    void send(int opcode, boolean compressed, ByteString message, int maxFragmentBytes) throws IOException {
        Buffer rest = new Buffer().write(compressed ? deflate(message) : message);
        int first = compressed ? opcode | 0x40 : opcode;
        Buffer wire = new Buffer();
        while (rest.size() > maxFragmentBytes) {
            wire.write(Peer.frame(first, rest.readByteString(maxFragmentBytes)));
            first = 0;
        }
        wire.write(Peer.frame(first | 0x80, rest.readByteString()));
        peer.write(wire.readByteArray());
    }

    /** The JDK's window is 32 KiB. In a smaller one it has to forget before it can refer too far back. */
    private ByteString deflate(ByteString message) throws IOException {
        int window = agreement.serverBits == 0 ? Integer.MAX_VALUE : 1 << agreement.serverBits;
        Buffer in = new Buffer().write(message);
        Buffer out = new Buffer();
        while (in.size() > window - remembered) {
            deflate(in.readByteArray(window - remembered), Deflater.FULL_FLUSH, out);
            remembered = 0;
        }
        remembered += (int) in.size();
        deflate(in.readByteArray(), Deflater.SYNC_FLUSH, out);
        if (!agreement.serverTakeover) {
            deflater.reset();
            remembered = 0;
        }
        // A flush with nothing to flush says nothing, and an empty message is an empty block.
        return out.size() < TAIL_BYTES ? ByteString.of((byte) 0) : out.readByteString(out.size() - TAIL_BYTES);
    }

    private void deflate(byte[] in, int flush, Buffer out) {
        deflater.setInput(in);
        byte[] room = new byte[in.length + 1000];
        int length = deflater.deflate(room, 0, room.length, flush);
        assertTrue(length < room.length);
        out.write(room, 0, length);
    }

    @Override
    public void close() {
        deflater.end();
    }
}

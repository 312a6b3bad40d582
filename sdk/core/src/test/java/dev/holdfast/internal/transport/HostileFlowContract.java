package dev.holdfast.internal.transport;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.ConnectionFailure.Phase;
import dev.holdfast.internal.message.CloseStatus;
import dev.holdfast.internal.transport.ConnectionRecorder.Binary;
import dev.holdfast.internal.transport.RawServer.Frame;
import dev.holdfast.internal.transport.RawServer.Peer;
import java.net.Socket;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.time.Duration;
import okhttp3.OkHttpClient;
import okio.ByteString;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * A server that means harm by sending more than anybody takes, or by taking nothing. The same with servers that are but
 * slow is in {@link FlowTest}, and so are the limits of a close that such a server holds up.
 */
@Tag("slow")
@Timeout(30)
abstract class HostileFlowContract {
    private static final int SMALL = 16 * 1024;

    @RegisterExtension
    final TransportRig rig;

    final ConnectionRecorder recorder;
    private Peer peer;
    Connection connection;

    HostileFlowContract(TransportRig rig) {
        this.rig = rig;
        this.recorder = rig.newRecorder();
    }

    final void connect(OkHttpClient client) throws Exception {
        rig.open(client, rig.server.url(), null, recorder);
        peer = rig.server.acceptUpgrade();
        connection = recorder.takeOpened();
    }

    /** So little fits between the two that a server which doesn't read is noticed. */
    final OkHttpClient small() {
        return rig.client
                .newBuilder()
                .socketFactory(SocketFactories.small(SMALL))
                .build();
    }

    final void assertFailed(String message) throws Exception {
        TransportException failure = recorder.takeFailed();
        assertEquals(message, failure.getMessage());
        assertEquals(Phase.SESSION, failure.phase());
        assertFalse(connection.sendText("late", 4));
    }

    @Test
    void tenMillionPingsFromAServerThatDoesNotRead() throws Exception {
        int pings = 10_000_000;
        int perWrite = 20_000;
        OkHttpClient client = rig.client
                .newBuilder()
                .socketFactory(new SocketFactories.Plain(HostileFlowContract::smallToSend))
                // The server does not read before the last ping, which may take long on a busy machine.
                .writeTimeout(Duration.ofMinutes(5))
                .build();
        connect(client);
        HeapGrowth heap = new HeapGrowth();
        ByteBuffer many = ByteBuffer.allocate(perWrite * 6);
        for (int ping = 0; ping < pings; ) {
            many.clear();
            while (many.hasRemaining()) many.putShort((short) 0x8904).putInt(ping++);
            peer.write(many.array());
        }
        peer.text("that was all");
        recorder.takeText("that was all");
        heap.assertBelow(2 * HeapGrowth.MIB);

        connection.close(CloseStatus.of(1000, ""));
        int pongs = 0;
        int last = -1;
        for (Frame frame = peer.take(); frame.opcode() != 8; frame = peer.take()) {
            assertEquals(10, frame.opcode());
            int answered = frame.payload().asByteBuffer().getInt();
            assertTrue(answered > last, answered + " is answered behind " + last);
            last = answered;
            pongs++;
        }
        assertEquals(pings - 1, last, "the newest ping is answered last");
        // What fitted between the two before all was full, and the few that then waited.
        assertTrue(pongs < pings / 100, pongs + " pongs");
        peer.closeFrame(1000, "");
        peer.endStream();
        peer.takeEnd();
        recorder.takeClosed(1000, "");
    }

    private static void smallToSend(Socket socket) {
        try {
            socket.setSendBufferSize(SMALL);
        } catch (SocketException e) {
            throw new AssertionError(e);
        }
    }

    /** The close frame that says what was wrong never gets out. */
    @Test
    void aServerThatNeverReadsAndBreaksTheProtocol() throws Exception {
        connect(small());
        connection.sendBinary(ByteString.of(new byte[16 * 1024 * 1024]));
        peer.take();
        peer.hex("83 00");
        rig.clock.awaitPending(2);
        Duration grace = Duration.ofMillis(100);
        rig.clock.advance(grace.minusNanos(1));
        recorder.assertNothingMore();
        rig.clock.advance(Duration.ofNanos(1));
        assertFailed("server violated the protocol: reserved opcode 3");
        assertEquals(0, recorder.written());
        rig.clock.advance(TransportRig.CLOSE_TIMEOUT);
    }

    @Test
    void endlessMessagesWhileReadingIsStopped() throws Exception {
        connect(small());
        recorder.onText = () -> connection.setReading(false);
        peer.text("stop");
        recorder.takeText("stop");
        HeapGrowth heap = new HeapGrowth();
        ByteString message = ByteString.of(new byte[1024]);
        Flood flood = Flood.start(peer, Peer.frame(0x82, message));
        flood.awaitStandstill();
        recorder.assertNothingMore();
        heap.assertBelow(2 * HeapGrowth.MIB);
        long heldBack = flood.sentBytes();
        assertTrue(heldBack < 16 * HeapGrowth.MIB, heldBack + " bytes sent");

        // Held back, not lost: all that went out before and a good deal more comes when reading goes on.
        connection.setReading(true);
        // Some of it is still in the sockets' buffers, and a frame is more than its payload.
        flood.awaitSent(2 * HeapGrowth.MIB);
        connection.setReading(false);
        flood.awaitStandstill();
        connection.cancel();
        flood.awaitEnded();
        int told = 0;
        Object event = recorder.take();
        for (; event.equals(new Binary(message)); event = recorder.take()) told++;
        assertTrue(told >= HeapGrowth.MIB / 1024, told + " messages told");
        TransportException failure = ((ConnectionRecorder.Failed) event).failure();
        assertEquals("cancelled", failure.getMessage());
        assertEquals(Phase.SESSION, failure.phase());
    }
}

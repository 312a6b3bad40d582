package dev.holdfast.internal.transport;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.internal.message.CloseStatus;
import dev.holdfast.internal.transport.RawServer.Frame;
import dev.holdfast.internal.transport.RawServer.Peer;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import okio.Buffer;
import okio.ByteString;
import okio.ForwardingSource;
import okio.Pipe;
import okio.Source;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Messages that go out as their source yields them. */
@Timeout(30)
class StreamingTest {
    private static final int FRAGMENT = 64 * 1024;

    @RegisterExtension
    final TransportRig rig = new TransportRig();

    private final ConnectionRecorder recorder = rig.newRecorder();
    private WebSocketConnection connection;
    private Peer peer;

    private void connect() throws Exception {
        connection = rig.transport(rig.client, null).connection(rig.request(), recorder, null);
        connection.start();
        peer = rig.server.acceptUpgrade();
        recorder.takeOpened();
    }

    private void cancel() throws Exception {
        connection.cancel();
        recorder.takeFailed();
    }

    private CompletableFuture<Void> send(boolean text, Source source) {
        CompletableFuture<Void> sent = new CompletableFuture<>();
        Thread thread = new Thread(() -> {
            try {
                connection.send(text, source);
                sent.complete(null);
            } catch (IOException | RuntimeException e) {
                sent.completeExceptionally(e);
            }
        });
        thread.start();
        return sent;
    }

    private static Throwable failure(CompletableFuture<Void> sent) {
        return assertThrows(ExecutionException.class, () -> sent.get(10, TimeUnit.SECONDS))
                .getCause();
    }

    private Buffer takeMessage(int opcode) throws IOException {
        Buffer message = new Buffer();
        Frame frame = peer.take();
        assertEquals(opcode, frame.opcode());
        message.write(frame.payload());
        while (!frame.fin()) {
            frame = peer.take();
            assertEquals(0, frame.opcode());
            assertTrue(frame.payload().size() <= FRAGMENT);
            message.write(frame.payload());
        }
        return message;
    }

    @Test
    void betweenTheMessagesAroundIt() throws Exception {
        connect();
        byte[] bytes = new byte[1_000_000];
        new Random(1).nextBytes(bytes);
        connection.sendText("before", 6);
        CompletableFuture<Void> sent = send(false, new Buffer().write(bytes));
        peer.takeText("before");
        assertEquals(ByteString.of(bytes), takeMessage(2).readByteString());
        sent.get(10, TimeUnit.SECONDS);
        connection.sendText("after", 5);
        peer.takeText("after");
        recorder.awaitWritten(3);
        assertEquals(0, connection.bufferedBytes());
        cancel();
    }

    @Test
    void emptyMessages() throws Exception {
        connect();
        connection.send(true, new Buffer());
        connection.send(false, new Buffer());
        assertEquals(0, takeMessage(1).size());
        assertEquals(0, takeMessage(2).size());
        cancel();
    }

    /** A source that yields little now and then: what it has yielded goes out, and control frames between. */
    @Test
    void aSourceThatTakesItsTime() throws Exception {
        connect();
        Pipe pipe = new Pipe(100);
        CompletableFuture<Void> sent = send(true, pipe.source());
        pipe.sink().write(new Buffer().writeUtf8("one"), 3);
        Frame first = peer.take();
        assertEquals(new Frame(false, 1, ByteString.encodeUtf8("one")), first);
        peer.ping("there?");
        assertEquals(new Frame(true, 10, ByteString.encodeUtf8("there?")), peer.take());
        connection.sendText("behind", 6);
        connection.sendPing(ByteString.EMPTY);
        assertEquals(9, peer.take().opcode());
        pipe.sink().write(new Buffer().writeUtf8("two"), 3);
        assertEquals(new Frame(false, 0, ByteString.encodeUtf8("two")), peer.take());
        pipe.sink().close();
        assertEquals(new Frame(true, 0, ByteString.EMPTY), peer.take());
        sent.get(10, TimeUnit.SECONDS);
        peer.takeText("behind");
        cancel();
    }

    /** No more of the message is in memory than a few fragments. */
    @Test
    void waitsForAServerThatDoesNotRead() throws Exception {
        connect();
        AtomicLong taken = new AtomicLong();
        CompletableFuture<Void> sent = send(false, new Source() {
            @Override
            public long read(Buffer sink, long byteCount) {
                taken.addAndGet(8192);
                sink.write(new byte[8192]);
                return 8192;
            }

            @Override
            public okio.Timeout timeout() {
                return okio.Timeout.NONE;
            }

            @Override
            public void close() {}
        });
        // Until the socket is full: nothing was taken for a while.
        long before = -1;
        for (int unchanged = 0; unchanged < 100; unchanged++) {
            if (before != taken.get()) unchanged = 0;
            before = taken.get();
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1));
            long waiting = connection.bufferedBytes();
            assertTrue(waiting <= 6 * FRAGMENT, waiting + " bytes wait");
        }
        connection.cancel();
        assertEquals(
                "the connection ended before the message did", failure(sent).getMessage());
        recorder.takeFailed();
    }

    @Test
    void aSourceThatFailsHalfway() throws Exception {
        connect();
        CompletableFuture<Void> sent = send(false, new ForwardingSource(new Buffer().writeUtf8("half")) {
            private int reads;

            @Override
            public long read(Buffer sink, long byteCount) throws IOException {
                if (reads++ > 0) {
                    peer.take();
                    throw new IOException("disk on fire");
                }
                return super.read(sink, byteCount);
            }
        });
        assertEquals("disk on fire", failure(sent).getMessage());
        peer.takeClose(1011);
        peer.closeFrame(1011, "");
        peer.close();
        recorder.takeClosed(1011, "");
    }

    @Test
    void textThatIsNotUtf8() throws Exception {
        connect();
        CompletableFuture<Void> sent = send(true, new Buffer().writeUtf8("x").writeByte(0xe2));
        assertTrue(failure(sent) instanceof CharacterCodingException);
        // The first piece may have gone out or not; either way the connection closes or goes on as if it had not been.
        connection.close(CloseStatus.of(1000, ""));
        Frame frame = peer.take();
        while (frame.opcode() != 8) frame = peer.take();
        assertTrue(frame.closeCode() == 1011 || frame.closeCode() == 1000);
        peer.closeFrame(1000, "");
        peer.close();
        recorder.takeClosed(1000, "");
    }

    /** What has not begun to go out can be taken back. */
    @Test
    void aSourceThatFailsBeforeItsTurn() throws Exception {
        connect();
        Pipe first = new Pipe(100);
        CompletableFuture<Void> firstSent = send(false, first.source());
        first.sink().write(new Buffer().writeUtf8("first"), 5);
        assertEquals(new Frame(false, 2, ByteString.encodeUtf8("first")), peer.take());
        CompletableFuture<Void> second = send(true, new Buffer().writeByte(0xff));
        assertTrue(failure(second) instanceof CharacterCodingException);
        connection.sendText("third", 5);
        first.sink().close();
        firstSent.get(10, TimeUnit.SECONDS);
        assertEquals(new Frame(true, 0, ByteString.EMPTY), peer.take());
        peer.takeText("third");
        recorder.awaitWritten(2);
        assertEquals(0, connection.bufferedBytes());
        cancel();
    }

    @Test
    void theServerClosesMeanwhile() throws Exception {
        connect();
        Pipe pipe = new Pipe(100);
        CompletableFuture<Void> sent = send(false, pipe.source());
        pipe.sink().write(new Buffer().writeUtf8("one"), 3);
        peer.take();
        peer.closeFrame(1001, "enough");
        peer.takeClose(1001);
        pipe.sink().write(new Buffer().writeUtf8("two"), 3);
        assertEquals(
                "the connection ended before the message did", failure(sent).getMessage());
        peer.close();
        recorder.takeClosedByPeer(1001, "enough");
    }
}

package dev.holdfast.internal.transport;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.ConnectionFailure.Phase;
import dev.holdfast.internal.message.CloseStatus;
import dev.holdfast.internal.transport.RawServer.Peer;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import okio.Buffer;
import okio.ByteString;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Connections over real sockets that keep one thread while they are idle: the reader's. */
@Tag("slow")
@Timeout(30)
class IdleWriterTest {
    /** The threads that a connection starts until it is open: that of the upgrade, which has ended, and the reader's. */
    private static final int OPENING = 2;

    @RegisterExtension
    final TransportRig rig = new TransportRig();

    private final ConnectionRecorder recorder = rig.newRecorder();
    private final AtomicBoolean refuses = new AtomicBoolean();
    private final AtomicBoolean throwsAfterwards = new AtomicBoolean();
    private Peer peer;
    private Connection connection;

    private void connect(long idleNanos) throws Exception {
        OkHttpTransport transport = new OkHttpTransport(
                rig.client,
                null,
                rig.settings.writerIdleNanos(idleNanos),
                task -> {
                    if (refuses.get()) throw new RejectedExecutionException("shut down");
                    rig.threads.execute(task);
                    if (!throwsAfterwards.get()) return;
                    while (!((AtomicBoolean) task).get()) Thread.onSpinWait();
                    throw new OutOfMemoryError("no thread, and yet the task has one");
                },
                rig.clock,
                rig.clock,
                new Random(42));
        transport.open(rig.request(), recorder);
        peer = rig.server.acceptUpgrade();
        connection = recorder.takeOpened();
        rig.threads.awaitRunning(1);
        assertEquals(OPENING, rig.threads.started(), "nothing has been written");
    }

    private void closeByUs() throws Exception {
        assertTrue(connection.close(CloseStatus.of(1000, "")));
        peer.takeClose(1000);
        peer.closeFrame(1000, "");
        peer.close();
        recorder.takeClosed(1000, "");
    }

    /** With the time that applications get. */
    @Test
    void aConnectionThatIsIdleForASecondHasOneThread() throws Exception {
        connect(rig.settings.writerIdleNanos);
        for (int i = 0; i < 100; i++) {
            assertTrue(connection.sendText("message " + i, ("message " + i).length()));
            peer.takeText("message " + i);
        }
        assertEquals(OPENING + 1, rig.threads.started(), "the writer keeps its thread while there is work");
        rig.threads.awaitRunning(1);
        connection.sendText("later", 5);
        peer.takeText("later");
        recorder.awaitWritten(101);
        assertEquals(OPENING + 2, rig.threads.started());
        closeByUs();
        assertEquals(OPENING + 2, rig.threads.started());
    }

    @Test
    void eachFrameAfterAPauseGoesOutOnAnotherThread() throws Exception {
        connect(TimeUnit.MILLISECONDS.toNanos(1));
        for (int i = 1; i <= 10; i++) {
            connection.sendText("message " + i, ("message " + i).length());
            peer.takeText("message " + i);
            rig.threads.awaitRunning(1);
            connection.sendPing(ByteString.encodeUtf8("ping " + i));
            assertEquals("ping " + i, peer.take().utf8());
            recorder.awaitPingsWritten(i);
            rig.threads.awaitRunning(1);
            peer.ping("from the server");
            assertEquals("from the server", peer.take().utf8());
            rig.threads.awaitRunning(1);
        }
        assertEquals(OPENING + 30, rig.threads.started());
        recorder.awaitWritten(10);
        closeByUs();
    }

    @Test
    void aLongMessageAndWhatIsSentBehindItKeepTheirOrder() throws Exception {
        connect(0);
        byte[] bytes = new byte[300_000];
        new Random(1).nextBytes(bytes);
        connection.sendBinary(ByteString.of(bytes));
        connection.sendText("behind", 6);
        Buffer received = new Buffer();
        RawServer.Frame frame;
        do {
            frame = peer.take();
            received.write(frame.payload());
        } while (!frame.fin());
        assertEquals(ByteString.of(bytes), received.readByteString());
        peer.takeText("behind");
        rig.threads.awaitRunning(1);
        closeByUs();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void theServerClosesWhileNoThreadWrites(boolean written) throws Exception {
        connect(0);
        if (written) {
            connection.sendText("written", 7);
            peer.takeText("written");
            rig.threads.awaitRunning(1);
        }
        peer.closeFrame(1001, "");
        peer.takeClose(1001);
        peer.close();
        recorder.takeClosedByPeer(1001, "");
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void cancelledWhileNoThreadWrites(boolean written) throws Exception {
        connect(0);
        if (written) {
            connection.sendText("written", 7);
            peer.takeText("written");
            rig.threads.awaitRunning(1);
        }
        int started = rig.threads.started();
        connection.cancel();
        assertEquals("cancelled", recorder.takeFailed().getMessage());
        assertEquals(IoThreads.NAME, recorder.endedOn());
        assertFalse(connection.sendText("late", 4));
        connection.sendPing(ByteString.EMPTY);
        peer.takeEnd();
        rig.threads.awaitAllEnded();
        assertEquals(started, rig.threads.started(), "an end needs no writer");
    }

    @ParameterizedTest
    @ValueSource(strings = {"send", "ping", "pong", "close"})
    void anExecutorThatRefusesTheNextThreadEndsTheConnection(String what) throws Exception {
        connect(0);
        connection.sendText("written", 7);
        peer.takeText("written");
        rig.threads.awaitRunning(1);
        refuses.set(true);
        switch (what) {
            case "send" -> connection.sendText("never", 5);
            case "ping" -> connection.sendPing(ByteString.EMPTY);
            case "pong" -> peer.ping("");
            default -> connection.close(CloseStatus.of(1000, ""));
        }
        TransportException failure = recorder.takeFailed();
        assertEquals("the I/O executor rejected a task", failure.getMessage());
        assertEquals(Phase.SESSION, failure.phase());
        assertEquals(IoThreads.NAME, recorder.endedOn());
        recorder.awaitWritten(1);
        peer.takeEnd();
    }

    /** As a pool may that queues a task and then has no thread for it. */
    @Test
    void anExecutorThatThrowsAndRunsTheTaskHasNotRefusedIt() throws Exception {
        throwsAfterwards.set(true);
        connect(0);
        for (int i = 1; i <= 10; i++) {
            connection.sendText("message " + i, ("message " + i).length());
            peer.takeText("message " + i);
            rig.threads.awaitRunning(1);
        }
        closeByUs();
    }

    /** Also if the application keeps the connection. */
    @Test
    void whatWasNotSentIsFreedWithTheConnection() throws Exception {
        connect(0);
        List<WeakReference<ByteString>> unsent = new ArrayList<>();
        for (int i = 0; i < 16; i++) {
            ByteString message = ByteString.of(new byte[2_000_000]);
            connection.sendBinary(message);
            unsent.add(new WeakReference<>(message));
        }
        rig.threads.awaitRunning(2);
        connection.cancel();
        recorder.takeFailed();
        rig.threads.awaitAllEnded();
        for (int tries = 0; tries < 50 && unsent.stream().anyMatch(one -> one.get() != null); tries++) System.gc();
        assertEquals(0, unsent.stream().filter(one -> one.get() != null).count(), "messages in memory");
        assertFalse(connection.sendText("late", 4));
    }
}

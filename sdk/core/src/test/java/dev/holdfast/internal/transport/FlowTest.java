package dev.holdfast.internal.transport;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.ConnectionFailure.Phase;
import dev.holdfast.internal.concurrent.LongTask;
import dev.holdfast.internal.message.CloseStatus;
import dev.holdfast.internal.time.Scheduler;
import dev.holdfast.internal.transport.RawServer.Frame;
import dev.holdfast.internal.transport.RawServer.Peer;
import java.io.IOException;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import okhttp3.OkHttpClient;
import okio.Buffer;
import okio.ByteString;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Either side is slower than the other: little fits between the two. */
@Tag("slow")
@Timeout(30)
class FlowTest {
    private static final int SMALL = 16 * 1024;

    /** How long a report waits for a writer that is blocked. */
    private static final Duration WRITER_GRACE = Duration.ofMillis(100);

    @RegisterExtension
    final TransportRig rig = new TransportRig(
            new RawServer(SMALL),
            new OkHttpClient.Builder()
                    .socketFactory(SocketFactories.small(SMALL))
                    .build());

    private final ConnectionRecorder recorder = rig.newRecorder();
    private Peer peer;
    private Connection connection;

    private void connect() throws Exception {
        connect(rig.client);
    }

    private void connect(OkHttpClient client) throws Exception {
        rig.open(client, rig.server.url(), null, recorder);
        peer = rig.server.acceptUpgrade();
        connection = recorder.takeOpened();
    }

    private void cancel() throws Exception {
        connection.cancel();
        assertEquals("cancelled", recorder.takeFailed().getMessage());
    }

    private static ByteString bytes(int size) {
        byte[] bytes = new byte[size];
        new Random(size).nextBytes(bytes);
        return ByteString.of(bytes);
    }

    // ---- the server is slow ----

    @Test
    void pingsAreAnsweredInTheMiddleOfALongMessage() throws Exception {
        connect();
        ByteString payload = bytes(1024 * 1024);
        connection.sendBinary(payload);
        Buffer joined = new Buffer();
        Frame first = peer.take();
        assertEquals(2, first.opcode());
        joined.write(first.payload());

        peer.ping("still there");
        // The rest does not fit into the buffers of the sockets while we do not read.
        recorder.awaitPings(1);
        boolean answered = false;
        Frame frame;
        do {
            frame = peer.take();
            if (frame.opcode() == 10) {
                assertEquals("still there", frame.utf8());
                assertFalse(answered, "answered twice");
                answered = true;
            } else {
                assertEquals(0, frame.opcode());
                joined.write(frame.payload());
            }
        } while (frame.opcode() == 10 || !frame.fin());
        assertTrue(answered, "no pong before the last fragment");
        assertEquals(payload, joined.readByteString());
        recorder.awaitWritten(1);
        cancel();
    }

    @Test
    void aFloodOfPingsThatCanNotBeAnsweredKeepsOnlyTheNewestFew() throws Exception {
        connect();
        connection.sendBinary(bytes(1024 * 1024));
        peer.take();
        Buffer flood = new Buffer();
        for (int i = 0; i < 10_000; i++) flood.write(Peer.frame(0x89, ByteString.encodeUtf8("ping " + i)));
        peer.write(flood.readByteArray());
        peer.text("that was all");
        recorder.takeText("that was all");

        int pongs = 0;
        String last = "";
        for (int left = 15; left > 0; ) {
            Frame frame = peer.take();
            if (frame.opcode() == 10) {
                pongs++;
                last = frame.utf8();
            } else {
                left--;
            }
        }
        assertEquals("ping 9999", last);
        // 32 for each batch at the most, and there are no more batches than fragments.
        assertTrue(pongs <= 16 * 32, pongs + " pongs");
        cancel();
    }

    @Test
    void theWriteTimeoutNoticesAServerThatTakesNothing() throws Exception {
        connect(rig.client.newBuilder().writeTimeout(Duration.ofMillis(100)).build());
        connection.sendBinary(bytes(4 * 1024 * 1024));
        TransportException failure = recorder.takeFailed();
        assertEquals("write timed out: server does not read", failure.getMessage());
        assertEquals(Phase.SESSION, failure.phase());
        assertEquals(0, recorder.written());
    }

    @Test
    void cancelUnblocksAWriterThatIsStuck() throws Exception {
        connect();
        connection.sendBinary(bytes(4 * 1024 * 1024));
        peer.take();
        cancel();
        assertEquals(0, recorder.written());
    }

    @Test
    void aServerThatGoesWhileTheWriterIsStuck() throws Exception {
        connect();
        connection.sendBinary(bytes(4 * 1024 * 1024));
        peer.take();
        peer.endStream();
        assertEquals(
                "server ended the connection without a close frame",
                recorder.takeFailed().getMessage());
    }

    /** The closing handshake has its time limit from when our close frame is in the socket. */
    @Test
    void aServerThatReadsSlowlyGetsEverythingThatWasSentBeforeTheClose() throws Exception {
        connect();
        ByteString payload = bytes(64 * 1024);
        int count = 64;
        for (int i = 0; i < count; i++) assertTrue(connection.sendBinary(payload));
        assertTrue(connection.close(CloseStatus.of(1000, "")));
        for (int i = 0; i < count; i++) {
            rig.clock.advance(TransportRig.CLOSE_TIMEOUT);
            assertEquals(new Frame(true, 2, payload), peer.take());
        }
        peer.takeClose(1000);
        rig.clock.awaitPending(1);
        rig.clock.advance(TransportRig.CLOSE_TIMEOUT.minusNanos(1));
        recorder.assertNothingMore();
        assertEquals(count, recorder.written());
        rig.clock.advance(Duration.ofNanos(1));
        assertEquals(
                "server did not finish the closing handshake",
                recorder.takeFailed().getMessage());
    }

    @Test
    void aServerThatClosesAndReadsSlowlyGetsEverythingThatWasSentBefore() throws Exception {
        connect();
        ByteString payload = bytes(64 * 1024);
        int count = 16;
        for (int i = 0; i < count; i++) assertTrue(connection.sendBinary(payload));
        peer.closeFrame(1001, "");
        advanceUntil(recorder::hasMore);
        recorder.takeClosing(1001, "");
        for (int i = 0; i < count; i++) {
            rig.clock.advance(TransportRig.CLOSE_TIMEOUT);
            assertEquals(new Frame(true, 2, payload), peer.take());
        }
        peer.takeClose(1001);
        recorder.takeClosed(1001, "");
        peer.close();
    }

    /** A client that has other things to do than to wait for a slow server may limit that. */
    @Test
    void whatIsQueuedBeforeTheCloseMayHaveATimeLimit() throws Exception {
        Duration limit = Duration.ofSeconds(20);
        rig.settings = rig.settings.flushTimeoutNanos(limit.toNanos());
        connect();
        connection.sendBinary(bytes(4 * 1024 * 1024));
        peer.take();
        connection.close(CloseStatus.of(1000, ""));
        rig.clock.advance(limit.minusNanos(1));
        recorder.assertNothingMore();
        rig.clock.advance(Duration.ofNanos(1));
        assertEquals(
                "server did not finish the closing handshake",
                recorder.takeFailed().getMessage());
    }

    @Test
    void theServersCloseIsReportedSoonWhileTheWriterIsStuck() throws Exception {
        connect();
        connection.sendBinary(bytes(4 * 1024 * 1024));
        peer.awaitByte();
        peer.closeFrame(1009, "too long");
        rig.clock.awaitPending(1);
        rig.clock.advance(WRITER_GRACE.minusNanos(1));
        recorder.assertNothingMore();
        rig.clock.advance(Duration.ofNanos(1));
        recorder.takeClosing(1009, "too long");
        connection.cancel();
        recorder.takeClosed(1009, "too long");
    }

    /** Nothing else would let the reader go on after the write has failed. */
    @Test
    void theServersReasonIsHeardByAReaderThatWasStopped() throws Exception {
        connect();
        connection.setReading(false);
        peer.text("before");
        peer.closeFrame(4409, "taken over");
        peer.close();
        connection.sendBinary(bytes(1024 * 1024));
        advanceUntil(recorder::hasMore);
        recorder.takeText("before");
        recorder.takeClosedByPeer(4409, "taken over");
    }

    /** In the end the write timeout ends that wait. */
    @Test
    void theServersCloseWhileTheWriterIsStuckForGood() throws Exception {
        connect(rig.client.newBuilder().writeTimeout(Duration.ofMillis(200)).build());
        connection.sendBinary(bytes(4 * 1024 * 1024));
        peer.awaitByte();
        peer.closeFrame(1009, "too long");
        advanceUntil(recorder::hasMore);
        recorder.takeClosedByPeer(1009, "too long");
    }

    /** A server that says why and resets: the reason must not get lost behind the writer's failure. */
    @RepeatedTest(50)
    void theServersReasonIsHeardWhileWeWrite() throws Exception {
        connect();
        connection.sendBinary(bytes(1024 * 1024));
        peer.take();
        peer.closeFrame(4409, "taken over");
        peer.close();
        // A writer that is still blocked then is waited for, on a clock that stands still.
        advanceUntil(recorder::hasMore);
        recorder.takeClosedByPeer(4409, "taken over");
    }

    private void advanceUntil(BooleanSupplier condition) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        for (int looks = 1; !condition.getAsBoolean(); looks++) {
            assertTrue(System.nanoTime() < deadline, "nothing reported");
            // The reader may not have run yet. With each look the connection would end before the reader sees the close
            // frame.
            if (looks % 500 == 0) rig.clock.advance(WRITER_GRACE);
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1));
        }
    }

    // ---- we are slow ----

    @Test
    void nothingIsToldWhileReadingIsStoppedAndTheServerIsHeldBack() throws Exception {
        connect();
        recorder.onText = () -> connection.setReading(false);
        peer.text("stop");
        recorder.takeText("stop");
        recorder.onText = () -> {};

        int count = 64;
        ByteString chunk = bytes(128 * 1024);
        AtomicInteger sent = new AtomicInteger();
        Thread server = new Thread(() -> {
            try {
                for (int i = 0; i < count; i++) {
                    peer.binary(chunk);
                    sent.incrementAndGet();
                }
                peer.text("done");
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        });
        server.setDaemon(true);
        server.start();
        // Real time has to pass: nothing tells that nothing happens.
        server.join(200);
        assertTrue(server.isAlive(), "the server could send it all");
        assertTrue(sent.get() < count, sent + " chunks sent");
        recorder.assertNothingMore();

        connection.setReading(true);
        for (int i = 0; i < count; i++) assertEquals(new ConnectionRecorder.Binary(chunk), recorder.take());
        recorder.takeText("done");
        server.join();
        cancel();
    }

    @Test
    void pingsThatWereReadAreAnsweredWhileReadingIsStopped() throws Exception {
        connect();
        recorder.onText = () -> connection.setReading(false);
        Buffer together = new Buffer();
        together.write(Peer.frame(0x89, ByteString.encodeUtf8("before")));
        together.write(Peer.frame(0x81, ByteString.encodeUtf8("stop")));
        peer.write(together.readByteArray());
        recorder.takeText("stop");
        assertEquals("before", peer.take().utf8());
        connection.sendText("sending goes on", 15);
        peer.takeText("sending goes on");
        cancel();
    }

    /** However long that takes: what is told of the close on the writer's thread waits for it. */
    @Test
    void whatCameIsSettledBeforeTheServersCloseIsTold() throws Exception {
        connect();
        recorder.onSettling = () -> LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(100));
        Buffer together = new Buffer();
        together.write(Peer.frame(0x81, ByteString.encodeUtf8("last")));
        together.write(Peer.frame(0x88, ByteString.decodeHex("03e8")));
        peer.write(together.readByteArray());
        recorder.takeText("last");
        recorder.takeClosing(1000, "");
        peer.takeClose(1000);
        peer.close();
        recorder.takeClosed(1000, "");
        recorder.assertEndedOnce();
    }

    @Test
    void cancelWhileReadingIsStopped() throws Exception {
        connect();
        recorder.onText = () -> connection.setReading(false);
        peer.text("stop");
        recorder.takeText("stop");
        cancel();
        peer.takeEnd();
    }

    @Test
    void stoppedAgainAfterCancel() throws Exception {
        connect();
        recorder.onText = () -> {
            connection.cancel();
            connection.setReading(false);
        };
        peer.text("stop");
        recorder.takeText("stop");
        assertEquals("cancelled", recorder.takeFailed().getMessage());
    }

    @Test
    void closeWhileReadingIsStoppedHasItsTimeLimit() throws Exception {
        connect();
        recorder.onText = () -> connection.setReading(false);
        peer.text("stop");
        recorder.takeText("stop");
        connection.close(CloseStatus.of(1000, ""));
        peer.takeClose(1000);
        peer.closeFrame(1000, "");
        rig.clock.awaitPending(1);
        rig.clock.advance(TransportRig.CLOSE_TIMEOUT);
        assertEquals(
                "server did not finish the closing handshake",
                recorder.takeFailed().getMessage());
    }

    @Test
    void readingGoesOnWhereItStopped() throws Exception {
        connect();
        recorder.onText = () -> connection.setReading(false);
        Buffer three = new Buffer();
        for (String text : new String[] {"one", "two", "three"}) {
            three.write(Peer.frame(0x81, ByteString.encodeUtf8(text)));
        }
        peer.write(three.readByteArray());
        recorder.takeText("one");
        recorder.assertNothingMore();
        connection.setReading(true);
        recorder.takeText("two");
        recorder.assertNothingMore();
        connection.setReading(true);
        recorder.takeText("three");
        cancel();
    }

    // ---- when bytes last went in and out ----

    @Test
    void lastInbound() throws Exception {
        connect();
        long opened = rig.clock.nanos();
        assertEquals(opened, connection.lastInboundAt());
        rig.clock.advance(Duration.ofSeconds(3));
        assertEquals(opened, connection.lastInboundAt());
        peer.text("x");
        recorder.takeText("x");
        assertEquals(rig.clock.nanos(), connection.lastInboundAt());
        long came = rig.clock.nanos();

        rig.clock.advance(Duration.ofSeconds(3));
        assertEquals(came, connection.lastInboundAt());
        connection.setReading(false);
        assertEquals(rig.clock.nanos(), connection.lastInboundAt(), "nothing is known while reading is stopped");
        rig.clock.advance(Duration.ofSeconds(3));
        assertEquals(rig.clock.nanos(), connection.lastInboundAt());
        connection.setReading(true);
        long resumed = rig.clock.nanos();
        rig.clock.advance(Duration.ofSeconds(3));
        assertEquals(resumed, connection.lastInboundAt(), "silence counts from when reading goes on");
        connection.setReading(true);
        assertEquals(resumed, connection.lastInboundAt(), "reading had not stopped");
        cancel();
    }

    /** Half a message proves life as well. */
    @Test
    void lastInboundInTheMiddleOfAMessage() throws Exception {
        connect();
        rig.clock.advance(Duration.ofSeconds(3));
        peer.hex("81 02 61");
        // A pong would be told only behind the message, so watch the clock's reader.
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
        while (connection.lastInboundAt() != rig.clock.nanos()) {
            assertTrue(System.nanoTime() < deadline, "half a message leaves no trace");
            Thread.onSpinWait();
        }
        cancel();
    }

    @Test
    void lastControlFrameIsTheLastWholePingOrPong() throws Exception {
        connect();
        long opened = rig.clock.nanos();
        rig.clock.advance(Duration.ofSeconds(3));
        peer.text("x");
        recorder.takeText("x");
        assertEquals(opened, connection.lastControlFrameAt());
        assertEquals(0, recorder.pings());
        // An empty ping, between the fragments of a message.
        peer.hex("01 01 61 89 00 80 01 62");
        recorder.takeText("ab");
        assertEquals(rig.clock.nanos(), connection.lastControlFrameAt());
        assertEquals(1, recorder.pings());
        long pinged = rig.clock.nanos();
        rig.clock.advance(Duration.ofSeconds(3));
        peer.hex("8a 00");
        assertEquals(new ConnectionRecorder.Pong(ByteString.EMPTY), recorder.take());
        assertEquals(pinged + Duration.ofSeconds(3).toNanos(), connection.lastControlFrameAt());
        cancel();
    }

    @Test
    void lastOutbound() throws Exception {
        connect();
        long opened = rig.clock.nanos();
        assertEquals(opened, connection.lastOutboundAt());
        rig.clock.advance(Duration.ofSeconds(3));
        connection.sendText("x", 1);
        recorder.awaitWritten(1);
        assertEquals(rig.clock.nanos(), connection.lastOutboundAt());
        rig.clock.advance(Duration.ofSeconds(3));
        peer.text("y");
        recorder.takeText("y");
        assertEquals(rig.clock.nanos() - Duration.ofSeconds(3).toNanos(), connection.lastOutboundAt());
        cancel();
    }

    // ---- executors ----

    @Test
    void executorThatRefusesTheUpgrade() throws Exception {
        OkHttpTransport transport = new OkHttpTransport(
                rig.client,
                null,
                ConnectionSettings.of(1, 1),
                task -> {
                    throw new RejectedExecutionException("shut down");
                },
                rig.clock,
                rig.clock,
                new Random(42));
        Connection refused = transport.open(rig.request(), recorder);
        assertEquals("the I/O executor rejected a task", recorder.takeFailed().getMessage());
        refused.cancel();
        refused.close(CloseStatus.of(1000, ""));
        assertFalse(refused.sendText("late", 4));
    }

    @Test
    void executorThatRefusesTheReader() throws Exception {
        executorWith(1).open(rig.request(), recorder);
        peer = rig.server.acceptUpgrade();
        TransportException failure = recorder.takeFailed();
        assertEquals("the I/O executor rejected a task", failure.getMessage());
        assertEquals(Phase.UPGRADE, failure.phase(), "the application has never seen it open");
        peer.takeEnd();
    }

    /** As a pool may that queues a task and then has no thread for it. */
    @Test
    void executorThatRefusesTheReaderAndRunsItLater() throws Exception {
        AtomicReference<Runnable> later = new AtomicReference<>();
        AtomicInteger tasks = new AtomicInteger();
        Executor queues = task -> {
            if (tasks.incrementAndGet() == 2) {
                later.set(task);
                throw new RejectedExecutionException("full");
            }
            rig.threads.execute(task);
        };
        transportOn(queues).open(rig.request(), recorder);
        peer = rig.server.acceptUpgrade();
        assertEquals("the I/O executor rejected a task", recorder.takeFailed().getMessage());
        peer.takeEnd();
        assertTrue(((AtomicBoolean) later.get()).get(), "the task must do nothing any more");
        later.get().run();
    }

    @Test
    void cancelledBeforeTheReaderStarts() throws Exception {
        CompletableFuture<Runnable> reader = new CompletableFuture<>();
        AtomicInteger tasks = new AtomicInteger();
        Executor slow = task -> {
            if (tasks.incrementAndGet() == 2) reader.complete(task);
            else rig.threads.execute(task);
        };
        Connection cancelled = transportOn(slow).open(rig.request(), recorder);
        peer = rig.server.acceptUpgrade();
        Runnable late = reader.get(10, TimeUnit.SECONDS);
        assertInstanceOf(LongTask.class, late, "the default executor must see that it keeps its thread");
        cancelled.cancel();
        late.run();
        assertEquals("cancelled", recorder.takeFailed().getMessage());
        peer.takeEnd();
    }

    @Test
    void executorThatRefusesTheWriter() throws Exception {
        executorWith(2).open(rig.request(), recorder);
        peer = rig.server.acceptUpgrade();
        Connection refused = recorder.takeOpened();
        assertTrue(refused.sendText("taken", 5), "the end is reported, as for what was queued before");
        TransportException failure = recorder.takeFailed();
        assertEquals("the I/O executor rejected a task", failure.getMessage());
        assertEquals(Phase.SESSION, failure.phase());
        assertEquals(IoThreads.NAME, recorder.endedOn(), "not the caller's thread");
        assertFalse(refused.sendText("late", 4));
        peer.takeEnd();
    }

    /** Returns a transport whose executor runs so many tasks and refuses the others. */
    private OkHttpTransport executorWith(int most) {
        AtomicInteger tasks = new AtomicInteger();
        return transportOn(task -> {
            if (tasks.incrementAndGet() > most) throw new RejectedExecutionException("shut down");
            rig.threads.execute(task);
        });
    }

    private OkHttpTransport transportOn(Executor executor) {
        ConnectionSettings settings = ConnectionSettings.of(TransportRig.CONNECT_TIMEOUT.toNanos(), 1);
        return new OkHttpTransport(rig.client, null, settings, executor, rig.clock, rig.clock, new Random(42));
    }

    @Test
    void theReaderHasAThreadOfItsOwn() throws Exception {
        connect();
        rig.threads.awaitEnded(1);
        cancel();
    }

    /** The server may be done with the handshake before its time limit is even set. */
    @Test
    void aCloseThatIsFasterThanItsTimeLimitLeavesNoTimer() throws Exception {
        Thread test = Thread.currentThread();
        Scheduler slow = (task, delayNanos) -> {
            if (Thread.currentThread() == test) finishTheHandshake();
            return rig.clock.schedule(task, delayNanos);
        };
        OkHttpTransport transport = new OkHttpTransport(
                rig.client,
                null,
                ConnectionSettings.of(TransportRig.CONNECT_TIMEOUT.toNanos(), 1)
                        .flushTimeoutNanos(TimeUnit.SECONDS.toNanos(20)),
                rig.threads,
                slow,
                rig.clock,
                new Random(42));
        transport.open(rig.request(), recorder);
        peer = rig.server.acceptUpgrade();
        recorder.takeOpened().close(CloseStatus.of(1000, ""));
        rig.clock.assertNothingPending();
    }

    private void finishTheHandshake() {
        try {
            peer.takeClose(1000);
            peer.closeFrame(1000, "");
            peer.close();
            recorder.takeClosed(1000, "");
            rig.threads.awaitAllEnded();
        } catch (IOException | InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    /** Many threads at once use one connection until it ends under them. */
    @RepeatedTest(5)
    void usedByManyThreadsUntilItEnds() throws Exception {
        connect();
        CountDownLatch go = new CountDownLatch(1);
        Thread[] users = new Thread[4];
        AtomicInteger taken = new AtomicInteger();
        for (int t = 0; t < users.length; t++) {
            users[t] = new Thread(() -> {
                try {
                    go.await();
                } catch (InterruptedException e) {
                    throw new AssertionError(e);
                }
                for (int i = 0; connection.sendText("message", 7); i++) {
                    taken.incrementAndGet();
                    if (i % 7 == 0) connection.sendPing(ByteString.EMPTY);
                    if (i % 11 == 0) connection.setReading(i % 2 == 0);
                    if (i == 2000) connection.close(CloseStatus.of(1000, ""));
                }
                connection.setReading(true);
            });
            users[t].start();
        }
        go.countDown();
        int received = 0;
        for (Frame frame = peer.take(); frame.opcode() != 8; frame = peer.take()) {
            if (frame.opcode() == 1) received++;
        }
        for (Thread user : users) user.join();
        peer.closeFrame(1000, "");
        peer.close();
        recorder.takeClosed(1000, "");
        assertEquals(taken.get(), received);
        assertEquals(taken.get(), recorder.written());
    }
}

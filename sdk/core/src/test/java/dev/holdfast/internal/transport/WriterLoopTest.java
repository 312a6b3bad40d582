package dev.holdfast.internal.transport;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.internal.message.CloseStatus;
import dev.holdfast.internal.transport.RawServer.Frame;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.FutureTask;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import okio.Buffer;
import okio.ByteString;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The writer over a socket that takes a batch only when the test lets it. */
@org.junit.jupiter.api.Timeout(30)
class WriterLoopTest {
    private static final long LIMIT_SECONDS = 10;
    private static final int FRAGMENT = 64 * 1024;
    /** So long that the writer keeps its thread. */
    private static final long IDLE_NANOS = TimeUnit.HOURS.toNanos(1);

    /** Keeps what is written; each flush waits for the test. */
    private static final class GatedSink extends OutputStream {
        final Semaphore flushesWaiting = new Semaphore(0);
        final Semaphore gate = new Semaphore(0);
        final Buffer written = new Buffer();
        final List<Integer> batches = new ArrayList<>();
        private int batch;
        volatile IOException broken;

        @Override
        public void write(int b) {
            throw new UnsupportedOperationException("byte by byte");
        }

        @Override
        public synchronized void write(byte[] bytes, int offset, int byteCount) {
            written.write(bytes, offset, byteCount);
            batch += byteCount;
        }

        @Override
        public void flush() throws IOException {
            flushesWaiting.release();
            gate.acquireUninterruptibly();
            IOException failure = broken;
            if (failure != null) throw failure;
            synchronized (this) {
                batches.add(batch);
                batch = 0;
            }
        }

        synchronized List<Frame> frames() throws IOException {
            List<Frame> frames = new ArrayList<>();
            DataInputStream in = new DataInputStream(written.clone().inputStream());
            for (Frame frame; (frame = Frame.read(in)) != null; ) frames.add(frame);
            return frames;
        }

        synchronized List<Integer> batches() {
            return new ArrayList<>(batches);
        }

        void awaitFlush() throws InterruptedException {
            assertTrue(flushesWaiting.tryAcquire(LIMIT_SECONDS, TimeUnit.SECONDS), "no flush");
        }
    }

    private final GatedSink sink = new GatedSink();
    private final ConnectionRecorder told = new ConnectionRecorder();
    private final AtomicInteger closesWritten = new AtomicInteger();
    private final AtomicInteger wanted = new AtomicInteger();
    private final OutgoingQueue outgoing =
            new OutgoingQueue(new Random(42), Long.MAX_VALUE, IDLE_NANOS, new WriterRole.Starter() {
                @Override
                public void onWriterWanted() {
                    wanted.incrementAndGet();
                }

                @Override
                public void startWriter() {
                    thread = new Thread(WriterLoopTest.this::write);
                    thread.setDaemon(true);
                    thread.start();
                }
            });
    private final WriterLoop writer =
            new WriterLoop(outgoing, new Random(42), FRAGMENT, sink, null, null, new WriterLoop.Listener() {
                @Override
                public void onWritten(int messages) {
                    told.onWritten(messages);
                }

                @Override
                public void onPingWritten() {
                    told.onPingWritten();
                }

                @Override
                public void onCloseWritten() {
                    closesWritten.incrementAndGet();
                }
            });

    private volatile Throwable thrown;
    private volatile Thread thread;

    private void write() {
        try {
            writer.run();
        } catch (Throwable t) {
            thrown = t;
        }
    }

    /** The writer starts as soon as there is something to write. */
    private void start() {
        outgoing.open();
    }

    private void startUngated() {
        sink.gate.release(1_000_000);
        start();
    }

    private void awaitEnd() throws InterruptedException {
        thread.join(TimeUnit.SECONDS.toMillis(LIMIT_SECONDS));
        assertFalse(thread.isAlive(), "the writer still runs");
    }

    @AfterEach
    void ends() throws Exception {
        if (thread == null) return;
        outgoing.stop();
        sink.gate.release(1_000_000);
        awaitEnd();
        assertEquals(1, wanted.get(), "threads");
    }

    private boolean send(String text) {
        return outgoing.sendText(text);
    }

    /** Sends a text as bytes of an array that holds more, and changes the array afterwards. */
    private boolean sendUtf8(ByteString text) {
        byte[] array = new byte[text.size() + 10];
        text.copyInto(0, array, 0, text.size());
        boolean sent = outgoing.sendText(array, text.size());
        Arrays.fill(array, (byte) '!');
        return sent;
    }

    private boolean send(ByteString bytes) {
        return outgoing.sendBinary(bytes);
    }

    private static Frame text(String text) {
        return new Frame(true, 1, ByteString.encodeUtf8(text));
    }

    private static Frame ping(String payload) {
        return new Frame(true, 9, ByteString.encodeUtf8(payload));
    }

    private static Frame pong(String payload) {
        return new Frame(true, 10, ByteString.encodeUtf8(payload));
    }

    private static Frame close(int code, String reason) {
        return new Frame(
                true, 8, new Buffer().writeShort(code).writeUtf8(reason).readByteString());
    }

    private static ByteString bytes(int size) {
        byte[] bytes = new byte[size];
        new Random(size).nextBytes(bytes);
        return ByteString.of(bytes);
    }

    // ---- batches ----

    @Test
    void whatIsReadyGoesOutInOrderWithOneFlush() throws Exception {
        List<Frame> expected = new ArrayList<>();
        for (int i = 0; i < 1000; i++) {
            assertTrue(send("message " + i));
            expected.add(text("message " + i));
        }
        startUngated();
        told.awaitWritten(1000);
        assertEquals(expected, sink.frames());
        assertEquals(1, sink.batches().size());
    }

    @Test
    void whatComesDuringAFlushGoesOutWithTheNext() throws Exception {
        start();
        send("first");
        sink.awaitFlush();
        for (int i = 0; i < 100; i++) send("later " + i);
        sink.gate.release(2);
        told.awaitWritten(101);
        assertEquals(2, sink.batches().size());
        assertEquals(101, sink.frames().size());
    }

    @Test
    void aBatchIsBounded() throws Exception {
        for (int i = 0; i < 100; i++) send(bytes(4096));
        startUngated();
        told.awaitWritten(100);
        // Sixteen frames of 4104 bytes pass 64 KiB.
        assertEquals(List.of(65664, 65664, 65664, 65664, 65664, 65664, 4 * 4104), sink.batches());
    }

    @Test
    void nothingIsToldWrittenBeforeTheFlush() throws Exception {
        start();
        send("x");
        outgoing.ping(ByteString.encodeUtf8("p"));
        sink.awaitFlush();
        assertEquals(0, told.written());
        sink.gate.release(10);
        told.awaitWritten(1);
        told.awaitPingsWritten(1);
    }

    @Test
    void messagesOfManyThreadsAllGoOut() throws Exception {
        int threads = 4;
        int each = 2000;
        startUngated();
        List<Thread> senders = new ArrayList<>();
        for (int t = 0; t < threads; t++) {
            String name = "sender " + t;
            Thread sender = new Thread(() -> {
                for (int i = 0; i < each; i++) send(name + ": " + i);
            });
            senders.add(sender);
            sender.start();
        }
        for (Thread sender : senders) sender.join();
        told.awaitWritten(threads * each);
        int[] next = new int[threads];
        for (Frame frame : sink.frames()) {
            int t = frame.utf8().charAt("sender ".length()) - '0';
            assertEquals("sender " + t + ": " + next[t]++, frame.utf8());
        }
    }

    /** Short ones are encoded by their sender, long ones by the writer, and which is which must not show. */
    @Test
    void messagesOfEveryLengthKeepTheirOrder() throws Exception {
        startUngated();
        Random random = new Random(7);
        List<ByteString> sent = new ArrayList<>();
        for (int i = 0; i < 500; i++) {
            int size = random.nextInt(10) == 0 ? random.nextInt(3 * FRAGMENT) : random.nextInt(2000);
            ByteString message = random.nextBoolean()
                    ? bytes(size)
                    : ByteString.encodeUtf8((random.nextBoolean() ? "a" : "é").repeat(size));
            sent.add(message);
            boolean asUtf8 = random.nextBoolean();
            if (!isText(message)) assertTrue(send(message));
            else assertTrue(asUtf8 ? sendUtf8(message) : send(message.utf8()));
        }
        told.awaitWritten(sent.size());
        List<ByteString> written = new ArrayList<>();
        Buffer message = new Buffer();
        for (Frame frame : sink.frames()) {
            message.write(frame.payload());
            if (frame.fin()) written.add(message.readByteString());
        }
        assertEquals(sent, written);
        assertEquals(0, outgoing.bufferedBytes());
    }

    private static boolean isText(ByteString bytes) {
        return ByteString.encodeUtf8(bytes.utf8()).equals(bytes);
    }

    /** What waits encoded has a bound; what comes behind it waits as it is. */
    @Test
    void moreShortMessagesThanAreKeptEncoded() throws Exception {
        start();
        send("first");
        sink.awaitFlush();
        int count = 3000;
        List<Frame> expected = new ArrayList<>(List.of(text("first")));
        for (int i = 0; i < count; i++) {
            String message = i + " " + "x".repeat(1000);
            assertTrue(send(message));
            expected.add(text(message));
        }
        sink.gate.release(1_000_000);
        told.awaitWritten(1 + count);
        assertEquals(expected, sink.frames());
        for (int batch : sink.batches()) assertTrue(batch <= 70_000, batch + " bytes before a control frame could go");
    }

    @Test
    void textAsUtf8GoesOutLikeOtherText() throws Exception {
        start();
        List<Frame> expected = new ArrayList<>();
        // Before the writer encodes, while senders may, and when their chunks are full.
        for (int i = 0; i < 200; i++) {
            if (i == 1) sink.awaitFlush();
            String message = i + " é" + "x".repeat(17_000);
            assertTrue(sendUtf8(ByteString.encodeUtf8(message)));
            expected.add(text(message));
        }
        sink.gate.release(1_000_000);
        told.awaitWritten(200);
        assertEquals(expected, sink.frames());
        assertEquals(0, outgoing.bufferedBytes());
        outgoing.stop();
        assertFalse(sendUtf8(ByteString.encodeUtf8("late")));
    }

    @Test
    void aLongMessageDoesNotKeepSendersFromEncodingForGood() throws Exception {
        startUngated();
        send(bytes(2 * FRAGMENT));
        told.awaitWritten(1);
        for (int i = 2; i < 10; i++) {
            send("short " + i);
            told.awaitWritten(i);
        }
        assertEquals(text("short 9"), sink.frames().get(9));
    }

    @Test
    void emptyMessages() throws Exception {
        send("");
        send(ByteString.EMPTY);
        startUngated();
        told.awaitWritten(2);
        assertEquals(List.of(text(""), new Frame(true, 2, ByteString.EMPTY)), sink.frames());
    }

    // ---- fragments ----

    @ParameterizedTest
    @CsvSource({"65535, 1", "65536, 1", "65537, 2", "131072, 2", "200000, 4", "1048576, 16"})
    void aLongMessageIsCut(int size, int pieces) throws Exception {
        ByteString payload = bytes(size);
        send("before");
        send(payload);
        send("after");
        startUngated();
        told.awaitWritten(3);

        List<Frame> frames = sink.frames();
        assertEquals(text("before"), frames.get(0));
        assertEquals(text("after"), frames.get(pieces + 1));
        assertEquals(pieces + 2, frames.size());
        Buffer joined = new Buffer();
        for (int i = 0; i < pieces; i++) {
            Frame frame = frames.get(i + 1);
            assertEquals(i == 0 ? 2 : 0, frame.opcode(), "opcode of piece " + i);
            assertEquals(i == pieces - 1, frame.fin(), "fin of piece " + i);
            assertTrue(frame.payload().size() <= FRAGMENT, frame + " is too long");
            joined.write(frame.payload());
        }
        assertEquals(payload, joined.readByteString());
    }

    @Test
    void aCutMayGoThroughACharacter() throws Exception {
        String text = "x" + "€".repeat(50_000);
        send(text);
        startUngated();
        told.awaitWritten(1);
        Buffer joined = new Buffer();
        for (Frame frame : sink.frames()) joined.write(frame.payload());
        assertEquals(1, sink.frames().get(0).opcode());
        assertEquals(text, joined.readUtf8());
    }

    @Test
    void controlFramesGoOutBetweenThePieces() throws Exception {
        start();
        send(bytes(4 * FRAGMENT));
        sink.awaitFlush();
        outgoing.pong(ByteString.encodeUtf8("answer"));
        outgoing.ping(ByteString.encodeUtf8("question"));
        sink.gate.release(1);
        sink.awaitFlush();
        sink.gate.release(10);
        told.awaitWritten(1);
        List<Frame> frames = sink.frames();
        assertEquals(6, frames.size());
        assertFalse(frames.get(0).fin());
        assertEquals(pong("answer"), frames.get(1));
        assertEquals(ping("question"), frames.get(2));
        assertFalse(frames.get(3).fin());
        assertTrue(frames.get(5).fin());
    }

    @Test
    void aPieceIsNoMessageYet() throws Exception {
        send("short");
        send(bytes(2 * FRAGMENT + 1));
        start();
        sink.awaitFlush();
        sink.gate.release(1);
        sink.awaitFlush();
        assertEquals(1, told.written());
        sink.gate.release(1);
        sink.awaitFlush();
        assertEquals(1, told.written());
        sink.gate.release(1);
        told.awaitWritten(2);
    }

    // ---- pings and pongs ----

    @Test
    void onlyAFewPongsWaitTheNewestAmongThem() throws Exception {
        start();
        send("blocks");
        sink.awaitFlush();
        for (int i = 0; i < 10_000; i++) outgoing.pong(ByteString.encodeUtf8("ping " + i));
        send("last");
        sink.gate.release(10);
        told.awaitWritten(2);
        List<Frame> frames = sink.frames();
        List<Frame> pongs = frames.subList(1, frames.size() - 1);
        assertTrue(pongs.size() <= 32, pongs.size() + " pongs");
        for (int i = 0; i < pongs.size(); i++) {
            assertEquals(pong("ping " + (10_000 - pongs.size() + i)), pongs.get(i));
        }
        assertEquals(text("last"), frames.get(frames.size() - 1));
    }

    @Test
    void aFewPingsAreAllAnsweredInOrder() throws Exception {
        start();
        send("blocks");
        sink.awaitFlush();
        for (int i = 0; i < 32; i++) outgoing.pong(ByteString.encodeUtf8("ping " + i));
        send("last");
        sink.gate.release(10);
        told.awaitWritten(2);
        List<Frame> expected = new ArrayList<>(List.of(text("blocks")));
        for (int i = 0; i < 32; i++) expected.add(pong("ping " + i));
        expected.add(text("last"));
        assertEquals(expected, sink.frames());
    }

    @Test
    void onlyTheNewestPingWaitsAndIsToldOnce() throws Exception {
        start();
        send("blocks");
        sink.awaitFlush();
        for (int i = 0; i < 100; i++) outgoing.ping(ByteString.encodeUtf8("ping " + i));
        send("last");
        sink.gate.release(10);
        told.awaitWritten(2);
        told.awaitPingsWritten(1);
        assertEquals(List.of(text("blocks"), ping("ping 99"), text("last")), sink.frames());
    }

    @Test
    void aPingOvertakesWhatIsQueued() throws Exception {
        for (int i = 0; i < 40; i++) send(bytes(4096));
        start();
        sink.awaitFlush();
        outgoing.ping(ByteString.encodeUtf8("now"));
        sink.gate.release(10);
        told.awaitWritten(40);
        assertEquals(ping("now"), sink.frames().get(16));
    }

    // ---- the close frame ----

    @Test
    void closeGoesOutBehindWhatIsQueuedAndEndsTheWriter() throws Exception {
        send("one");
        send(bytes(3 * FRAGMENT));
        send("two");
        assertTrue(outgoing.close(CloseStatus.of(1000, "bye")));
        assertFalse(send("three"));
        startUngated();
        awaitEnd();
        assertNull(thrown);
        List<Frame> frames = sink.frames();
        assertEquals(6, frames.size());
        assertEquals(text("two"), frames.get(4));
        assertEquals(close(1000, "bye"), frames.get(5));
        told.awaitWritten(3);
    }

    @Test
    void closeWhileAMessageIsCut() throws Exception {
        start();
        send(bytes(3 * FRAGMENT));
        sink.awaitFlush();
        send("queued");
        outgoing.close(CloseStatus.of(1000, ""));
        sink.gate.release(10);
        awaitEnd();
        List<Frame> frames = sink.frames();
        assertEquals(5, frames.size());
        assertTrue(frames.get(2).fin());
        assertEquals(text("queued"), frames.get(3));
        assertEquals(close(1000, ""), frames.get(4));
    }

    @Test
    void closeWhileABatchIsLeftOver() throws Exception {
        for (int i = 0; i < 20; i++) send(bytes(4096));
        start();
        sink.awaitFlush();
        send("queued");
        outgoing.close(CloseStatus.of(1000, ""));
        sink.gate.release(10);
        awaitEnd();
        List<Frame> frames = sink.frames();
        assertEquals(22, frames.size());
        assertEquals(text("queued"), frames.get(20));
        assertEquals(close(1000, ""), frames.get(21));
    }

    @Test
    void nothingGoesOutBehindTheCloseFrame() throws Exception {
        outgoing.close(CloseStatus.of(1000, ""));
        startUngated();
        awaitEnd();
        assertFalse(send("late"));
        outgoing.ping(ByteString.EMPTY);
        outgoing.pong(ByteString.EMPTY);
        assertFalse(outgoing.close(CloseStatus.of(1001, "")));
        outgoing.closeReceived(CloseStatus.of(1001, ""));
        assertEquals(List.of(close(1000, "")), sink.frames());
    }

    @Test
    void controlFramesThatWaitGoOutBeforeTheCloseFrame() throws Exception {
        outgoing.pong(ByteString.encodeUtf8("a"));
        outgoing.ping(ByteString.encodeUtf8("b"));
        outgoing.close(CloseStatus.of(1000, ""));
        startUngated();
        awaitEnd();
        assertEquals(List.of(pong("a"), ping("b"), close(1000, "")), sink.frames());
    }

    @Test
    void thePeersCloseIsEchoedBehindWhatIsQueued() throws Exception {
        send("queued");
        assertTrue(outgoing.closeReceived(CloseStatus.of(4001, "go")));
        assertTrue(send("not late yet"));
        outgoing.answerClose();
        startUngated();
        awaitEnd();
        assertFalse(send("late"));
        assertEquals(List.of(text("queued"), text("not late yet"), close(4001, "go")), sink.frames());
    }

    private static FutureTask<Void> start(Runnable wait) {
        FutureTask<Void> task = new FutureTask<>(wait, null);
        Thread waiter = new Thread(task);
        waiter.setDaemon(true);
        waiter.start();
        return task;
    }

    private static void awaitBlocked(FutureTask<Void> task) {
        assertThrows(TimeoutException.class, () -> task.get(50, TimeUnit.MILLISECONDS));
    }

    /** A peer that closes while the writer waits for the socket: what the socket then takes is reported first. */
    @Test
    void whoWaitsForReportsWaitsForTheWriteThatIsUnderWay() throws Exception {
        start();
        send("written");
        sink.awaitFlush();
        send(bytes(2 * FRAGMENT));
        assertTrue(outgoing.closeReceived(CloseStatus.of(1001, "")));
        FutureTask<Void> wait = start(outgoing.progress()::awaitReported);
        awaitBlocked(wait);
        assertEquals(0, told.written());
        sink.gate.release(1);
        wait.get(LIMIT_SECONDS, TimeUnit.SECONDS);
        assertEquals(1, told.written());
        outgoing.answerClose();
        sink.gate.release(10);
        awaitEnd();
        assertNull(thrown);
        List<Frame> frames = sink.frames();
        assertEquals(4, frames.size());
        assertEquals(text("written"), frames.get(0));
        assertEquals(close(1001, ""), frames.get(3));
    }

    @Test
    void nobodyWaitsForReportsOfAWriterThatIsIdle() throws Exception {
        startUngated();
        send("written");
        told.awaitWritten(1);
        start(outgoing.progress()::awaitReported).get(LIMIT_SECONDS, TimeUnit.SECONDS);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void whoWaitsForABlockedWriterCanBeReleased(boolean forTheCloseFrame) throws Exception {
        start();
        send("blocks");
        sink.awaitFlush();
        outgoing.close(CloseStatus.of(1000, ""));
        FutureTask<Void> wait =
                start(forTheCloseFrame ? outgoing.progress()::awaitStopped : outgoing.progress()::awaitReported);
        awaitBlocked(wait);
        outgoing.progress().cancelWait();
        wait.get(LIMIT_SECONDS, TimeUnit.SECONDS);
    }

    @Test
    void aPeerThatAnswersOurCloseDidNotBegin() throws Exception {
        outgoing.close(CloseStatus.of(1000, ""));
        assertFalse(outgoing.closeReceived(CloseStatus.of(1000, "")));
        startUngated();
        awaitEnd();
    }

    @Test
    void theCloseFrameIsReportedWhenItIsWritten() throws Exception {
        start();
        send("before");
        outgoing.close(CloseStatus.of(1000, ""));
        sink.awaitFlush();
        assertEquals(0, closesWritten.get());
        sink.gate.release(10);
        awaitEnd();
        assertEquals(1, closesWritten.get());
    }

    /** The close frame still tells the peer why, in the midst of a message if need be. */
    @Test
    void finishingSilentlyDropsAllButTheCloseFrame() throws Exception {
        start();
        send(bytes(4 * FRAGMENT));
        sink.awaitFlush();
        for (int i = 0; i < 100; i++) send("dropped " + i);
        outgoing.close(CloseStatus.of(1002, ""));
        outgoing.finishSilently();
        sink.gate.release(10);
        awaitEnd();
        assertNull(thrown);
        List<Frame> frames = sink.frames();
        assertEquals(2, frames.size());
        assertFalse(frames.get(0).fin());
        assertEquals(close(1002, ""), frames.get(1));
        assertEquals(0, told.written());
        assertEquals(1, closesWritten.get());
    }

    @Test
    void finishingSilentlyReportsNothingOfTheWriteThatIsUnderWay() throws Exception {
        start();
        send("short");
        outgoing.ping(ByteString.EMPTY);
        sink.awaitFlush();
        outgoing.close(CloseStatus.of(1002, ""));
        outgoing.finishSilently();
        sink.gate.release(10);
        awaitEnd();
        assertEquals(0, told.written());
        assertEquals(close(1002, ""), sink.frames().get(sink.frames().size() - 1));
    }

    // ---- the end ----

    @Test
    void stopEndsAWriterThatWaits() throws Exception {
        startUngated();
        send("written");
        told.awaitWritten(1);
        outgoing.stop();
        awaitEnd();
        assertNull(thrown);
        assertFalse(send("late"));
        assertEquals(List.of(text("written")), sink.frames());
    }

    @Test
    void stopDropsWhatIsQueuedAndTheCloseFrame() throws Exception {
        start();
        send(bytes(2 * FRAGMENT));
        sink.awaitFlush();
        send("queued");
        outgoing.close(CloseStatus.of(1000, ""));
        outgoing.stop();
        sink.gate.release(10);
        awaitEnd();
        assertEquals(1, sink.frames().size());
        assertEquals(0, told.written());
    }

    @Test
    void closeOfAStoppedWriterIsNone() {
        outgoing.stop();
        assertFalse(outgoing.close(CloseStatus.of(1000, "")), "it will not go out");
    }

    @Test
    void aBrokenSocketEndsIt() throws Exception {
        sink.broken = new IOException("Broken pipe");
        send("x");
        startUngated();
        awaitEnd();
        assertEquals("Broken pipe", assertInstanceOf(IOException.class, thrown).getMessage());
        assertEquals(0, told.written());
    }
}

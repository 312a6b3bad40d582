package dev.holdfast.internal.transport;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.internal.message.CloseStatus;
import dev.holdfast.internal.transport.RawServer.Frame;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import okio.Buffer;
import okio.ByteString;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** When the writer gets a thread, and when it gives it back. */
@Timeout(30)
class WriterRoleTest {
    private static final long LIMIT_SECONDS = 10;
    /** So long that only an interrupt ends it. */
    private static final long LONG_NANOS = TimeUnit.HOURS.toNanos(1);

    private final ConnectionRecorder told = new ConnectionRecorder();
    private final ByteArrayOutputStream socket = new ByteArrayOutputStream();
    private final List<Thread> started = new ArrayList<>();
    private OutgoingQueue queue;
    private WriterLoop writer;
    private int wanted;
    /** Runs where a sender draws masking keys, with the lock of the queue held. */
    private volatile Runnable onDraw = () -> {};

    private void create(long idleNanos) {
        Random keys = new Random(42) {
            @Override
            public void nextBytes(byte[] bytes) {
                onDraw.run();
                super.nextBytes(bytes);
            }
        };
        queue = new OutgoingQueue(keys, Long.MAX_VALUE, idleNanos, new WriterRole.Starter() {
            @Override
            public void onWriterWanted() {
                wanted++;
            }

            @Override
            public void startWriter() {
                assertUnlocked();
                Thread thread = new Thread(WriterRoleTest.this::write);
                thread.setDaemon(true);
                started.add(thread);
                thread.start();
            }
        });
        writer = new WriterLoop(queue, keys, 1024, socket, null, null, new WriterLoop.Listener() {
            @Override
            public void onWritten(int messages) {
                told.onWritten(messages);
            }

            @Override
            public void onPingWritten() {
                told.onPingWritten();
            }

            @Override
            public void onCloseWritten() {}
        });
    }

    private void open(long idleNanos) {
        create(idleNanos);
        queue.open();
    }

    private void write() {
        try {
            writer.run();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    /** The executor belongs to the application, and may do anything. */
    private void assertUnlocked() {
        FutureTask<Long> other = new FutureTask<>(queue::bufferedBytes);
        new Thread(other).start();
        try {
            other.get(LIMIT_SECONDS, TimeUnit.SECONDS);
        } catch (Exception e) {
            throw new AssertionError("the executor is called with the lock held", e);
        }
    }

    /** Waits until the writer has given its thread back, and so often in all. */
    private void awaitLeft(int times) throws InterruptedException {
        assertEquals(times, started.size(), "threads");
        assertEquals(times, wanted, "threads announced");
        for (Thread thread : started) {
            thread.join(TimeUnit.SECONDS.toMillis(LIMIT_SECONDS));
            assertFalse(thread.isAlive(), "the writer still has its thread");
        }
    }

    private void awaitState(Thread thread, Thread.State state) {
        while (thread.getState() != state) Thread.onSpinWait();
    }

    private List<String> frames() throws IOException {
        List<String> frames = new ArrayList<>();
        Buffer written = new Buffer().write(socket.toByteArray());
        DataInputStream in = new DataInputStream(written.inputStream());
        for (Frame frame; (frame = Frame.read(in)) != null; ) {
            frames.add(frame.opcode() == 8 ? "close" : frame.utf8());
        }
        return frames;
    }

    @AfterEach
    void ends() throws Exception {
        queue.stop();
        awaitLeft(started.size());
    }

    @Test
    void aConnectionWithNothingToWriteNeedsNoThread() throws Exception {
        open(LONG_NANOS);
        awaitLeft(0);
    }

    @Test
    void whatWasSentBeforeTheConnectionIsOpenStartsTheWriter() throws Exception {
        create(0);
        assertTrue(queue.sendText("early"));
        queue.ping(ByteString.encodeUtf8("ping"));
        awaitLeft(0);
        queue.open();
        told.awaitWritten(1);
        awaitLeft(1);
        assertEquals(List.of("ping", "early"), frames());
    }

    @Test
    void aWriterLeavesAfterItsIdleTimeAndComesBackForMore() throws Exception {
        open(TimeUnit.MILLISECONDS.toNanos(1));
        List<String> expected = new ArrayList<>();
        for (int i = 1; i <= 20; i++) {
            // One in three is so long that the writer encodes it, in fragments.
            String message = i % 3 == 0 ? "x".repeat(1024) : "message " + i;
            assertTrue(queue.sendText(message));
            expected.add(message);
            told.awaitWritten(i);
            awaitLeft(i);
            assertEquals(0, queue.bufferedBytes());
        }
        assertEquals(expected, frames());
    }

    @Test
    void aWriterWithoutAThreadSendsControlFrames() throws Exception {
        open(0);
        queue.ping(ByteString.encodeUtf8("ping"));
        told.awaitPingsWritten(1);
        awaitLeft(1);
        queue.pong(ByteString.encodeUtf8("pong"));
        awaitLeft(2);
        assertTrue(queue.close(CloseStatus.of(1000, "")));
        awaitLeft(3);
        assertEquals(List.of("ping", "pong", "close"), frames());
        assertFalse(queue.sendText("late"));
        queue.ping(ByteString.EMPTY);
        awaitLeft(3);
    }

    /** So a heartbeat keeps no thread, however many clients ping at the same time. */
    @Test
    void aWriterThatHasHadNoMessageLeavesAtOnce() throws Exception {
        open(LONG_NANOS);
        for (int i = 1; i <= 3; i++) {
            queue.ping(ByteString.encodeUtf8("ping " + i));
            told.awaitPingsWritten(i);
            awaitLeft(i);
        }
        assertTrue(queue.sendText("message"));
        told.awaitWritten(1);
        awaitState(started.get(3), Thread.State.TIMED_WAITING);
        queue.ping(ByteString.encodeUtf8("last"));
        told.awaitPingsWritten(4);
        awaitState(started.get(3), Thread.State.TIMED_WAITING);
        assertEquals(4, started.size(), "a message keeps the thread");
        assertEquals(List.of("ping 1", "ping 2", "ping 3", "message", "last"), frames());
    }

    @Test
    void aWriterWithoutAThreadAnswersAClose() throws Exception {
        open(0);
        assertTrue(queue.closeReceived(CloseStatus.of(1001, "")));
        queue.progress().awaitReported();
        awaitLeft(0);
        queue.answerClose();
        queue.progress().awaitStopped();
        awaitLeft(1);
        assertEquals(List.of("close"), frames());
    }

    /** The sender of a stream may pause in the middle of it. */
    @Test
    void aStreamOutlivesThreads() throws Exception {
        open(0);
        OutgoingStream stream = new OutgoingStream(true, 1024);
        assertTrue(queue.sendStream(stream));
        awaitLeft(1);
        queue.append(stream, new Buffer().writeUtf8("one"));
        awaitLeft(2);
        assertTrue(queue.sendText("behind"));
        awaitLeft(3);
        queue.append(stream, new Buffer().writeUtf8("two"));
        awaitLeft(4);
        queue.endStream(stream);
        told.awaitWritten(2);
        awaitLeft(5);
        assertEquals(List.of("one", "two", "", "behind"), frames());
    }

    @Test
    void aStoppedWriterWithoutAThreadGetsNone() throws Exception {
        open(0);
        queue.stop();
        assertFalse(queue.sendText("late"));
        queue.ping(ByteString.EMPTY);
        assertFalse(queue.close(CloseStatus.of(1000, "")));
        queue.answerClose();
        queue.finishSilently();
        queue.open();
        awaitLeft(0);
    }

    @Test
    void aQueueThatIsStoppedBeforeTheConnectionIsOpenStaysSo() throws Exception {
        create(0);
        assertTrue(queue.sendText("early"));
        queue.stop();
        queue.open();
        awaitLeft(0);
    }

    /** An interrupt is meant for whoever owns the thread. The connection lives on with another one. */
    @Test
    void anInterruptedWriterGivesItsThreadBackAtOnce() throws Exception {
        open(LONG_NANOS);
        assertTrue(queue.sendText("one"));
        told.awaitWritten(1);
        started.get(0).interrupt();
        awaitLeft(1);
        assertTrue(queue.sendText("two"));
        told.awaitWritten(2);
        assertEquals(List.of("one", "two"), frames());
        started.get(1).interrupt();
        awaitLeft(2);
    }

    /** The sender holds the lock, and sees a writer that waits; the writer's wait is over, and it sees no sender yet. */
    @Test
    void whatComesAtTheVeryEndOfTheWaitIsWritten() throws Exception {
        open(LONG_NANOS);
        assertTrue(queue.sendText("one"));
        told.awaitWritten(1);
        Thread waiting = started.get(0);
        awaitState(waiting, Thread.State.TIMED_WAITING);
        onDraw = () -> {
            onDraw = () -> {};
            waiting.interrupt();
            // It no longer waits for work, but for the lock.
            awaitState(waiting, Thread.State.WAITING);
        };
        assertTrue(queue.sendText("two"));
        told.awaitWritten(2);
        awaitLeft(1);
        assertEquals(List.of("one", "two"), frames());
    }
}

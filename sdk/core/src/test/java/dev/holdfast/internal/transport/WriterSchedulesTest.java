package dev.holdfast.internal.transport;

import dev.holdfast.internal.message.CloseStatus;
import dev.holdfast.schedules.Schedules;
import dev.holdfast.schedules.Schedules.Plant;
import dev.holdfast.schedules.Schedules.Shape;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Random;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import okio.ByteString;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Validate;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The writer and its senders, in many schedules: nobody waits for ever, and what was taken is written and reported. */
@Tag("slow")
@Tag("schedules")
class WriterSchedulesTest {
    /** A queue with a writer, and what the writer did. */
    public abstract static class Written implements WriterRole.Starter, WriterLoop.Listener {
        /** Small: Lincheck takes the loop over the bytes of a long message for one without an end. */
        private static final int FRAGMENT = 8;

        private static final Random KEYS = new Random(1);
        private static final ByteString LONG = ByteString.of(new byte[2 * FRAGMENT]);

        final OutgoingQueue queue;
        final WriterLoop writer;
        private final AtomicInteger taken = new AtomicInteger();
        // Confined to the writer.
        private int written;
        private int closes;
        private long bytes;
        private boolean writing;

        private final OutputStream socket = new OutputStream() {
            @Override
            public void write(int b) {
                throw new UnsupportedOperationException("byte by byte");
            }

            @Override
            public void write(byte[] array, int from, int count) {
                if (writing) throw new AssertionError("two writers");
                writing = true;
                bytes += count;
                writing = false;
            }
        };

        Written(long idleNanos) {
            Schedules.count();
            queue = new OutgoingQueue(KEYS, Long.MAX_VALUE, idleNanos, this);
            writer = new WriterLoop(queue, KEYS, FRAGMENT, socket, null, null, this);
            queue.open();
        }

        /** Returns the number of the writer's tasks that have not ended. */
        int tasks() {
            return 0;
        }

        @Override
        public void onWritten(int messages) {
            written += messages;
        }

        @Override
        public void onPingWritten() {}

        @Override
        public void onCloseWritten() {
            closes++;
        }

        @Operation
        public void send() {
            if (queue.sendText("short", 5)) taken.incrementAndGet();
        }

        /** Of a length that the writer encodes. */
        @Operation
        public void sendLong() {
            if (queue.sendBinary(LONG)) taken.incrementAndGet();
        }

        @Operation
        public void ping() {
            queue.ping(ByteString.EMPTY);
        }

        @Operation
        public void close() {
            queue.close(CloseStatus.of(1000, ""));
        }

        @Validate
        public void whatWasTakenIsWritten() {
            if (tasks() != 0) throw new AssertionError(tasks() + " tasks");
            if (closes != 1) throw new AssertionError(closes + " close frames");
            if (written != taken.get()) throw new AssertionError(taken + " taken, and " + written + " written");
            if (queue.bufferedBytes() != 0) throw new AssertionError(queue.bufferedBytes() + " bytes buffered");
            if (bytes == 0) throw new AssertionError("nothing is in the socket");
        }
    }

    /** Three threads: two senders, of which one closes, and the writer, which keeps its thread. */
    public static class Writers extends Written {
        private final Semaphore wanted = new Semaphore(0);

        public Writers() {
            super(Long.MAX_VALUE);
        }

        @Override
        public void onWriterWanted() {}

        @Override
        public void startWriter() {
            wanted.release();
        }

        @Operation
        public void write() throws IOException {
            wanted.acquireUninterruptibly();
            writer.run();
        }
    }

    /** Two senders. A writer that finds nothing to do leaves at once, and runs on the thread that takes its role. */
    public static class Roles extends Written {
        private final AtomicInteger tasks = new AtomicInteger();

        public Roles() {
            super(0);
        }

        @Override
        public void onWriterWanted() {
            tasks.incrementAndGet();
        }

        @Override
        public void startWriter() {
            try {
                writer.run();
            } catch (IOException e) {
                throw new AssertionError(e);
            } finally {
                tasks.decrementAndGet();
            }
        }

        @Override
        int tasks() {
            return tasks.get();
        }
    }

    private static final String[] THREADS = {"send,sendLong", "send,ping,close", "write"};
    private static final Shape WRITER = Shape.scenario(2000, THREADS);
    private static final String[] SENDERS = {"send,sendLong", "send,ping,close"};
    private static final Shape ROLE = Shape.scenario(2000, SENDERS);

    @Test
    void writer() {
        // They are long ones.
        Schedules.survives(Writers.class, Shape.scenario(200, THREADS));
    }

    @Test
    void role() {
        Schedules.survives(Roles.class, Shape.scenario(200, SENDERS));
    }

    @Test
    @Tag("planted")
    void writerThatLeavesWithoutASecondLook() {
        Schedules.finds(
                Roles.class, ROLE, new Plant(OutgoingQueue.class, "if (hasWork(batch)) return true;", "// No look."));
    }

    @Test
    @Tag("planted")
    void writerThatIsStartedTwice() {
        Schedules.finds(
                Roles.class,
                ROLE,
                new Plant(
                        WriterRole.class,
                        "if (startDue.get() && startDue.getAndSet(false)) starter.startWriter();",
                        "if (!startDue.get()) return; startDue.set(false); starter.startWriter();"));
    }

    @Test
    @Tag("planted")
    void roleThatIsGivenBackWithoutTheLock() {
        Schedules.finds(
                Roles.class,
                ROLE,
                new Plant(OutgoingQueue.class, "role.giveBack();\n", "lock.unlock(); lock.lock(); role.giveBack();\n"));
    }

    @Test
    @Tag("planted")
    void writerThatIsNotSignalled() {
        Schedules.finds(
                Writers.class,
                WRITER,
                new Plant(WriterRole.class, "work.signal();\n        } else", "waiting = false;\n        } else"));
    }

    @Test
    @Tag("planted")
    void closeThatSignalsNobody() {
        Schedules.finds(
                Writers.class,
                WRITER,
                new Plant(
                        OutgoingQueue.class,
                        "if (progress.isStopped() || !handshake.begin(status)) return false;\n            role.wake();",
                        "if (progress.isStopped() || !handshake.begin(status)) return false;"));
    }

    @Test
    @Tag("planted")
    void counterThatIsNotUnderItsLock() {
        Schedules.finds(
                Roles.class,
                ROLE,
                new Plant(
                        OutgoingQueue.class,
                        "bufferedBytes -= bytes;\n            if (chunk != null)",
                        "long before = bufferedBytes; lock.unlock(); lock.lock(); bufferedBytes = before - bytes;\n"
                                + "            if (chunk != null)"));
    }
}

package dev.holdfast.internal.transport;

import dev.holdfast.internal.message.CloseStatus;
import dev.holdfast.schedules.Schedules;
import dev.holdfast.schedules.Schedules.Plant;
import dev.holdfast.schedules.Schedules.Shape;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Random;
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
    /** Three threads: two senders, of which one closes, and the writer. */
    public static class Writers {
        /** Small: Lincheck takes the loop over the bytes of a long message for one without an end. */
        private static final int FRAGMENT = 8;

        private static final Random KEYS = new Random(1);
        private static final ByteString LONG = ByteString.of(new byte[2 * FRAGMENT]);

        private final OutgoingQueue queue = new OutgoingQueue(KEYS, Long.MAX_VALUE);
        private final AtomicInteger taken = new AtomicInteger();
        // Confined to the writer.
        private int written;
        private int closes;
        private long bytes;

        private final WriterLoop writer = new WriterLoop(queue, KEYS, FRAGMENT, new WriterLoop.Listener() {
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
        });

        private final OutputStream socket = new OutputStream() {
            @Override
            public void write(int b) {
                bytes++;
            }

            @Override
            public void write(byte[] array, int from, int count) {
                bytes += count;
            }
        };

        public Writers() {
            Schedules.count();
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

        @Operation
        public void write() throws IOException {
            writer.run(socket, null);
        }

        @Validate
        public void whatWasTakenIsWritten() {
            if (closes != 1) throw new AssertionError(closes + " close frames");
            if (written != taken.get()) throw new AssertionError(taken + " taken, and " + written + " written");
            if (queue.bufferedBytes() != 0) throw new AssertionError(queue.bufferedBytes() + " bytes buffered");
            if (bytes == 0) throw new AssertionError("nothing is in the socket");
        }
    }

    private static final String[] THREADS = {"send,sendLong", "send,ping,close", "write"};
    private static final Shape WRITER = Shape.scenario(2000, THREADS);

    @Test
    void writer() {
        // They are long ones.
        Schedules.survives(Writers.class, Shape.scenario(200, THREADS));
    }

    @Test
    @Tag("planted")
    void writerThatIsNotSignalled() {
        Schedules.finds(
                Writers.class, WRITER, new Plant(WorkSignal.class, "if (waiting) work.signal();", "waiting = false;"));
    }

    @Test
    @Tag("planted")
    void closeThatSignalsNobody() {
        Schedules.finds(
                Writers.class,
                WRITER,
                new Plant(
                        OutgoingQueue.class,
                        "if (progress.isStopped() || !handshake.begin(status)) return false;\n            work.wake();",
                        "if (progress.isStopped() || !handshake.begin(status)) return false;"));
    }

    @Test
    @Tag("planted")
    void counterThatIsNotUnderItsLock() {
        Schedules.finds(
                Writers.class,
                WRITER,
                new Plant(
                        OutgoingQueue.class,
                        "bufferedBytes -= bytes;\n            if (chunk != null)",
                        "long before = bufferedBytes; lock.unlock(); lock.lock(); bufferedBytes = before - bytes;\n"
                                + "            if (chunk != null)"));
    }
}

package dev.holdfast.internal.transport;

import dev.holdfast.benchmarks.wire.Payloads;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.security.SecureRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * A benchmark of handing messages from the sending thread to the writer's thread, which encodes them and discards the
 * frames.
 */
@State(Scope.Thread)
public class HandOverBenchmark {
    private static final int FRAGMENT_BYTES = 64 * 1024;
    private static final long MAX_BUFFERED_BYTES = 256 * 1024;
    private static final long PAUSE_NANOS = 10_000;

    @Param({"32", "256"})
    public int bytes;

    private String text = "";
    private @Nullable OutgoingQueue queue;
    private @Nullable WriterLoop writer;

    /** Starts the writer for JMH. */
    @Setup
    public void start() {
        text = Payloads.text(bytes);
        SecureRandom maskingKeys = new SecureRandom();
        OutgoingQueue started =
                new OutgoingQueue(maskingKeys, Long.MAX_VALUE, TimeUnit.SECONDS.toNanos(1), new WriterRole.Starter() {
                    @Override
                    public void onWriterWanted() {}

                    @Override
                    public void startWriter() {
                        Thread thread = new Thread(HandOverBenchmark.this::write, "writer");
                        thread.setDaemon(true);
                        thread.start();
                    }
                });
        OutputStream nowhere = OutputStream.nullOutputStream();
        WriterLoop.Listener nobody = new WriterLoop.Listener() {
            @Override
            public void onWritten(int messages) {}

            @Override
            public void onPingWritten() {}

            @Override
            public void onCloseWritten() {}
        };
        writer = new WriterLoop(started, maskingKeys, FRAGMENT_BYTES, nowhere, null, null, nobody);
        queue = started;
        started.open();
    }

    private void write() {
        WriterLoop started = writer;
        if (started == null) throw new IllegalStateException("not started");
        try {
            started.run();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Stops the writer for JMH. */
    @TearDown
    public void stop() {
        if (queue != null) queue.stop();
    }

    /** Sends one message; now and then pauses for the writer to catch up. */
    @Benchmark
    public boolean send() {
        OutgoingQueue to = queue;
        if (to == null) throw new IllegalStateException("not started");
        while (to.bufferedBytes() > MAX_BUFFERED_BYTES) LockSupport.parkNanos(PAUSE_NANOS);
        return to.sendText(text, bytes);
    }
}

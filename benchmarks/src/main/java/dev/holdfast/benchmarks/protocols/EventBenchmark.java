package dev.holdfast.benchmarks.protocols;

import dev.holdfast.benchmarks.run.ChildProcess;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * A benchmark of events of 256 B through Socket.IO and STOMP, beside a plain message of the same client, the official client of
 * Socket.IO and Spring's of STOMP. The server is another process, so the profiler {@code gc} counts the bytes of the client alone, and {@link CpuProfiler} its
 * processor time.
 */
@State(Scope.Thread)
public class EventBenchmark {
    /** The events of a batch. The next batch begins when the last one is through. */
    public static final int EVENTS = 4096;

    /** The text of an event. */
    static final String TEXT = "x".repeat(256);

    @Param
    public EventClient.Kind client = EventClient.Kind.PLAIN;

    private final Semaphore batches = new Semaphore(0);
    private final AtomicLong received = new AtomicLong();
    private @Nullable ChildProcess server;
    private @Nullable EventClient connected;

    /** Starts the server and connects to it. */
    @Setup
    public void connect() throws Exception {
        ChildProcess started = new ChildProcess(List.of(), List.of("-Xmx128m"), EventServer.class);
        server = started;
        connect(Integer.parseInt(started.readLine()));
    }

    /** Connects to a server that runs. */
    public void connect(int port) throws Exception {
        connected = client.connect(port, this::receive);
    }

    private void receive(String text) {
        // A batch that was sent is answered with an event without the text.
        if (text.length() < TEXT.length() || received.incrementAndGet() % EVENTS == 0) batches.release();
    }

    /** Ends the client and the server. */
    @TearDown
    public void end() {
        if (connected != null) connected.close();
        if (server != null) server.close();
    }

    private void await() throws InterruptedException {
        if (!batches.tryAcquire(EventClient.LIMIT_NANOS, TimeUnit.NANOSECONDS)) {
            throw new IllegalStateException("the server has not answered");
        }
    }

    /** Sends events. */
    @Benchmark
    @OperationsPerInvocation(EVENTS)
    public void send() throws InterruptedException {
        EventClient to = Objects.requireNonNull(connected);
        for (int i = 0; i < EVENTS; i++) to.send(TEXT);
        await();
    }

    /** Receives events. */
    @Benchmark
    @OperationsPerInvocation(EVENTS)
    public void receive() throws InterruptedException {
        Objects.requireNonNull(connected).request();
        await();
    }
}

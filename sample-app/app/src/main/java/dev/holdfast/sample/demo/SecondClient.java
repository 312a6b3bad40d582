package dev.holdfast.sample.demo;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A client with a durable session in a process of its own, which sends numbered messages to a server of its own and can be killed.
 * {@link #counts} is safe from any thread; the other methods block, and are called by one thread.
 */
public final class SecondClient implements AutoCloseable {
    /** The messages that the client keeps sending, far more than anybody waits for. */
    private static final int MESSAGES = 1_000_000;

    private static final Duration PAUSE = Duration.ofMillis(50);

    /** The client has no connection, and is killed when so many messages wait on its disk. */
    private static final int WAITING = 12;

    /** For so long there is no process. */
    private static final Duration ABSENCE = Duration.ofMillis(1_500);

    private static final Duration PATIENCE = Duration.ofSeconds(45);

    /**
     * The fate of the messages.
     *
     * @param running whether there is a process
     * @param killed how often the process was killed
     * @param onDisk messages that are stored and have not arrived
     * @param cameBack messages that the processes have found in the store, together
     * @param arrived messages that have arrived at the server, each counted once
     * @param lost messages that are missing between those that have arrived
     * @param duplicated messages that have arrived again
     */
    public record Counts(
            boolean running, int killed, int onDisk, int cameBack, int arrived, int lost, int duplicated) {}

    private static final class Parts {
        final Peer peer = new Peer();
        final KilledProcesses processes;
        final String token;

        Parts() throws IOException {
            token = peer.token(Duration.ofHours(24));
            processes = new KilledProcesses();
        }
    }

    private volatile @Nullable Parts parts;
    private volatile @Nullable Process process;
    private final AtomicInteger killed = new AtomicInteger();
    private volatile boolean closed;

    /** Returns whether a process can be started here. */
    public static boolean isPossible() {
        return KilledProcesses.isPossible();
    }

    /** Returns what has become of the messages so far. */
    public Counts counts() {
        Parts known = parts;
        if (known == null) return new Counts(false, 0, 0, 0, 0, 0, 0);
        StreamCheck arrived = known.peer.arrived();
        // In this order: what arrives in between is not taken for lost, nor for stored and gone.
        int distinct = arrived.distinct();
        int highest = arrived.highest();
        int lost = highest > distinct ? Math.max(0, highest - arrived.distinct()) : 0;
        KilledReports reports = known.processes.reports();
        return new Counts(
                process != null, killed.get(), onDisk(known), reports.restored(), distinct, lost, arrived.duplicated());
    }

    private static int onDisk(Parts of) {
        return Math.max(
                0, of.processes.reports().highestStored() - of.peer.arrived().highest());
    }

    /** Starts the process if there is none, and waits until it has a connection. */
    public void start() {
        try {
            Parts known = parts;
            if (known == null) parts = known = new Parts();
            if (process == null) launch(known);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void launch(Parts from) throws IOException {
        process = from.processes.start(
                from.peer, from.token, from.peer.arrived().highest(), MESSAGES, 0, PAUSE.toNanos());
        await("a connection", () -> from.processes.reports().isOpen());
    }

    /**
     * Starts the process if there is none, cuts it off, kills it while messages wait on its disk, and starts it again. Returns
     * when the messages that waited have arrived.
     *
     * @param whenDead runs when there is no process
     */
    public void kill(Runnable whenDead) {
        start();
        Parts known = parts;
        Process running = process;
        if (known == null || running == null) return;
        try {
            known.peer.proxy().refuse(true);
            known.peer.proxy().cut();
            await("messages on its disk", () -> onDisk(known) >= WAITING);
            known.processes.kill(running);
            process = null;
            killed.incrementAndGet();
            whenDead.run();
            int stored = known.processes.reports().highestStored();
            TimeUnit.NANOSECONDS.sleep(ABSENCE.toNanos());
            known.peer.proxy().refuse(false);
            if (closed) return;
            launch(known);
            await("what waited on the disk", () -> known.peer.arrived().highest() >= stored);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void await(String what, BooleanSupplier condition) {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (!condition.getAsBoolean() && !closed) {
            if (System.nanoTime() > deadline) throw new IllegalStateException("the second client: no " + what);
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(10));
        }
    }

    /** Returns what the processes reported that should not happen, null for nothing. */
    public @Nullable String problem() {
        Parts known = parts;
        return known == null ? null : known.processes.reports().problem();
    }

    /** Has the other methods return soon. Safe from any thread. */
    public void hurry() {
        closed = true;
    }

    @Override
    public void close() {
        closed = true;
        Parts known = parts;
        Process running = process;
        if (known == null) return;
        try {
            if (running != null) known.processes.kill(running);
            known.processes.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            known.peer.close();
        }
    }
}

package dev.holdfast.internal.transport;

import dev.holdfast.ConnectionFailure.Phase;
import dev.holdfast.internal.message.CloseStatus;
import dev.holdfast.internal.time.Scheduler;
import dev.holdfast.internal.time.Scheduler.Scheduled;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Ends a connection: keeps the reason and the time limits of the end, reports it, and closes the socket.
 *
 * <p>The end is reported once, by whichever of reader and writer is the last to have anything to report, so that nothing is
 * reported after it. The reader may then wait in the background for the server to end the TCP stream. Whichever of the two
 * ends last closes the socket and cancels the time limits. A writer counts from when there is work for it until its thread
 * leaves it: an idle connection ends with its reader alone.
 *
 * <p>Safe from any thread, but for the methods of the reader. The upgrade's task counts as the reader: the reader's takes its place,
 * and they never run at the same time.
 */
final class ConnectionEnd {
    /** The time that the server may take to end the stream when both close frames have passed. */
    private static final long DRAIN_TIMEOUT_NANOS = TimeUnit.SECONDS.toNanos(5);

    private final ConnectionListener listener;
    private final Scheduler scheduler;
    private final ConnectionSettings settings;
    private final OutgoingQueue outgoing;
    private final Upgrade upgrade;
    private final ReadGate gate;

    /** The first reason why the connection ends. The peer's close frame goes before it. */
    private final AtomicReference<@Nullable TransportException> cause = new AtomicReference<>();

    /**
     * The failure that the reader met. Any other reason goes before it: what went wrong elsewhere may have broken the stream.
     * Written by the reader.
     */
    private volatile @Nullable TransportException readFailure;

    /** The peer's close frame. Written by the reader. */
    private volatile @Nullable CloseStatus closedByPeer;

    private final AtomicBoolean reported = new AtomicBoolean();

    /** The number of tasks, the reader's and the writer's, that may have something to report. */
    private final AtomicInteger reporting = new AtomicInteger(1);

    /** The number of tasks, the reader's and the writer's, that have not ended. */
    private final AtomicInteger running = new AtomicInteger(1);

    /** Set by the reader before the writer starts; read by the task that ends last. */
    private @Nullable UpgradedSocket socket;

    /** Null before the connection is open, and after the end: it may hold what was never sent. */
    private volatile @Nullable WriterLoop writer;

    /** Whether the reader has nothing more to report. Confined to the reader. */
    private boolean readerReported;

    /** The time limits of the end that have not been cancelled. Nobody changes a list: it is replaced. */
    private final AtomicReference<List<Scheduled>> limits = new AtomicReference<>(Collections.emptyList());

    private volatile boolean aborted;
    private volatile boolean closeWritten;

    ConnectionEnd(
            ConnectionListener listener,
            Scheduler scheduler,
            ConnectionSettings settings,
            OutgoingQueue outgoing,
            Upgrade upgrade,
            ReadGate gate) {
        this.listener = listener;
        this.scheduler = scheduler;
        this.settings = settings;
        this.outgoing = outgoing;
        this.upgrade = upgrade;
        this.gate = gate;
    }

    // ---- the reason ----

    /** Sets the reason unless there is one. */
    void because(TransportException reason) {
        cause.compareAndSet(null, reason);
    }

    /** Sets the reader's failure, which counts only if there is no other reason. */
    void readFailed(TransportException failure) {
        readFailure = failure;
    }

    /** Sets the peer's close frame, which goes before any other reason. */
    void closedByPeer(CloseStatus status) {
        closedByPeer = status;
    }

    /** Returns whether there is a reason already. The reader's failure does not count. */
    boolean hasReason() {
        return closedByPeer != null || cause.get() != null;
    }

    // ---- the end at once ----

    /** Aborts the connection for this reason, unless there is one already. */
    void abort(TransportException reason) {
        because(reason);
        abort();
    }

    /**
     * Aborts the connection; reader and writer then notice it. Throws nothing: it runs on threads that must go on, such as
     * Okio's watchdog. An exception of the application's OkHttp event listener is added to the reason that is reported.
     */
    void abort() {
        aborted = true;
        outgoing.stop();
        try {
            upgrade.cancel();
        } catch (Throwable e) {
            TransportException first = cause.get();
            if (first != null) first.addSuppressed(e);
        }
        gate.end();
    }

    boolean isAborted() {
        return aborted;
    }

    // ---- the tasks ----

    /** The upgrade is done. */
    void opened(UpgradedSocket opened) {
        socket = opened;
    }

    /** The writer may start from now on. */
    void writerOpened(WriterLoop opened) {
        writer = opened;
    }

    /** Returns the writer, null if it can write nothing any more. */
    @Nullable
    WriterLoop writer() {
        return writer;
    }

    /** A task of the writer's is about to be started. Called before the reader can find its work done. */
    void writerStarts() {
        running.incrementAndGet();
        reporting.incrementAndGet();
    }

    /** Ends the connection: a task of the writer's could not be started. Reports nothing on this thread, which may be any. */
    void writerRefused(TransportException reason) {
        if (!aborted) because(reason);
        // Before aborting: the reader, which that ends, then reports and closes the streams.
        boolean othersReport = leave(reporting);
        boolean othersEnd = othersReport && leave(running);
        abort();
        if (othersEnd) return;
        Runnable rest = othersReport ? this::taskEnded : this::writerEnded;
        try {
            scheduler.schedule(rest, 0);
        } catch (Throwable t) {
            rest.run();
        }
    }

    /** Counts a task out, unless it is the last. */
    private static boolean leave(AtomicInteger tasks) {
        for (int count = tasks.get(); count > 1; count = tasks.get()) {
            if (tasks.compareAndSet(count, count - 1)) return true;
        }
        return false;
    }

    /** A task of the writer's has ended. */
    void writerEnded() {
        try {
            reportedAll();
        } finally {
            taskEnded();
        }
    }

    /** The reader has nothing more to report, but goes on. Has no effect the second time. */
    void readerReported() {
        if (readerReported) return;
        readerReported = true;
        reportedAll();
    }

    void readerEnded() {
        try {
            readerReported();
        } finally {
            taskEnded();
        }
    }

    /**
     * The last task to have anything to report reports the end. It does so before the streams are closed, because closing
     * may block in TLS and calls the application's event listener, which may throw.
     */
    private void reportedAll() {
        if (reporting.decrementAndGet() == 0) report();
    }

    /**
     * The last task to end closes the streams, which nobody uses any more. If they were closed earlier, the sink would end
     * the TCP stream behind our close frame, which proxies take for a client that has gone.
     */
    private void taskEnded() {
        if (running.decrementAndGet() > 0) return;
        UpgradedSocket used = socket;
        WriterLoop idle = writer;
        writer = null;
        try {
            if (idle != null) Streams.close(idle);
            if (used != null) used.close();
        } finally {
            cancelLimits();
        }
    }

    /** Reports the end, once. */
    void report() {
        if (reported.getAndSet(true)) return;
        CloseStatus closed = closedByPeer;
        if (closed != null) {
            listener.onClosed(closed);
            return;
        }
        TransportException first = cause.get();
        if (first == null) first = readFailure;
        if (first == null) first = TransportException.of(Phase.SESSION, "connection ended", null);
        listener.onFailed(first);
    }

    // ---- time limits; the earliest of several counts ----

    /** Limits the time for what is queued to go out, and our close frame behind it. */
    void limitFlush() {
        if (settings.flushTimeoutNanos != ConnectionSettings.NO_LIMIT) limit(settings.flushTimeoutNanos);
    }

    /**
     * Our close frame has been given to the socket. The time limit of the closing handshake begins here: what was queued
     * before it had its own time.
     */
    void closeWritten() {
        closeWritten = true;
        limit(closedByPeer == null ? settings.closeTimeoutNanos : DRAIN_TIMEOUT_NANOS);
    }

    boolean isCloseWritten() {
        return closeWritten;
    }

    /** Both close frames have passed. Limits the time for the server to end the TCP stream. */
    void limitDrain() {
        limit(DRAIN_TIMEOUT_NANOS);
    }

    /** The connection has failed. Limits the time for our close frame to go out, and for the server's to come in. */
    void limitFailure() {
        limit(Math.min(DRAIN_TIMEOUT_NANOS, settings.closeTimeoutNanos));
    }

    private void limit(long nanos) {
        try {
            Scheduled limit = scheduler.schedule(this::limitReached, nanos);
            limits.updateAndGet(old -> {
                List<Scheduled> more = new ArrayList<>(old.size() + 1);
                more.addAll(old);
                more.add(limit);
                return more;
            });
        } catch (Throwable e) {
            abort(TransportException.of(Phase.SESSION, "the scheduler rejected the closing handshake's time limit", e));
        }
        // If both tasks have ended meanwhile, nobody else would cancel it.
        if (running.get() == 0) cancelLimits();
    }

    private void limitReached() {
        abort(TransportException.of(Phase.SESSION, "server did not finish the closing handshake", null));
    }

    private void cancelLimits() {
        for (Scheduled limit : limits.getAndSet(Collections.emptyList())) limit.cancel();
    }
}

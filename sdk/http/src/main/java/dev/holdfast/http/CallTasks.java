package dev.holdfast.http;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.holdfast.ConnectionFailure.Phase;
import dev.holdfast.internal.message.CloseStatus;
import dev.holdfast.internal.transport.ConnectionListener;
import dev.holdfast.internal.transport.OkHttpTransport;
import dev.holdfast.internal.transport.TransportException;
import java.util.concurrent.Executor;
import java.util.concurrent.locks.ReentrantLock;
import okhttp3.Call;
import okhttp3.Response;
import org.jspecify.annotations.Nullable;

/**
 * The tasks of one connection, each on an I/O thread, and its end, which any thread brings about by cancelling the calls.
 *
 * <p>The end is reported when no task is left that could report anything, so that nothing is reported after it. A task that waits
 * for a call reports nothing, and does not delay the end: a DNS lookup or an interceptor can't be cancelled.
 */
final class CallTasks {
    private final Executor executor;
    private final ConnectionListener listener;
    private final Runnable onEnd;

    private volatile boolean opened;

    private final ReentrantLock lock = new ReentrantLock();

    /** The number of tasks that may report something. */
    @GuardedBy("lock")
    private int tasks;

    /** The calls that are under way: at most one down and one up. */
    @GuardedBy("lock")
    private @Nullable Call down;

    @GuardedBy("lock")
    private @Nullable Call up;

    /** Why the connection ends; both null until it does. */
    @GuardedBy("lock")
    private @Nullable TransportException failure;

    @GuardedBy("lock")
    private @Nullable CloseStatus closed;

    @GuardedBy("lock")
    private boolean reported;

    /** @param onEnd called once, when the connection ends, on any thread */
    CallTasks(OkHttpTransport webSockets, ConnectionListener listener, Runnable onEnd) {
        this.executor = webSockets.executor();
        this.listener = listener;
        this.onEnd = onEnd;
    }

    /** The connection is open: what fails from now on, fails in {@link Phase#SESSION}. */
    void opened() {
        opened = true;
    }

    /**
     * Executes a call, outside of any other call of its direction. The caller closes the response.
     *
     * @param phase the phase of the connection
     * @throws TransportException also if the connection has ended meanwhile
     */
    Response execute(Call call, Phase phase, boolean isUp) throws TransportException {
        lock.lock();
        try {
            if (failure != null || closed != null) throw over(phase);
            if (isUp) {
                up = call;
            } else {
                down = call;
            }
        } finally {
            lock.unlock();
        }
        Response response;
        mayNotReport();
        try {
            response = HttpCalls.execute(call, phase);
        } finally {
            mayReport();
        }
        if (!isOver()) return response;
        response.close();
        throw over(phase);
    }

    private static TransportException over(Phase phase) {
        return TransportException.of(phase, "the connection has ended", null);
    }

    /** Reports something from inside a call, unless the connection has ended. */
    void report(Runnable report) {
        lock.lock();
        try {
            if (failure != null || closed != null) return;
            tasks++;
        } finally {
            lock.unlock();
        }
        try {
            report.run();
        } finally {
            mayNotReport();
        }
    }

    void cancel() {
        fail(TransportException.of(opened ? Phase.SESSION : Phase.UPGRADE, "cancelled", null));
    }

    private void mayReport() {
        lock.lock();
        try {
            tasks++;
        } finally {
            lock.unlock();
        }
    }

    boolean isOver() {
        lock.lock();
        try {
            return failure != null || closed != null;
        } finally {
            lock.unlock();
        }
    }

    /** A part of the connection's work, which may block. */
    interface Task {
        void run() throws TransportException;
    }

    /** Runs a task on an I/O thread, unless the connection is over. */
    void run(Task task) {
        lock.lock();
        try {
            if (failure != null || closed != null) return;
            tasks++;
        } finally {
            lock.unlock();
        }
        try {
            executor.execute(() -> {
                try {
                    task.run();
                } catch (TransportException e) {
                    fail(e);
                } catch (Throwable e) {
                    fail(TransportException.thrown(opened ? Phase.SESSION : Phase.UPGRADE, e));
                } finally {
                    mayNotReport();
                }
            });
        } catch (Throwable e) {
            fail(TransportException.noTasks(executor, opened ? Phase.SESSION : Phase.UPGRADE, e));
            mayNotReport();
        }
    }

    /** A task has ended, or begins to wait. The last one reports the end of the connection. */
    private void mayNotReport() {
        TransportException failed;
        CloseStatus status;
        lock.lock();
        try {
            tasks--;
            if (tasks > 0 || reported || (failure == null && closed == null)) return;
            reported = true;
            failed = failure;
            status = closed;
        } finally {
            lock.unlock();
        }
        if (status != null) {
            listener.onClosed(status);
        } else if (failed != null) {
            listener.onFailed(failed);
        }
    }

    /** Ends the connection without a close. */
    void fail(TransportException why) {
        end(why, null);
    }

    /** Ends the connection after the server's close. */
    void closed(CloseStatus status) {
        end(null, status);
    }

    private void end(@Nullable TransportException why, @Nullable CloseStatus status) {
        Call first;
        Call second;
        boolean idle;
        lock.lock();
        try {
            if (failure != null || closed != null) return;
            failure = why;
            closed = status;
            first = down;
            second = up;
            idle = tasks == 0;
            if (idle) tasks++;
        } finally {
            lock.unlock();
        }
        onEnd.run();
        if (first != null) first.cancel();
        if (second != null) second.cancel();
        if (!idle) return;
        // The caller may be the session itself, which must not be called back here.
        try {
            executor.execute(this::mayNotReport);
        } catch (Throwable e) {
            mayNotReport();
        }
    }
}

package dev.holdfast.simulation;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Threads of which only one runs at a time, and only when an event of the world hands it the turn. So code that blocks runs in the
 * world's time, and a seed says all. The threads serve one schedule after another.
 */
final class Turns {
    /** Ends a task that still waits when its world ends. */
    private static final class Stopped extends Error {
        private static final long serialVersionUID = 1;

        Stopped() {
            super("the world has ended", null, false, false);
        }
    }

    private final class Worker extends Thread {
        final Semaphore go = new Semaphore(0);

        @Nullable
        Runnable task;

        @Nullable
        Object local;

        Worker() {
            super("turn");
            setDaemon(true);
        }

        @Override
        public void run() {
            while (true) {
                go.acquireUninterruptibly();
                Runnable next = task;
                if (next == null) return;
                try {
                    next.run();
                } catch (Stopped e) {
                    // The world has ended.
                } catch (RuntimeException | Error e) {
                    uncaught.accept(e);
                }
                local = null;
                idle.push(this);
                driver.release();
            }
        }
    }

    private final ArrayDeque<Worker> idle = new ArrayDeque<>();
    private final List<Worker> all = new ArrayList<>();
    private final Semaphore driver = new Semaphore(0);
    private @Nullable Worker current;
    private boolean stopping;
    private Consumer<Throwable> uncaught = e -> {};
    private ClientProcess process;

    /** Begins another world. */
    void begin(ClientProcess its, Consumer<Throwable> onUncaught) {
        process = its;
        uncaught = onUncaught;
        stopping = false;
    }

    /** Runs a task until it waits or ends. To be called by an event of the world. */
    void run(Runnable task) {
        Worker worker = idle.poll();
        if (worker == null) {
            worker = new Worker();
            all.add(worker);
            worker.start();
        }
        worker.task = task;
        worker.setUncaughtExceptionHandler((thread, e) -> uncaught.accept(e));
        turn(worker);
    }

    private void turn(Worker worker) {
        if (current != null) throw new AssertionError("two turns at once");
        current = worker;
        worker.go.release();
        driver.acquireUninterruptibly();
        current = null;
    }

    /** Whether the caller is one of these threads. */
    boolean isTurn() {
        return Thread.currentThread() instanceof Worker;
    }

    /** Returns what the task that runs has kept. */
    @Nullable
    Object local() {
        return ((Worker) Thread.currentThread()).local;
    }

    void setLocal(Object value) {
        ((Worker) Thread.currentThread()).local = value;
    }

    /** How many tasks wait. */
    int waiting() {
        return all.size() - idle.size();
    }

    /** Ends the tasks that still wait. */
    void stop() {
        stopping = true;
        for (Worker worker : all) {
            while (!idle.contains(worker)) turn(worker);
        }
    }

    /** Ends the threads. */
    void end() {
        for (Worker worker : all) {
            worker.task = null;
            worker.go.release();
        }
    }

    /** What one task may wait for. */
    final class Signal {
        private boolean set;
        private @Nullable Worker waiting;

        /** Lets the task that waits go on soon, or the next one that would wait. */
        void set() {
            set = true;
            Worker worker = waiting;
            waiting = null;
            if (worker != null) process.schedule(() -> turn(worker), 0);
        }

        void await() {
            while (!set) {
                if (stopping) throw new Stopped();
                Worker self = (Worker) Thread.currentThread();
                waiting = self;
                driver.release();
                self.go.acquireUninterruptibly();
                if (stopping) throw new Stopped();
            }
            set = false;
        }
    }
}

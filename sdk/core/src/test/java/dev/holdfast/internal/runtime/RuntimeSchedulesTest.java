package dev.holdfast.internal.runtime;

import dev.holdfast.internal.session.Inbound;
import dev.holdfast.internal.session.Payload;
import dev.holdfast.internal.session.SessionMachine;
import dev.holdfast.internal.time.Scheduler;
import dev.holdfast.schedules.Schedules;
import dev.holdfast.schedules.Schedules.Plant;
import dev.holdfast.schedules.Schedules.Shape;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Validate;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The parts of the driver that several threads share, in many schedules. */
@Tag("slow")
@Tag("schedules")
class RuntimeSchedulesTest {
    /** Each task runs once, and one at a time. */
    public static class SerialContexts {
        private final ConcurrentLinkedQueue<Runnable> executor = new ConcurrentLinkedQueue<>();
        private volatile Throwable thrown;
        private final SerialContext serial = new SerialContext(executor::add, t -> thrown = t);
        private final AtomicInteger given = new AtomicInteger();
        // Confined to the tasks.
        private int inside;
        private int ran;

        public SerialContexts() {
            Schedules.count();
        }

        private void task() {
            serial.checkConfined();
            if (inside++ != 0) throw new AssertionError("two tasks at once");
            ran++;
            inside--;
        }

        @Operation
        public void post() {
            given.incrementAndGet();
            serial.post(this::task);
        }

        @Operation
        public void execute() {
            given.incrementAndGet();
            serial.execute(this::task);
        }

        @Operation
        public void runExecutor() {
            Runnable next = executor.poll();
            if (next != null) next.run();
        }

        @Validate
        public void eachTaskRanOnce() {
            for (Runnable next; (next = executor.poll()) != null; ) next.run();
            if (thrown != null) throw new AssertionError(thrown);
            if (ran != given.get()) throw new AssertionError(given + " tasks, and " + ran + " ran");
        }
    }

    private static final Shape SERIAL = Shape.random(3, 2, 6, 100);

    @Test
    void serialContext() {
        Schedules.survives(SerialContexts.class, SERIAL);
    }

    @Test
    @Tag("planted")
    void serialContextThatMayRunTwice() {
        Schedules.finds(
                SerialContexts.class,
                SERIAL,
                new Plant(
                        SerialContext.class,
                        "if (unfinished.compareAndSet(0, 1)) {",
                        "if (unfinished.get() == 0) { unfinished.set(1);"));
    }

    @Test
    @Tag("planted")
    void serialContextWithoutASignal() {
        Schedules.finds(
                SerialContexts.class,
                SERIAL,
                new Plant(
                        SerialContext.class,
                        "if (run(task) && unfinished.decrementAndGet() > 0) drain();\n        } else {",
                        "if (run(task)) unfinished.decrementAndGet();\n        } else {"));
    }

    @Test
    @Tag("planted")
    void aChangeThatPlantsNothingSurvives() {
        Plant nothing = new Plant(SerialContext.class, "run(tasks.remove())", "run(tasks.poll())");
        Schedules.survives(SerialContexts.class, SERIAL, nothing);
    }

    /** No message that the application has handled waits for a look that nobody causes. */
    public static class HandledSignals {
        private static final long HALF_OF_ENOUGH = 128 * 1024;

        private final HandledSignal signal = new HandledSignal(() -> 0);
        private final AtomicInteger handled = new AtomicInteger();
        private final AtomicInteger looks = new AtomicInteger();
        // Confined to the serial context.
        private int acknowledged;
        private boolean timed;

        public HandledSignals() {
            Schedules.count();
        }

        @Operation
        public void handle() {
            handled.incrementAndGet();
            if (signal.add(HALF_OF_ENOUGH, false)) looks.incrementAndGet();
        }

        @Operation
        public void handleOneOfMany() {
            handled.incrementAndGet();
            if (signal.add(1, true)) looks.incrementAndGet();
            if (signal.isLookDue()) looks.incrementAndGet();
        }

        /** The machine sets its timer at the first look, and acknowledges at the next one. */
        @Operation(nonParallelGroup = "serial context")
        public void look() {
            if (looks.get() == 0) return;
            looks.decrementAndGet();
            signal.reset();
            int seen = handled.get();
            if (timed) acknowledged = seen;
            timed = !timed && acknowledged < seen;
            update();
        }

        @Operation(nonParallelGroup = "serial context")
        public void timerFires() {
            if (!timed) return;
            acknowledged = handled.get();
            timed = false;
            update();
        }

        private void update() {
            if (signal.update(timed)) looks.incrementAndGet();
        }

        @Validate
        public void nobodyWaitsInVain() {
            for (int i = 0; i < 100 && looks.get() > 0; i++) look();
            if (acknowledged < handled.get() && !timed) {
                throw new AssertionError(handled + " handled, " + acknowledged + " acknowledged, and no timer");
            }
        }
    }

    private static final Shape SIGNAL = Shape.random(3, 3, 6, 100).and("handle,handle", "look,timerFires");

    @Test
    void handledSignal() {
        Schedules.survives(HandledSignals.class, SIGNAL);
    }

    @Test
    @Tag("planted")
    void handledSignalThatForgetsWhatCameMeanwhile() {
        Schedules.finds(
                HandledSignals.class,
                SIGNAL,
                new Plant(HandledSignal.class, "return !nowTimed && weight.get() > 0;", "return false;"));
    }

    /** Each callback runs once, and one at a time. */
    public static class ListenerDispatchers {
        private final ConcurrentLinkedQueue<Runnable> executor = new ConcurrentLinkedQueue<>();
        private final ConcurrentLinkedQueue<Runnable> fallback = new ConcurrentLinkedQueue<>();
        private volatile boolean shutDown;
        private volatile boolean overlapped;
        private final AtomicInteger given = new AtomicInteger();
        private final AtomicInteger messages = new AtomicInteger();
        // Confined to the callbacks.
        private int inside;
        private int ran;
        private int heard;

        private final ListenerDispatcher dispatcher =
                new ListenerDispatcher(this::execute, true, fallback::add, refusal -> {}, this::hear);

        public ListenerDispatchers() {
            Schedules.count();
        }

        private void execute(Runnable task) {
            if (shutDown) throw new RejectedExecutionException("shut down");
            executor.add(task);
        }

        private void hear(ListenerDispatcher.Batch batch) {
            while (batch.next() != null) {
                enter();
                heard++;
                inside--;
            }
        }

        private void callback() {
            enter();
            ran++;
            inside--;
        }

        private void enter() {
            if (inside++ != 0) overlapped = true;
        }

        @Operation
        public void post() {
            given.incrementAndGet();
            dispatcher.postEnd(this::callback);
        }

        @Operation(nonParallelGroup = "serial context")
        public void gather() {
            messages.incrementAndGet();
            dispatcher.gather(new Inbound(null, Payload.text(""), 1));
        }

        @Operation(nonParallelGroup = "serial context")
        public void release() {
            dispatcher.release();
        }

        @Operation
        public void runExecutor() {
            runOne();
        }

        @Operation(runOnce = true)
        public void shutDown() {
            shutDown = true;
        }

        private boolean runOne() {
            Runnable next = executor.poll();
            if (next == null) next = fallback.poll();
            if (next == null) return false;
            next.run();
            return true;
        }

        @Validate
        public void eachCallbackRanOnce() {
            dispatcher.release();
            while (runOne()) {}
            if (overlapped) throw new AssertionError("two callbacks at once");
            if (ran != given.get()) throw new AssertionError(given + " callbacks, and " + ran + " ran");
            boolean complete = heard == messages.get() || dispatcher.isRefused();
            if (!complete || heard > messages.get()) {
                throw new AssertionError(messages + " messages, and " + heard + " were heard");
            }
        }
    }

    private static final Shape DISPATCHER = Shape.random(3, 2, 6, 100).and("post,runExecutor", "post");

    @Test
    void listenerDispatcher() {
        Schedules.survives(ListenerDispatchers.class, DISPATCHER);
    }

    @Test
    @Tag("planted")
    void listenerDispatcherWithTwoTurnsAtOnce() {
        Schedules.finds(
                ListenerDispatchers.class,
                DISPATCHER,
                new Plant(
                        ListenerDispatcher.class,
                        "if (unfinished.getAndIncrement() == 0) nextTurn();",
                        "boolean first = unfinished.get() == 0; unfinished.incrementAndGet(); if (first) nextTurn();"));
    }

    @Test
    @Tag("planted")
    void listenerDispatcherWithoutASignal() {
        Schedules.finds(
                ListenerDispatchers.class,
                DISPATCHER,
                new Plant(
                        ListenerDispatcher.class,
                        "if (unfinished.addAndGet(-count) == 0) return;",
                        "if (unfinished.get() == count) { unfinished.set(0); return; } unfinished.addAndGet(-count);"));
    }

    /** A timer that is set fires once, on the serial context, and one that is set for never does not. */
    public static class MachineTimers {
        private static final Random RANDOM = new Random(1);

        /** A task of the scheduler. */
        private static final class Task implements Scheduler.Scheduled {
            final Runnable action;
            volatile boolean cancelled;

            Task(Runnable action) {
                this.action = action;
            }

            @Override
            public void cancel() {
                cancelled = true;
            }
        }

        private final ConcurrentLinkedQueue<Runnable> executor = new ConcurrentLinkedQueue<>();
        private final ConcurrentLinkedQueue<Task> scheduled = new ConcurrentLinkedQueue<>();
        private volatile Throwable thrown;
        private final SerialContext serial = new SerialContext(executor::add, t -> thrown = t);
        private final MachineTimer timer = new MachineTimer(
                new Environment(() -> 0, this::schedule, executor::add, RANDOM, RANDOM, null), serial, 0, this::onDue);
        // Confined to the serial context.
        private long next;
        private boolean armed;

        public MachineTimers() {
            Schedules.count();
        }

        private Scheduler.Scheduled schedule(Runnable action, long delay) {
            Task task = new Task(action);
            scheduled.add(task);
            return task;
        }

        private void onDue() {
            serial.checkConfined();
            if (!armed) throw new AssertionError("fired, and it was not set");
            setNever();
        }

        private void set() {
            // Each is earlier than the one before: a later one might leave the timer as it is.
            next = next == 0 ? Long.MAX_VALUE / 2 : next - 1;
            timer.arm(next, false, 0);
            armed = true;
        }

        private void setNever() {
            timer.arm(SessionMachine.NEVER, false, 0);
            armed = false;
        }

        @Operation
        public void arm() {
            serial.execute(this::set);
        }

        @Operation
        public void armForNever() {
            serial.execute(this::setNever);
        }

        @Operation
        public void schedulerRuns() {
            Task task = scheduled.poll();
            if (task != null && !task.cancelled) task.action.run();
        }

        @Operation
        public void runExecutor() {
            Runnable task = executor.poll();
            if (task != null) task.run();
        }

        @Validate
        public void whatIsSetFires() {
            while (!executor.isEmpty() || !scheduled.isEmpty()) {
                runExecutor();
                if (executor.isEmpty()) schedulerRuns();
            }
            if (thrown != null) throw new AssertionError(thrown);
            if (armed) throw new AssertionError("it is set, and nothing will fire");
        }
    }

    private static final Shape TIMER = Shape.random(3, 3, 6, 100);

    @Test
    void machineTimer() {
        Schedules.survives(MachineTimers.class, TIMER);
    }

    @Test
    @Tag("planted")
    void machineTimerWhoseOldTaskCountsAsTheNewOne() {
        Schedules.finds(
                MachineTimers.class,
                TIMER,
                new Plant(MachineTimer.class, "if (armed == generation) onDue.run();", "onDue.run();"));
    }

    @Test
    @Tag("planted")
    void machineTimerThatFiresOnTheSchedulersThread() {
        Schedules.finds(
                MachineTimers.class,
                TIMER,
                new Plant(MachineTimer.class, "() -> serial.post(() -> fire(armed))", "() -> fire(armed)"));
    }

    /** A call of the store ends once, and none is without a timer. */
    public static class CallsOfAStore {
        private final ConcurrentLinkedQueue<Runnable> executor = new ConcurrentLinkedQueue<>();
        private final ConcurrentLinkedQueue<Runnable> disk = new ConcurrentLinkedQueue<>();
        private final ConcurrentLinkedQueue<Runnable> scheduled = new ConcurrentLinkedQueue<>();
        private volatile Throwable thrown;
        private final SerialContext serial = new SerialContext(executor::add, t -> thrown = t);
        private final AtomicInteger late = new AtomicInteger();
        private final StoreCalls calls = new StoreCalls(serial, disk::add, this::schedule, late::incrementAndGet);
        // Confined to the serial context.
        private int begun;
        private int returned;
        private int givenUp;

        /** Begins with a timer that is left of a call. */
        public CallsOfAStore() {
            Schedules.count();
            call();
            runDisk();
        }

        private Scheduler.Scheduled schedule(Runnable task, long delay) {
            scheduled.add(task);
            return () -> {};
        }

        private void begin() {
            // A client whose store did not answer makes no further call.
            if (givenUp > 0) return;
            begun++;
            calls.call(() -> true, (result, failure) -> {
                if (failure == null) returned++;
                else givenUp++;
            });
        }

        @Operation
        public void call() {
            serial.execute(this::begin);
        }

        @Operation
        public void runDisk() {
            Runnable next = disk.poll();
            if (next == null) next = executor.poll();
            if (next != null) next.run();
        }

        /** As many ticks as a call may see, or fewer. */
        @Operation(nonParallelGroup = "scheduler")
        public void timePasses() {
            for (int i = 0; i < 7; i++) tick();
        }

        @Operation(nonParallelGroup = "scheduler")
        public void tick() {
            Runnable next = scheduled.poll();
            if (next != null) next.run();
        }

        @Validate
        public void eachCallEndsOnce() {
            boolean waits = begun > returned + givenUp;
            // One that is given up waits for a thread that says so, behind its own.
            if (waits && scheduled.isEmpty() && disk.size() < 2) {
                for (Runnable next; (next = disk.poll()) != null; ) next.run();
                if (begun > returned + givenUp || givenUp == 0) throw new AssertionError("a call without a timer");
            }
            while (!disk.isEmpty() || !executor.isEmpty()) runDisk();
            if (thrown != null) throw new AssertionError(thrown);
            if (begun != returned + givenUp || late.get() != givenUp) {
                throw new AssertionError(begun + " calls, " + returned + " returned, " + givenUp + " were given up, "
                        + late + " returned late");
            }
        }
    }

    private static final Shape STORE = Shape.random(3, 3, 6, 100).and("call,runDisk", "timePasses");

    @Test
    void callsOfAStore() {
        Schedules.survives(CallsOfAStore.class, STORE);
    }

    @Test
    @Tag("planted")
    void aTimerThatEndsWithoutASecondLookForACall() {
        Schedules.finds(
                CallsOfAStore.class,
                STORE,
                new Plant(
                        StoreCalls.class,
                        "if (current != null && ticking.compareAndSet(false, true)) scheduleTick();",
                        ""));
    }

    @Test
    @Tag("planted")
    void aCallWhoseTimeBeginsBeforeTheContextWaits() {
        Schedules.finds(
                CallsOfAStore.class,
                STORE,
                new Plant(
                        StoreCalls.class,
                        "serial.suspend(() -> {",
                        "current = call; if (ticking.compareAndSet(false, true)) scheduleTick(); serial.suspend(()"
                                + " -> {"));
    }

    @Test
    @Tag("planted")
    void aCallThatReturnsAndIsGivenUp() {
        Schedules.finds(
                CallsOfAStore.class,
                STORE,
                new Plant(
                        StoreCalls.class,
                        "if (over.compareAndSet(false, true)) {",
                        "boolean first = !over.get(); over.set(true); if (first) {"));
    }
}

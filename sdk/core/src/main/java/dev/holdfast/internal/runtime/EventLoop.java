package dev.holdfast.internal.runtime;

import dev.holdfast.StoreException;
import dev.holdfast.internal.concurrent.Uncaught;
import dev.holdfast.internal.session.ApplicationFault;
import dev.holdfast.internal.session.Effect;
import dev.holdfast.internal.session.Outbound;
import dev.holdfast.internal.session.ProtocolInput;
import dev.holdfast.internal.session.SessionEvent;
import dev.holdfast.internal.session.SessionMachine;
import dev.holdfast.internal.transport.Connection;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Applies events to the session machine, one at a time, and performs the effects that it answers with. {@link #post} and
 * {@link #execute} are safe from any thread; everything else is confined to the serial context.
 */
final class EventLoop {
    /** Elapsed time ahead of the ticker, or a timer that is late, by more than this means that the process did not run. */
    private static final long SUSPENSION_NANOS = TimeUnit.SECONDS.toNanos(5);

    private static final long NO_CONNECTION = 0;

    /** Events of which one commit may have the changes, so that their effects do not wait without end. */
    private static final int MAX_JOINED = 64;

    private final Environment environment;
    private final SessionMachine machine;
    private final SharedQueue queue;
    private final SerialContext serial;
    private final ListenerDispatcher dispatcher;
    private final Backpressure backpressure;
    private final Telemetry telemetry;
    private final InboundBudget budget;
    private final InboundDelivery delivery;

    private final ElapsedOffset offset;
    private final MachineTimer timer;
    private final Performer performer;
    private final Panic panic;

    private Runnable afterEvent = () -> {};

    /** Null without a store. */
    private final @Nullable StoreKeeper keeper;
    /** The effects of the events since the last commit, with a store: they wait for the next one. */
    private List<Effect> turn = new ArrayList<>();
    /** The bytes of the messages in the turn, which end a batch of the budget. */
    private long turnBytes;
    /** The events that wait for the same commit as those behind them. */
    private int joined;
    /** Whether the turn has what came due while the process did not run: its effects do not wait for another event. */
    private boolean resumed;

    /** @param performer makes the performer of the machine's effects, whose parts post events to this loop */
    EventLoop(
            Environment environment,
            SessionMachine machine,
            SharedQueue queue,
            SerialContext serial,
            ListenerDispatcher dispatcher,
            Backpressure backpressure,
            Telemetry telemetry,
            InboundBudget budget,
            InboundDelivery delivery,
            @Nullable StoreKeeper keeper,
            Function<EventLoop, Performer> performer) {
        this.keeper = keeper;
        this.environment = environment;
        this.machine = machine;
        this.queue = queue;
        this.serial = serial;
        this.dispatcher = dispatcher;
        this.backpressure = backpressure;
        this.telemetry = telemetry;
        this.budget = budget;
        this.delivery = delivery;
        long ahead = environment.elapsed.nanos() - environment.ticker.nanos();
        this.offset = new ElapsedOffset(ahead);
        this.timer = new MachineTimer(environment, serial, ahead, this::onTimer);
        this.performer = performer.apply(this);
        this.panic = new Panic(this.performer, queue, machine::abandon);
    }

    /** Sets what runs after each event. To be called before the first. */
    void afterEvent(Runnable task) {
        afterEvent = task;
    }

    Performer performer() {
        return performer;
    }

    // ---- on any thread ----

    /** Processes the event on an I/O thread. For threads that must not be kept: the application's, the timer's. */
    void post(TimedEvent event) {
        serial.post(() -> process(event));
    }

    /** Processes an event of the protocol's own code, which belongs to no connection, as {@link #post(TimedEvent)} does. */
    void post(SessionEvent event) {
        serial.post(() -> process(now -> event.apply(machine, NO_CONNECTION, now)));
    }

    /** Processes the event on this thread, an I/O thread of the SDK, or behind the events that are being processed. */
    void execute(TimedEvent event) {
        serial.execute(() -> process(event));
    }

    /** Runs a task that calls {@link #process(List, long, long)}, as {@link #execute(TimedEvent)} does. */
    void execute(FlowTask batch) {
        serial.execute(batch);
    }

    /** Processes an event of the flow of messages as {@link #execute(TimedEvent)} does. */
    void executeFlow(TimedEvent event) {
        execute((FlowTask) () -> processFlow(event));
    }

    /** Returns whether the timer fires late because the device has slept since it was set. */
    boolean isTimerOutdated() {
        return timer.isOutdated();
    }

    // ---- on the serial context ----

    /** Applies one event. */
    void process(TimedEvent event) {
        process(event, false);
    }

    /** Applies one event in a {@link FlowTask}. */
    void processFlow(TimedEvent event) {
        process(event, true);
    }

    private void process(TimedEvent event, boolean mayJoin) {
        serial.checkConfined();
        try {
            if (panic.isOver()) return;
            long now = now();
            if (panic.isOver()) return;
            // An event may have reports for the application, which wait as messages do.
            budget.beginBatch();
            perform(event.apply(now));
            if (keeper == null) {
                budget.endBatch(0);
                settle(now);
            } else {
                commit(keeper, 0, mayJoin);
            }
        } finally {
            dispatcher.release();
        }
    }

    /** Applies events that one connection has read at once: they share a look at the clock and at the timer. In a {@link FlowTask}. */
    void process(List<SessionEvent> events, long connection, long bytes) {
        serial.checkConfined();
        budget.beginBatch();
        boolean commits = false;
        try {
            if (panic.isOver()) return;
            long now = now();
            for (int i = 0; i < events.size() && !panic.isOver(); i++) {
                perform(events.get(i).apply(machine, connection, now));
            }
            if (keeper == null) {
                settle(now);
            } else {
                commits = true;
                commit(keeper, bytes, true);
            }
        } finally {
            if (!commits) budget.endBatch(bytes);
            dispatcher.release();
        }
    }

    // ---- the store: persist before perform ----

    /**
     * Performs the effects of this turn when all that the machine has decided is in the store. Call last in a task.
     *
     * @param mayJoin whether the changes may wait for those of the next task, and share their commit
     */
    private void commit(StoreKeeper store, long batchBytes, boolean mayJoin) {
        turnBytes += batchBytes;
        store.note(machine);
        if (store.isClean() && (store.isClosed() || !machine.isOver())) {
            performTurn(store);
            return;
        }
        // What came during a commit would have one each: with a slow disk, one message at a time would go out.
        if (mayJoin && !resumed && joined < MAX_JOINED && !machine.isOver() && serial.next() instanceof FlowTask) {
            joined++;
            return;
        }
        store.commit(machine.isOver(), (written, failure) -> {
            if (failure != null) storeFailed(store, failure);
            performer.stored(written);
            performTurn(store);
        });
    }

    private void performTurn(StoreKeeper store) {
        long batchBytes = turnBytes;
        turnBytes = 0;
        joined = 0;
        resumed = false;
        budget.beginBatch();
        try {
            if (panic.isOver()) return;
            List<Effect> effects = turn;
            turn = new ArrayList<>();
            performNow(effects);
            report(store);
            settle(environment.elapsed.nanos());
        } finally {
            budget.endBatch(batchBytes);
            dispatcher.release();
        }
        // An exception of the application's has made another event.
        if (!turn.isEmpty()) commit(store, 0, false);
    }

    /** Has the store forget what this turn has reported when the callbacks that report it have run. */
    private void report(StoreKeeper store) {
        List<Outbound> told = store.takeUnreported();
        String loss = machine.durable.takeLoss();
        if (told.isEmpty() && loss == null) return;
        dispatcher.release();
        dispatcher.post(() -> serial.post(() -> {
            told.forEach(Outbound::removeStored);
            if (loss != null) machine.durable.lossReported();
        }));
    }

    /** Handles the failure of the store. */
    void storeFailed(StoreKeeper store, StoreException failure) {
        serial.checkConfined();
        store.abandon();
        performer.storeFailed(failure);
        if (store.continuesInMemory()) return;
        turn.clear();
        panic.endWithoutStore(failure);
        panic.finish();
        timer.disarm();
    }

    private void perform(List<Effect> effects) {
        if (keeper == null) {
            performNow(effects);
        } else {
            turn.addAll(effects);
            effects.clear();
        }
    }

    private void performNow(List<Effect> effects) {
        Throwable thrown = null;
        ApplicationFault fault = null;
        for (int i = 0; i < effects.size(); i++) {
            try {
                effects.get(i).perform(performer);
            } catch (ApplicationFault e) {
                Uncaught.report(e.thrown());
                fault = e;
                // The server could misread what follows this message without it.
                performer.mute();
            } catch (Throwable t) {
                // The machine assumes that the effect was performed. The effects behind it must be performed, too:
                // among
                // them are ends of messages.
                if (thrown == null) {
                    thrown = t;
                } else if (thrown != t) {
                    thrown.addSuppressed(t);
                }
            }
        }
        effects.clear();
        performer.unmute();
        if (thrown != null) {
            panic(thrown);
        } else if (fault != null) {
            Throwable cause = fault.thrown();
            perform(machine.onApplicationFault(cause, environment.elapsed.nanos()));
        }
    }

    /** Updates what depends on the machine's state, after one event or a batch. */
    private void settle(long now) {
        if (panic.isOver()) return;
        timer.arm(machine.nextTimer(), machine.waitsForAttempt(), now);
        backpressure.update();
        telemetry.queue(queue);
        delivery.update(machine.isAckDue());
        ProtocolInput protocol = machine.protocolInput;
        budget.setAnswers(protocol.unwrittenControls(), protocol.unwrittenControlBytes());
        afterEvent.run();
    }

    // ---- time ----

    /** Returns the time of an event, after everything that came due while the process did not run is done. */
    private long now() {
        long now = environment.elapsed.nanos();
        long ahead = now - environment.ticker.nanos();
        long suspended = Math.max(offset.update(ahead), timer.overdue(now));
        timer.disarmIfShifted(ahead);
        if (suspended > SUSPENSION_NANOS) resume(suspended, now);
        return now;
    }

    private void resume(long suspended, long now) {
        timer.disarm();
        resumed = true;
        telemetry.suspended(suspended);
        perform(machine.onSuspended(now));
        if (!panic.isOver()) perform(timerEvent(now));
    }

    private void onTimer() {
        if (panic.isOver()) return;
        process(now -> {
            timer.disarm();
            return timerEvent(now);
        });
    }

    private List<Effect> timerEvent(long now) {
        Connection current = performer.currentConnection();
        if (current == null) return machine.onTimer(now, now, now);
        machine.controlFrameHeard(toElapsed(current.lastControlFrameAt()));
        return machine.onTimer(now, lastInboundAt(current, now), toElapsed(current.lastOutboundAt()));
    }

    /** A connection whose reading is stopped returns the current time, which must not look earlier than {@code now}. */
    private long lastInboundAt(Connection current, long now) {
        long asked = environment.ticker.nanos();
        long at = current.lastInboundAt();
        return at < asked ? toElapsed(at) : Math.max(now, toElapsed(at));
    }

    /** Converts a connection's time to the machine's. */
    long toElapsed(long tickerNanos) {
        return offset.toElapsed(tickerNanos);
    }

    // ---- the queue ----

    /** Looks at what has changed in the queue. In a {@link FlowTask}. */
    void onQueueChanged() {
        queue.rearm();
        processFlow(machine::onQueueChanged);
    }

    /**
     * Ends a message when the store has the change. In a {@link FlowTask}.
     *
     * @param end ends the message
     * @return false if a panic has ended the client, so that no change is stored any more
     */
    boolean endWithCommit(Outbound message, Runnable end) {
        if (hasPanicked()) return false;
        // If the store fails now, the message ends with all others.
        queue.restoreTaken(message);
        processFlow(now -> new ArrayList<>(Collections.singletonList(driver -> {
            queue.ended(message);
            end.run();
        })));
        return true;
    }

    // ---- the end ----

    /** Returns whether a panic has ended the client, so that no event reaches the machine any more. */
    boolean hasPanicked() {
        return panic.isOver();
    }

    /** Ends the client after an exception that nothing in the SDK expects: the machine can't be trusted any more. */
    void panic(Throwable thrown) {
        serial.checkConfined();
        // The listener is not called, or the client has ended either way.
        if (panic.isOver() || performer.isClosedReported() || dispatcher.isRefused()) Uncaught.report(thrown);
        if (panic.isOver()) return;
        turn.clear();
        panic.end(thrown, performer.isClosedReported());
        timer.disarm();
        StoreKeeper store = keeper;
        if (store == null) {
            panic.finish();
            return;
        }
        // The end is reported when the store is closed, so that the next client can open it.
        serial.post(() -> store.close(() -> {
            panic.finish();
            dispatcher.release();
        }));
    }

    /** Ends the client after the I/O executor has refused to run callbacks, and so may refuse whatever comes next. */
    void onIoRefused(Throwable refusal) {
        // All callbacks run in any case, those of the end among them.
        if (!panic.isOver() && !performer.isClosedReported()) panic(refusal);
    }
}

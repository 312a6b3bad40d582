package dev.holdfast.internal.runtime;

import dev.holdfast.ClientState;
import dev.holdfast.internal.concurrent.CallbackFuture;
import dev.holdfast.internal.session.Outbound;
import dev.holdfast.internal.session.SessionMachine;
import dev.holdfast.internal.time.Scheduler;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * The calls of {@code drain()}: connects, waits until every message has its outcome or the time is over, and disconnects.
 * Confined to the serial context.
 */
final class Drain {
    private final class Call<T> {
        final CallbackFuture<T> future;
        final Function<List<Outbound>, T> make;
        boolean leaving;

        Call(CallbackFuture<T> future, Function<List<Outbound>, T> make) {
            this.future = future;
            this.make = make;
        }

        void complete() {
            calls.remove(this);
            T made = make.apply(unfinished.get());
            dispatcher.release();
            dispatcher.postEnd(() -> future.complete(made));
        }
    }

    private final SessionMachine machine;
    private final EventLoop loop;
    private final SerialContext serial;
    private final Scheduler scheduler;
    private final ListenerDispatcher dispatcher;
    private final Supplier<ClientState> state;
    private final Supplier<List<Outbound>> unfinished;
    /** Bounded by the application, which asks for each. */
    private List<Call<?>> calls = Collections.emptyList();

    /** @param unfinished returns the messages without an outcome */
    Drain(
            SessionMachine machine,
            EventLoop loop,
            SerialContext serial,
            Scheduler scheduler,
            ListenerDispatcher dispatcher,
            Supplier<ClientState> state,
            Supplier<List<Outbound>> unfinished) {
        this.machine = machine;
        this.loop = loop;
        this.serial = serial;
        this.scheduler = scheduler;
        this.dispatcher = dispatcher;
        this.state = state;
        this.unfinished = unfinished;
    }

    /** Begins a call. Safe from any thread. */
    <T> void begin(CallbackFuture<T> future, long nanos, Function<List<Outbound>, T> make) {
        Call<T> call = new Call<>(future, make);
        loop.post(now -> {
            if (calls.isEmpty()) calls = new ArrayList<>(1);
            calls.add(call);
            return machine.isDrained() ? new ArrayList<>() : machine.connect(now);
        });
        scheduler.schedule(() -> serial.post(() -> timeOver(call)), nanos);
    }

    private void timeOver(Call<?> call) {
        if (loop.hasPanicked() && !call.future.isDone()) {
            call.complete();
        } else if (calls.contains(call)) {
            leave(call);
        }
    }

    private void leave(Call<?> call) {
        call.leaving = true;
        loop.post(machine::disconnect);
    }

    /** To be called after each event. */
    void check() {
        if (calls.isEmpty()) return;
        boolean down = state.get() == ClientState.IDLE || state.get() == ClientState.CLOSED;
        for (Call<?> call : new ArrayList<>(calls)) {
            if (down) {
                call.complete();
            } else if (!call.leaving && machine.isDrained()) {
                leave(call);
            }
        }
    }
}

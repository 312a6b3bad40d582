package dev.holdfast.sample.demo;

import dev.holdfast.ClientState;
import dev.holdfast.CloseReason;
import dev.holdfast.ConnectionFailure;
import dev.holdfast.HoldfastClient;
import dev.holdfast.HoldfastListener;
import dev.holdfast.Message;
import dev.holdfast.SessionLoss;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/** What a client has told: the numbers that arrived, and what became of its connections. */
final class Told implements HoldfastListener {
    /** A lost connection: when it was told, and when a message had last arrived. */
    record Failure(ConnectionFailure what, long at, long lastArrivalAt) {
        /** How long the client needed, from the fault or from what still came after it. */
        Duration sinceFault(long faultAt) {
            return Duration.ofNanos(at - Math.max(faultAt, lastArrivalAt));
        }
    }

    /** A state, and when it was told. */
    record Entered(ClientState state, long at) {}

    final StreamCheck stream = new StreamCheck();
    final List<Failure> failures = new CopyOnWriteArrayList<>();
    final List<Entered> states = new CopyOnWriteArrayList<>();
    final List<SessionLoss> losses = new CopyOnWriteArrayList<>();

    /** Numbers that are missing without a lost session to explain it. */
    final AtomicInteger lostSilently = new AtomicInteger();

    volatile boolean closed;

    // Only the listener's own.
    private boolean lossTold;
    private long lastArrivalAt = System.nanoTime();

    int times(ClientState state) {
        return (int) states.stream().filter(entered -> entered.state() == state).count();
    }

    @Override
    public void onMessage(HoldfastClient from, Message message) {
        int number = message.read(Integer.class);
        int missing = number - stream.highest() - 1;
        if (missing > 0 && !lossTold) lostSilently.addAndGet(missing);
        lossTold = false;
        lastArrivalAt = System.nanoTime();
        stream.arrived(number);
    }

    @Override
    public void onState(HoldfastClient from, ClientState state) {
        states.add(new Entered(state, System.nanoTime()));
    }

    @Override
    public void onConnectionFailure(HoldfastClient from, ConnectionFailure failure) {
        failures.add(new Failure(failure, System.nanoTime(), lastArrivalAt));
    }

    @Override
    public void onSessionLost(HoldfastClient from, SessionLoss loss) {
        losses.add(loss);
        lossTold = true;
    }

    @Override
    public void onClosed(HoldfastClient from, CloseReason reason) {
        closed = true;
    }
}

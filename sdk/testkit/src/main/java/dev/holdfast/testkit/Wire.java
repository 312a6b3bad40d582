package dev.holdfast.testkit;

import java.util.ArrayDeque;
import java.util.function.Consumer;

/** One direction of a connection in memory: keeps the order, takes time, and can be held up. Confined to the virtual time. */
final class Wire {
    private static final class Travelling {
        final TestFrame frame;
        final long arrival;

        Travelling(TestFrame frame, long arrival) {
            this.frame = frame;
            this.arrival = arrival;
        }
    }

    private final VirtualTime time;
    private final Consumer<TestFrame> receiver;
    private final Runnable onRoom;
    private final ArrayDeque<Travelling> travelling = new ArrayDeque<>();
    private long lastArrival;
    private long backlog;
    private boolean held;
    private boolean closed;

    /** @param onRoom called behind each frame that has arrived */
    Wire(VirtualTime time, Consumer<TestFrame> receiver, Runnable onRoom) {
        this.time = time;
        this.receiver = receiver;
        this.onRoom = onRoom;
    }

    /** Returns the bytes that have been sent and have not arrived. */
    long backlog() {
        return backlog;
    }

    void send(TestFrame frame, long latencyNanos) {
        if (closed) return;
        backlog += frame.bytes;
        // Never before an earlier frame, even if the latency has been shortened since.
        lastArrival = Math.max(lastArrival, time.nanos() + latencyNanos);
        travelling.add(new Travelling(frame, lastArrival));
        time.add(this::arrive, lastArrival - time.nanos());
    }

    /** Holds everything up, or lets it go on. */
    void hold(boolean on) {
        held = on;
        if (!on) time.add(this::arrive, 0);
    }

    boolean isHeld() {
        return held;
    }

    /** Drops what is under way and what is sent from now on. */
    void close() {
        closed = true;
        travelling.clear();
        backlog = 0;
    }

    private void arrive() {
        while (!held && !closed && !travelling.isEmpty() && travelling.element().arrival <= time.nanos()) {
            TestFrame frame = travelling.remove().frame;
            backlog -= frame.bytes;
            receiver.accept(frame);
            onRoom.run();
        }
    }
}

package dev.holdfast.simulation;

import java.util.ArrayDeque;
import java.util.function.Consumer;

/** One direction of a connection: keeps order, takes time, may be held up for a while or swallow all that comes. */
final class Pipe {
    private static final class Travelling {
        final Item item;
        final long arrives;

        Travelling(Item item, long arrives) {
            this.item = item;
            this.arrives = arrives;
        }
    }

    private final World world;
    private final Consumer<Item> receiver;
    private final Runnable onRoom;
    private final ArrayDeque<Travelling> travelling = new ArrayDeque<>();
    private final long latency;
    private long lastArrival;
    private long backlog;
    private boolean held;
    private boolean dead;
    private boolean closed;

    Pipe(World world, long latency, Consumer<Item> receiver, Runnable onRoom) {
        this.world = world;
        this.latency = latency;
        this.receiver = receiver;
        this.onRoom = onRoom;
    }

    /** What the sender's socket still holds. */
    long backlog() {
        return backlog;
    }

    boolean isFaulty() {
        return held || dead || closed;
    }

    void send(Item item) {
        if (closed) return;
        backlog += item.size;
        lastArrival = Math.max(lastArrival, world.now() + latency + world.below(latency));
        travelling.add(new Travelling(item, lastArrival));
        wake(lastArrival - world.now());
    }

    /** Holds everything up, or lets it go on. */
    void hold(boolean hold) {
        held = hold;
        if (!hold) wake(0);
    }

    /** From now on swallows everything and says nothing. */
    void die() {
        dead = true;
    }

    void close() {
        closed = true;
        travelling.clear();
    }

    private void wake(long delay) {
        world.schedule(this::arrive, delay);
    }

    private void arrive() {
        while (!held && !dead && !closed && !travelling.isEmpty() && travelling.element().arrives <= world.now()) {
            Item item = travelling.remove().item;
            backlog -= item.size;
            receiver.accept(item);
            onRoom.run();
        }
    }
}

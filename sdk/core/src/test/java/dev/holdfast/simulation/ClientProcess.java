package dev.holdfast.simulation;

import dev.holdfast.internal.time.Scheduler;
import java.util.concurrent.Executor;

/** The threads of one process of the client's application. Nothing runs on them after its death. */
final class ClientProcess implements Scheduler, Executor {
    private static final int MAX_THREAD_DELAY = 2_000;

    private final World world;
    private boolean dead;

    ClientProcess(World world) {
        this.world = world;
    }

    @Override
    public Scheduled schedule(Runnable task, long delayNanos) {
        return world.schedule(() -> run(task), delayNanos);
    }

    /** Starts the task on a thread of its own: a little later, and not always in the order of the calls. */
    @Override
    public void execute(Runnable task) {
        schedule(task, world.below(MAX_THREAD_DELAY));
    }

    private void run(Runnable task) {
        if (dead) return;
        world.runAwake(() -> {
            if (!dead) task.run();
        });
    }

    boolean isDead() {
        return dead;
    }

    void die() {
        dead = true;
    }
}

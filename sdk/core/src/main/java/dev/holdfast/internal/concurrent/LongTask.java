package dev.holdfast.internal.concurrent;

/** A task that keeps its thread for as long as a connection lives. */
public final class LongTask extends Once {
    private static final long serialVersionUID = 1;

    public LongTask(Runnable task) {
        super(task);
    }
}

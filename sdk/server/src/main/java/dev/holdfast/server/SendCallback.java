package dev.holdfast.server;

import java.util.function.Consumer;

/** A callback for the end of one send. Exactly one of its methods is called, once, by any thread. */
public interface SendCallback {
    /** The message was handed to the network, and there is room for another. */
    void succeeded();

    /**
     * The message could not be sent. The connection is over, or will be shortly.
     *
     * @param failure what went wrong
     */
    void failed(Throwable failure);

    /** {@return a callback that ignores both ends} */
    static SendCallback ignore() {
        return of(() -> {}, failure -> {});
    }

    /**
     * {@return a callback with these two methods}
     *
     * @param succeeded called by {@link #succeeded}
     * @param failed called by {@link #failed}
     */
    static SendCallback of(Runnable succeeded, Consumer<Throwable> failed) {
        return new SendCallback() {
            @Override
            public void succeeded() {
                succeeded.run();
            }

            @Override
            public void failed(Throwable failure) {
                failed.accept(failure);
            }
        };
    }
}

package dev.holdfast.stomp;

import java.util.function.BiConsumer;
import java.util.function.Consumer;

/**
 * A received MESSAGE, with the number of its connection. Immutable. The client gives it to the application by {@link #accept}, in a
 * callback.
 */
final class Received implements Consumer<Runnable> {
    final Frame frame;
    final long connection;
    private final BiConsumer<Received, Runnable> receiver;

    /** @param receiver gets the message, with what is to run when the application has handled it by hand */
    Received(Frame frame, long connection, BiConsumer<Received, Runnable> receiver) {
        this.frame = frame;
        this.connection = connection;
        this.receiver = receiver;
    }

    @Override
    public void accept(Runnable handled) {
        receiver.accept(this, handled);
    }
}

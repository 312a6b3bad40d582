package dev.holdfast.socketio;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * An event that the server emitted. Safe from any thread.
 *
 * <p>Where the server recovers sessions, it adds an offset to most events as their last argument, a string. The official
 * clients leave it there, and so does this one.
 */
public final class Event {
    private final String name;
    private final Arguments arguments;
    /** Sends the acknowledgement; null if the server wants none. */
    private final @Nullable Consumer<@Nullable Object[]> reply;
    /** Null if there is nothing to acknowledge. */
    private final @Nullable AtomicBoolean acknowledged;

    /** @param reply sends the acknowledgement; null if the server wants none */
    Event(String name, Arguments arguments, @Nullable Consumer<@Nullable Object[]> reply) {
        this.name = name;
        this.arguments = arguments;
        this.reply = reply;
        this.acknowledged = reply == null ? null : new AtomicBoolean();
    }

    /** {@return the name of the event} */
    public String name() {
        return name;
    }

    /** {@return the arguments} */
    public Arguments arguments() {
        return arguments;
    }

    /**
     * {@return an argument as text} See {@link Arguments#text}.
     *
     * @param index the argument, from 0
     */
    public String text(int index) {
        return arguments.text(index);
    }

    /** {@return whether the server waits for an acknowledgement} */
    public boolean wantsAck() {
        return reply != null;
    }

    /**
     * Acknowledges the event. It has no effect if the server wants no acknowledgement, on a second call, or once the connection
     * that brought the event is gone: the server no longer waits for it then. It never blocks. If there is no room for it, the
     * thread's uncaught exception handler gets the report.
     *
     * @param answer what the server's callback receives
     * @throws dev.holdfast.PayloadException if an argument cannot be written
     */
    public void ack(@Nullable Object... answer) {
        if (reply != null && acknowledged != null && acknowledged.compareAndSet(false, true)) reply.accept(answer);
    }

    /** Returns the name and the size of the event, but not its content. */
    @Override
    public String toString() {
        return "event " + name + ": " + arguments;
    }
}

package dev.holdfast.socketio;

import dev.holdfast.Delivery;
import dev.holdfast.SendOptions;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * A socket with settings for what it emits, as in {@code socket.timeout(Duration.ofSeconds(5)).emitWithAck("save", text)}. {@link
 * SocketIo} itself emits with the settings of its builder. Immutable. Safe from any thread.
 */
public final class Emitter {
    private static final long MAX_TIMEOUT_NANOS = Duration.ofDays(365).toNanos();

    private final SocketIo socket;
    private final long timeoutNanos;
    private final int retries;
    private final SendOptions options;

    Emitter(SocketIo socket, long timeoutNanos, int retries, SendOptions options) {
        this.socket = socket;
        this.timeoutNanos = timeoutNanos;
        this.retries = retries;
        this.options = options;
    }

    /** Returns a time limit in nanoseconds. */
    static long nanos(Duration timeout) {
        if (timeout.isNegative() || timeout.isZero()) {
            throw new IllegalArgumentException("timeout must be positive, but was " + timeout);
        }
        return timeout.compareTo(Duration.ofDays(365)) > 0 ? MAX_TIMEOUT_NANOS : timeout.toNanos();
    }

    static int checkedRetries(int retries) {
        if (retries < 0) throw new IllegalArgumentException("retries must be at least 0, but was " + retries);
        return Math.min(retries, Integer.MAX_VALUE - 1);
    }

    /**
     * {@return an emitter whose events must be acknowledged within a time} The time runs from when an event is handed to a
     * connection, for each try anew.
     *
     * @param timeout more than zero; over a year counts as a year
     * @throws IllegalArgumentException if {@code timeout} is not positive
     */
    public Emitter timeout(Duration timeout) {
        return new Emitter(socket, nanos(Objects.requireNonNull(timeout, "timeout")), retries, options);
    }

    /**
     * {@return an emitter whose events are sent again without an acknowledgement} See {@link SocketIoBuilder#retries}.
     *
     * @param newRetries how many times an event is sent again; 0 for never
     * @throws IllegalArgumentException if {@code newRetries} is negative
     */
    public Emitter retries(int newRetries) {
        return new Emitter(socket, timeoutNanos, checkedRetries(newRetries), options);
    }

    /**
     * {@return an emitter whose events wait in the queue with these options}
     *
     * @param newOptions priority, expiry and conflation; an idempotency key has no effect
     */
    public Emitter options(SendOptions newOptions) {
        return new Emitter(socket, timeoutNanos, retries, Objects.requireNonNull(newOptions, "newOptions"));
    }

    /**
     * Emits an event. Otherwise as {@link SocketIo#emit}.
     *
     * @param event the name of the event
     * @param arguments the arguments
     * @return the receipt
     */
    public Delivery emit(String event, @Nullable Object... arguments) {
        return socket.emit(event, arguments, retries > 0, timeoutNanos, retries, options, null);
    }

    /**
     * Emits an event and asks for an acknowledgement. Otherwise as {@link SocketIo#emitWithAck}.
     *
     * @param event the name of the event
     * @param arguments the arguments
     * @return a future of the server's answer
     */
    @SuppressWarnings("FutureReturnValueIgnored") // It completes the future that is returned.
    public CompletableFuture<Arguments> emitWithAck(String event, @Nullable Object... arguments) {
        CompletableFuture<Arguments> answer = new CompletableFuture<>();
        Delivery delivery = socket.emit(event, arguments, true, timeoutNanos, retries, options, answer);
        delivery.outcome().thenAccept(outcome -> {
            if (!outcome.isSuccess()) answer.completeExceptionally(new AckException(outcome));
        });
        return answer;
    }
}

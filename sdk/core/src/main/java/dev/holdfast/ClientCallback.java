package dev.holdfast;

/**
 * A callback of a {@link HoldfastClient} as a lambda: {@code (client, message) -> chat.add(message.text())}. Called on the
 * client's callback executor. What it throws goes to the thread's uncaught exception handler.
 *
 * @param <T> what the client reports
 */
@FunctionalInterface
public interface ClientCallback<T> {
    /**
     * Called for each report.
     *
     * @param client the client that reports
     * @param value what it reports, never null
     */
    void call(HoldfastClient client, T value);
}

package dev.holdfast;

/**
 * A callback of a {@link HoldfastClient}, usually a lambda that is given to a method of {@link HoldfastClientBuilder}. Example:
 * {@code builder.onMessage((client, message) -> chat.add(message.text()))}. It is called on the client's callback executor.
 * An exception goes to the thread's uncaught exception handler. {@link HoldfastListener} has the same callbacks in one
 * interface.
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

package dev.holdfast;

import org.jspecify.annotations.Nullable;

/**
 * The place to which a {@link HoldfastClient} logs what no callback of the application receives. {@link
 * HoldfastClientBuilder#logger} sets it. A method reference to the {@code warn} of a common logging library fits: {@code
 * logger(LoggerFactory.getLogger("dev.holdfast")::warn)} for slf4j.
 *
 * <p>{@code docs/logging.md} lists what is logged. Implementations must be safe from any thread and must not block.
 */
@FunctionalInterface
public interface HoldfastLogger {
    /**
     * Logs a warning. Called on the callback executor or on an SDK thread. What it throws goes to the thread's uncaught
     * exception handler.
     *
     * @param message one line that holds no credential: known secrets and the rest of each URL behind its host are left out
     * @param thrown the stack traces of an exception and its causes, with messages that are cleaned in the same way; null if
     *     they would explain nothing
     */
    void warn(String message, @Nullable Throwable thrown);
}

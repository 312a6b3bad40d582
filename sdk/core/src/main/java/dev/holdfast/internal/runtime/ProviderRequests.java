package dev.holdfast.internal.runtime;

import dev.holdfast.internal.session.Effect;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Asks a provider of the application and reports its answer to the machine.
 *
 * @param <R> the reason for a question
 * @param <A> the answer
 */
final class ProviderRequests<R, A> {
    /** The machine's method that takes an answer. */
    interface Answered<A> {
        List<Effect> apply(long question, A answer, long now);
    }

    /** The machine's method that handles a failure. */
    interface Failed {
        List<Effect> apply(long question, String message, @Nullable Throwable cause, long now);
    }

    private final String what;
    private final Function<R, CompletionStage<A>> provider;
    private final Executor io;
    private final EventLoop loop;
    private final Answered<A> answered;
    private final Failed failed;

    /** @param what the answer, in a word */
    ProviderRequests(
            String what,
            Function<R, CompletionStage<A>> provider,
            Executor io,
            EventLoop loop,
            Answered<A> answered,
            Failed failed) {
        this.what = what;
        this.provider = provider;
        this.io = io;
        this.loop = loop;
        this.answered = answered;
        this.failed = failed;
    }

    /** Asks on an I/O thread: the provider is the application's and may take a while. */
    void request(long question, R reason) {
        try {
            io.execute(() -> ask(question, reason));
        } catch (Throwable e) {
            fail(question, e);
        }
    }

    private void ask(long question, R reason) {
        try {
            provider.apply(reason).whenComplete((answer, failure) -> {
                if (answer != null) {
                    loop.post(now -> answered.apply(question, answer, now));
                } else {
                    fail(question, failure);
                }
            });
        } catch (Throwable e) {
            fail(question, e);
        }
    }

    /** The exception's message may hold a secret, so it is passed on as the cause only. */
    private void fail(long question, @Nullable Throwable failure) {
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        String message = "no " + what + ": "
                + (cause == null
                        ? "the provider returned none"
                        : cause.getClass().getSimpleName());
        loop.post(now -> failed.apply(question, message, cause, now));
    }
}

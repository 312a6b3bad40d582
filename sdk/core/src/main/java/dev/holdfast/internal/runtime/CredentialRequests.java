package dev.holdfast.internal.runtime;

import dev.holdfast.CredentialProvider;
import dev.holdfast.internal.session.SessionMachine;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/** Asks the application's credential provider and reports its answer to the machine. */
final class CredentialRequests {
    private final @Nullable CredentialProvider provider;
    private final Executor io;
    private final SessionMachine machine;
    private final EventLoop loop;

    /** @param provider null if the settings say that there is none */
    CredentialRequests(@Nullable CredentialProvider provider, Executor io, SessionMachine machine, EventLoop loop) {
        this.provider = provider;
        this.io = io;
        this.machine = machine;
        this.loop = loop;
    }

    /** Asks on an I/O thread: the provider is the application's and may take a while. */
    void request(long question, CredentialProvider.Reason reason) {
        try {
            io.execute(() -> ask(question, reason));
        } catch (Throwable e) {
            fail(question, e);
        }
    }

    private void ask(long question, CredentialProvider.Reason reason) {
        try {
            if (provider == null) throw new IllegalStateException("no credential provider");
            provider.credential(reason).whenComplete((credential, failure) -> {
                if (credential != null) {
                    loop.post(now -> machine.onCredential(question, credential, now));
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
        String message = "no credential: "
                + (cause == null
                        ? "the provider returned none"
                        : cause.getClass().getSimpleName());
        loop.post(now -> machine.onCredentialFailed(question, message, cause, now));
    }
}

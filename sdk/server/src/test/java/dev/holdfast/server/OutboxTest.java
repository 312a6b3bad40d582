package dev.holdfast.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class OutboxTest {
    private final InMemoryMessageLog log = new InMemoryMessageLog("e1", 10);
    private final List<Object> sent = new ArrayList<>();
    private final List<Throwable> failures = new ArrayList<>();
    private @Nullable Error inTransport;
    private @Nullable Error inReport;

    private final Transport transport = new Transport() {
        @Override
        public void sendText(String text, SendCallback callback) {
            if (inTransport != null) throw inTransport;
            sent.add(text);
            callback.succeeded();
        }

        @Override
        public void sendBinary(byte[] bytes, SendCallback callback) {}

        @Override
        public void ping() {}

        @Override
        public void close(int code, String reason) {
            sent.add(code);
        }

        @Override
        public void abort() {
            sent.add("abort");
        }
    };

    private Outbox outbox(Executor pumper) {
        return new Outbox(
                transport,
                new Outbox.Callbacks() {
                    @Override
                    public void onHistoryGone() {}

                    @Override
                    public void onFailed(Throwable failure) {
                        failures.add(failure);
                        if (inReport != null) throw inReport;
                    }

                    @Override
                    public void onFlooded() {}
                },
                new SendWindow(10, 1000),
                pumper);
    }

    /** A log that cannot be read. */
    private MessageLog broken(Error failure) {
        return (MessageLog) Proxy.newProxyInstance(
                MessageLog.class.getClassLoader(), new Class<?>[] {MessageLog.class}, (proxy, method, arguments) -> {
                    if (method.getName().equals("readAfter")) throw failure;
                    try {
                        return method.invoke(log, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }

    @Test
    void anErrorOfTheLogIsReportedAndTheConnectionCanBeClosed() {
        Error failure = new InternalError("while reading");
        Outbox outbox = outbox(Runnable::run);
        outbox.start("welcome", broken(failure), log.lastId(), log.lastId());
        assertEquals(List.of(failure), failures);
        outbox.answer("error");
        outbox.close(1011, "internal");
        assertEquals(List.of("welcome", Envelopes.live(), "error", 1011), sent);
    }

    @Test
    void anErrorOfTheTransportIsReportedAndTheConnectionCanBeClosed() {
        Error failure = new InternalError("while sending");
        Outbox outbox = outbox(Runnable::run);
        inTransport = failure;
        outbox.answer("answer");
        assertEquals(List.of(failure), failures);
        outbox.close(1011, "internal");
        assertEquals(List.of(1011), sent);
    }

    @Test
    void aConnectionWhoseFailureCannotBeReportedIsAborted() {
        Outbox outbox = outbox(Runnable::run);
        inReport = new InternalError("while reporting");
        outbox.start("welcome", broken(new InternalError("while reading")), log.lastId(), log.lastId());
        assertEquals(List.of("welcome", Envelopes.live(), "abort"), sent);
    }

    @Test
    void aPumpWithoutAThreadIsMadeUpForByTheNext() {
        AtomicBoolean noThread = new AtomicBoolean(true);
        Outbox outbox = outbox(task -> {
            if (noThread.get()) throw new InternalError("unable to create native thread");
            task.run();
        });
        assertThrows(InternalError.class, () -> outbox.answer("first"));
        noThread.set(false);
        outbox.answer("second");
        assertEquals(List.of("first", "second"), sent);
    }
}

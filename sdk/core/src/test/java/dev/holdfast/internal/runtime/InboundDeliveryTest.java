package dev.holdfast.internal.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.holdfast.internal.session.Inbound;
import dev.holdfast.internal.session.Payload;
import dev.holdfast.internal.transport.Connection;
import java.lang.reflect.Proxy;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a batch of messages gives back of the inbound limit. */
class InboundDeliveryTest {
    /** With the 256 bytes that each message counts besides. */
    private static final int COST = 1_000;

    private final Queue<Runnable> turns = new ArrayDeque<>();
    private final List<String> events = new ArrayList<>();
    private final InboundBudget budget = new InboundBudget(8 * COST);
    private int heard;
    private int throwsAt;

    private final Connection connection = proxy(Connection.class, argument -> events.add(heard + " " + argument));
    private final ClientCallbacks callbacks = proxy(ClientCallbacks.class, message -> {
        if (++heard == throwsAt) throw new IllegalStateException("listener's");
    });

    private interface Call {
        void with(Object argument);
    }

    private static <T> T proxy(Class<T> type, Call call) {
        return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, (proxy, method, args) -> {
            call.with(args[0]);
            return null;
        }));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 4, 9})
    void bytesAreReleasedWithinABatchAndOnce(int thrown) {
        throwsAt = thrown;
        InboundDelivery delivery = new InboundDelivery(
                false,
                false,
                true,
                callbacks,
                budget,
                new HandledSignal(() -> 0),
                new SerialContext(turns::add, failure -> {}),
                () -> {});
        ListenerDispatcher dispatcher =
                new ListenerDispatcher(turns::add, false, turns::add, refusal -> {}, delivery::deliver);
        budget.readFrom(connection);
        budget.take(9 * COST, connection);
        for (int i = 0; i < 9; i++) dispatcher.gather(new Inbound(null, Payload.text(""), COST - 256));
        dispatcher.release();
        Thread.currentThread().setUncaughtExceptionHandler((thread, failure) -> {});
        try {
            turns.remove().run();
        } finally {
            Thread.currentThread().setUncaughtExceptionHandler(null);
        }
        // An eighth of the limit is one message: two are released together. An exception releases what has gathered.
        assertEquals(List.of("0 false", thrown == 1 ? "5 true" : "6 true"), events);
        assertEquals(9, heard);
        budget.take(8 * COST, connection);
        assertEquals(2, events.size(), "all nine were released");
        budget.take(1, connection);
        assertEquals("9 false", events.get(2), "each once");
    }
}

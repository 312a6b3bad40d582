package dev.holdfast.internal.runtime;

import static dev.holdfast.internal.session.QueueMessages.message;
import static dev.holdfast.internal.session.QueueMessages.name;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.holdfast.OutboundQueue;
import dev.holdfast.Outcome;
import dev.holdfast.internal.session.Effects;
import dev.holdfast.internal.session.Outbound;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** How messages end with a client that the SDK itself ends. */
class PanicOutcomesTest {
    private final List<String> ended = new ArrayList<>();

    private final Effects effects = (Effects) Proxy.newProxyInstance(
            Effects.class.getClassLoader(), new Class<?>[] {Effects.class}, (p, m, a) -> {
                if (m.getName().equals("ended")) ended.add(name((Outbound) a[0]) + " " + ((Outcome) a[1]).kind());
                return null;
            });

    private final SharedQueue queue = new SharedQueue(OutboundQueue.ofBytes(100), new SharedQueue.Owner() {
        @Override
        public void onChanged() {}

        @Override
        public void onEnded(Outbound message, Outcome outcome) {}
    });

    @Test
    void onlyWhatAnEarlierProcessMayHaveSentOrThisOneHandedOverIsUnknown() {
        queue.restore(List.of(message("n1")), false);
        queue.offer(message("n2"));
        new Panic(effects, queue, () -> {}).end(new RuntimeException("broken"), false);
        assertEquals(List.of("n1 UNKNOWN", "n2 CANCELLED"), ended);
    }
}

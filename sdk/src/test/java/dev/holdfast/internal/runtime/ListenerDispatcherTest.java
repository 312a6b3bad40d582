package dev.holdfast.internal.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** How callbacks share the turns of an executor. */
class ListenerDispatcherTest {
    private final ArrayDeque<Runnable> turns = new ArrayDeque<>();
    private final List<Integer> called = new ArrayList<>();

    private ListenerDispatcher dispatcher(boolean applications) {
        return new ListenerDispatcher(turns::add, applications, turns::add, () -> {});
    }

    @Test
    void whatIsGatheredSharesATurn() {
        ListenerDispatcher dispatcher = dispatcher(false);
        for (int i = 0; i < 3; i++) {
            int number = i;
            dispatcher.gather(() -> called.add(number));
        }
        assertEquals(0, turns.size());
        dispatcher.release();
        dispatcher.release();
        assertEquals(1, turns.size());
        turns.remove().run();
        assertEquals(List.of(0, 1, 2), called);
        dispatcher.post(() -> called.add(3));
        assertEquals(1, turns.size());
    }

    @Test
    void noMoreIsGatheredThanALittle() {
        ListenerDispatcher dispatcher = dispatcher(false);
        for (int i = 0; i < 1000; i++) dispatcher.gather(() -> called.add(0));
        assertEquals(1, turns.size());
        turns.remove().run();
        assertEquals(1000, called.size());
        assertEquals(0, turns.size());
    }

    @Test
    void whatIsPostedBehindWhatWasGatheredKeepsItsPlace() {
        ListenerDispatcher dispatcher = dispatcher(false);
        dispatcher.gather(() -> called.add(0));
        dispatcher.post(() -> called.add(1));
        dispatcher.release();
        turns.remove().run();
        assertEquals(List.of(0, 1), called);
    }

    @Test
    void anApplicationsExecutorGetsToDoOtherThingsBetween() {
        ListenerDispatcher dispatcher = dispatcher(true);
        for (int i = 0; i < 150; i++) dispatcher.post(() -> called.add(0));
        turns.remove().run();
        assertEquals(64, called.size());
        turns.remove().run();
        turns.remove().run();
        assertEquals(150, called.size());
        assertEquals(0, turns.size());
    }
}

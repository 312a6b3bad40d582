package dev.holdfast.internal.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.internal.session.Inbound;
import dev.holdfast.internal.session.Payload;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** How callbacks share the turns of an executor. */
class ListenerDispatcherTest {
    private final ArrayDeque<Runnable> turns = new ArrayDeque<>();
    private final List<Integer> called = new ArrayList<>();
    private int batches;

    private ListenerDispatcher dispatcher(boolean applications) {
        return new ListenerDispatcher(turns::add, applications, turns::add, refusal -> {}, batch -> {
            batches++;
            for (Inbound message; (message = batch.next()) != null; ) {
                called.add((int) message.cost());
                if (message.cost() < 0) throw new IllegalStateException("listener's");
            }
        });
    }

    private static Inbound message(int number) {
        return new Inbound(null, Payload.text(""), number);
    }

    @Test
    void whatIsGatheredSharesATurn() {
        ListenerDispatcher dispatcher = dispatcher(false);
        for (int i = 0; i < 3; i++) dispatcher.gather(message(i));
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
        for (int i = 0; i < 1024; i++) dispatcher.gather(message(0));
        assertEquals(1, turns.size());
        turns.remove().run();
        assertEquals(1024, called.size());
        assertEquals(4, batches);
        assertEquals(0, turns.size());
    }

    @Test
    void aListenerThatThrowsDoesNotKeepTheRestBack() {
        Thread.currentThread().setUncaughtExceptionHandler((thread, thrown) -> called.add(100));
        try {
            ListenerDispatcher dispatcher = dispatcher(false);
            for (int i = -1; i <= 0; i++) dispatcher.gather(message(i));
            dispatcher.release();
            turns.remove().run();
            assertEquals(List.of(-1, 100, 0), called);
            assertEquals(2, batches, "one call for what is behind the message");
        } finally {
            Thread.currentThread().setUncaughtExceptionHandler(null);
        }
    }

    @Test
    void aHandlerThatThrowsDoesNotKeepTheRestBack() {
        Thread.currentThread().setUncaughtExceptionHandler((thread, thrown) -> {
            called.add(100);
            throw new AssertionError("handler");
        });
        try {
            for (boolean applications : new boolean[] {false, true}) {
                called.clear();
                ListenerDispatcher dispatcher = dispatcher(applications);
                dispatcher.gather(message(-1));
                dispatcher.release();
                dispatcher.post(() -> {
                    throw new AssertionError("callback");
                });
                dispatcher.post(() -> called.add(1));
                turns.remove().run();
                dispatcher.post(() -> called.add(2));
                turns.remove().run();
                assertEquals(List.of(-1, 100, 100, 1, 2), called);
            }
        } finally {
            Thread.currentThread().setUncaughtExceptionHandler(null);
        }
    }

    @Test
    void aTurnThatAnExecutorKeepsAndRefusesRunsOnce() {
        List<Runnable> kept = new ArrayList<>();
        ListenerDispatcher dispatcher = new ListenerDispatcher(
                task -> {
                    kept.add(task);
                    throw new OutOfMemoryError("unable to create native thread");
                },
                false,
                turns::add,
                refusal -> called.add(100),
                batch -> {});
        dispatcher.post(() -> {
            called.add(1);
            kept.forEach(Runnable::run);
            called.add(2);
        });
        dispatcher.post(() -> called.add(3));
        turns.remove().run();
        assertEquals(List.of(100, 1, 2, 3), called);
    }

    @Test
    void theThreadOfACallbackIsTheOneThatMustNotWait() {
        for (boolean applications : new boolean[] {false, true}) {
            ListenerDispatcher dispatcher = dispatcher(applications);
            List<Boolean> inCallback = new ArrayList<>();
            dispatcher.post(() -> inCallback.add(dispatcher.waitsForThisThread()));
            assertFalse(dispatcher.waitsForThisThread());
            turns.remove().run();
            assertEquals(List.of(true), inCallback);
            assertFalse(dispatcher.waitsForThisThread(), "a pool may have another thread");
            assertEquals(applications, dispatcher.isCallbackThread());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"JavaFX Application Thread", "AWT-EventQueue-0"})
    void aUserInterfacesThreadMustNotWaitOutsideOfACallbackEither(String name) {
        ListenerDispatcher dispatcher = dispatcher(true);
        Thread current = Thread.currentThread();
        String before = current.getName();
        current.setName(name);
        try {
            assertFalse(dispatcher.waitsForThisThread(), "no callback has come here");
            dispatcher.post(() -> {});
            turns.remove().run();
            assertTrue(dispatcher.waitsForThisThread());
        } finally {
            current.setName(before);
        }
    }

    @Test
    void messagesCountInTheTurnsOfAnApplicationsExecutor() {
        ListenerDispatcher dispatcher = dispatcher(true);
        for (int i = 0; i < 150; i++) dispatcher.gather(message(i));
        dispatcher.release();
        turns.remove().run();
        assertEquals(64, called.size());
        turns.remove().run();
        turns.remove().run();
        assertEquals(150, called.size());
        assertEquals(0, turns.size());
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

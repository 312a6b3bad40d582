package dev.holdfast.internal.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.holdfast.internal.concurrent.WillingExecutor;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Whatever throws, the tasks behind it run. */
class SerialContextTest {
    private final ArrayDeque<Runnable> turns = new ArrayDeque<>();
    private final List<String> ran = new ArrayList<>();

    @BeforeEach
    void breakTheHandler() {
        Thread.currentThread().setUncaughtExceptionHandler((thread, thrown) -> {
            ran.add("handler");
            throw new AssertionError("handler");
        });
    }

    @AfterEach
    void giveTheHandlerBack() {
        Thread.currentThread().setUncaughtExceptionHandler(null);
    }

    private static void fails() {
        throw new AssertionError("task");
    }

    @Test
    void whatATaskThrowsIsTakenInItsPlace() {
        SerialContext serial = new SerialContext(turns::add, thrown -> ran.add(thrown.getMessage()));
        serial.post(SerialContextTest::fails);
        serial.post(() -> ran.add("next"));
        turns.remove().run();
        serial.execute(SerialContextTest::fails);
        serial.execute(() -> ran.add("last"));
        assertEquals(List.of("task", "next", "task", "last"), ran);
        assertEquals(0, turns.size());
    }

    @Test
    void aTaskSeesTheOneThatWaitsBehindIt() {
        SerialContext serial = new SerialContext(turns::add, thrown -> ran.add(thrown.getMessage()));
        Runnable last = () -> assertNull(serial.next());
        Runnable behind = () -> {
            ran.add("behind");
            assertSame(last, serial.next());
        };
        serial.execute(() -> {
            assertNull(serial.next());
            serial.post(behind);
            serial.post(last);
            assertSame(behind, serial.next());
        });
        assertEquals(List.of("behind"), ran);
    }

    @Test
    void nothingThatThrowsKeepsTheTasksBehindFromRunning() {
        SerialContext serial = new SerialContext(turns::add, thrown -> {
            throw new AssertionError("again");
        });
        serial.post(SerialContextTest::fails);
        serial.post(() -> ran.add("next"));
        turns.remove().run();
        serial.execute(SerialContextTest::fails);
        serial.execute(() -> ran.add("last"));
        serial.post(() -> ran.add("posted"));
        turns.remove().run();
        assertEquals(List.of("handler", "next", "handler", "last", "posted"), ran);
    }

    @Test
    void nothingRunsWhileTheContextIsSuspended() {
        SerialContext serial = new SerialContext(turns::add, thrown -> ran.add(thrown.getMessage()));
        serial.execute(() -> {
            serial.suspend(() -> ran.add("work"));
            assertThrows(IllegalStateException.class, () -> serial.suspend(() -> {}));
            ran.add("task");
        });
        serial.execute(() -> ran.add("behind"));
        serial.post(() -> ran.add("last"));
        assertEquals(List.of("task", "work"), ran);
        assertEquals(0, turns.size());
        serial.resume(() -> {
            serial.checkConfined();
            ran.add("rest");
            serial.suspend(() -> ran.add("more work"));
        });
        assertEquals(List.of("task", "work", "rest", "more work"), ran);
        serial.resume(SerialContextTest::fails);
        assertEquals(List.of("task", "work", "rest", "more work", "task", "behind", "last"), ran);
        serial.execute(() -> ran.add("next"));
        assertEquals("next", ran.get(7));
    }

    @Test
    void aTaskThatIsRefusedRunsElsewhereAndOnce() {
        List<Runnable> kept = new ArrayList<>();
        Executor keeps = task -> {
            kept.add(task);
            throw new RejectedExecutionException("no thread");
        };
        SerialContext first = new SerialContext(new WillingExecutor(keeps, turns::add), thrown -> {});
        first.post(() -> ran.add("on the second"));
        assertEquals(List.of(), ran);
        turns.remove().run();
        SerialContext second = new SerialContext(new WillingExecutor(keeps, keeps), thrown -> {});
        second.post(() -> ran.add("on the caller's thread"));
        kept.forEach(Runnable::run);
        second.execute(() -> ran.add("last"));
        assertEquals(List.of("on the second", "on the caller's thread", "last"), ran);
    }

    @Test
    void onlyATaskOfTheContextIsConfinedToIt() {
        SerialContext serial = new SerialContext(turns::add, thrown -> ran.add(thrown.getMessage()));
        assertThrows(IllegalStateException.class, serial::checkConfined);
        serial.execute(() -> {
            serial.checkConfined();
            ran.add("inside");
            CompletableFuture<Void> elsewhere = CompletableFuture.runAsync(serial::checkConfined);
            assertThrows(CompletionException.class, elsewhere::join);
            serial.execute(() -> {
                serial.checkConfined();
                ran.add("behind");
            });
        });
        serial.execute(SerialContextTest::fails);
        assertThrows(IllegalStateException.class, serial::checkConfined);
        serial.post(serial::checkConfined);
        turns.remove().run();
        assertEquals(List.of("inside", "behind", "task"), ran);
    }
}

package dev.holdfast.internal.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.holdfast.StoreException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Whatever a call of the store does, the client goes on, and each call ends once. */
class StoreCallsTest {
    /** The ticks after which a call is given up. */
    private static final int TOO_MANY = 7;

    private final Deque<Runnable> threads = new ArrayDeque<>();
    private final Deque<Runnable> timers = new ArrayDeque<>();
    private final List<Throwable> thrown = new ArrayList<>();
    private final List<String> ended = new ArrayList<>();
    private boolean hasNoTimer;

    private final SerialContext serial = new SerialContext(threads::add, thrown::add);
    private final StoreCalls calls = new StoreCalls(
            serial,
            threads::add,
            (task, delay) -> {
                if (hasNoTimer) throw new IllegalStateException("no timer");
                timers.add(task);
                return () -> {};
            },
            () -> ended.add("late"));

    private void call(StoreCalls.Work<String> work) {
        serial.post(() -> calls.call(
                work,
                (result, failure) -> ended.add(failure == null ? result : failure.kind() + " " + failure.getCause())));
    }

    private void run() {
        for (Runnable next; (next = threads.poll()) != null; ) next.run();
    }

    /** Runs the task of the serial context that makes the call, and leaves the call without a thread. */
    private void begin() {
        threads.remove().run();
        assertEquals(1, threads.size());
    }

    private void tick(int times) {
        for (int i = 0; i < times; i++) timers.remove().run();
    }

    @AfterEach
    void giveTheHandlerBack() {
        Thread.currentThread().setUncaughtExceptionHandler(null);
    }

    @Test
    void theContextWaitsForTheCall() {
        call(() -> {
            assertThrows(IllegalStateException.class, serial::checkConfined);
            return "done";
        });
        serial.post(() -> ended.add("next task"));
        begin();
        assertEquals(List.of(), ended);
        run();
        assertEquals(List.of("done", "next task"), ended);
    }

    @Test
    void anErrorGoesToTheContextAndTheNextTaskRuns() {
        Error error = new StackOverflowError();
        call(() -> {
            throw error;
        });
        serial.post(() -> ended.add("next task"));
        run();
        assertSame(error, thrown.get(0));
        assertEquals(List.of("next task"), ended);
    }

    @SuppressWarnings("unchecked")
    private static <E extends Throwable> void throwUndeclared(Throwable undeclared) throws E {
        throw (E) undeclared;
    }

    @Test
    void whateverElseIsThrownIsAFailureOfTheStore() {
        call(() -> {
            StoreCallsTest.<RuntimeException>throwUndeclared(new InterruptedException("undeclared"));
            return "done";
        });
        call(() -> {
            throw new StoreException(StoreException.Kind.DAMAGED, "damaged", null);
        });
        run();
        assertEquals(List.of("FAILED java.lang.InterruptedException: undeclared", "DAMAGED null"), ended);
    }

    @Test
    void aCallThatReturnsLateIsGivenUpOnce() {
        call(() -> {
            tick(TOO_MANY - 1);
            assertEquals(1, timers.size());
            tick(1);
            assertEquals(List.of(), ended);
            return "late result";
        });
        serial.post(() -> ended.add("next task"));
        begin();
        threads.remove().run();
        assertEquals(List.of("late"), ended);
        run();
        assertEquals(List.of("late", "TIMED_OUT null", "next task"), ended);
    }

    @Test
    void aCallThatHasWaitedTooLongForAThreadDoesNotBegin() {
        call(() -> {
            ended.add("begun");
            return "done";
        });
        begin();
        tick(TOO_MANY);
        run();
        assertEquals(List.of("late", "TIMED_OUT null"), ended);
        assertEquals(List.of(), thrown);
    }

    @Test
    void eachCallHasItsOwnTime() {
        StoreCalls.Work<String> slow = () -> {
            tick(TOO_MANY - 1);
            return "slow";
        };
        call(slow);
        call(slow);
        run();
        assertEquals(List.of("slow", "slow"), ended);
    }

    @Test
    void manyCallsShareATimerWhichEndsWithoutACall() {
        for (int i = 0; i < 3; i++) call(() -> "done");
        run();
        assertEquals(1, timers.size());
        tick(1);
        assertEquals(0, timers.size());
        call(() -> "later");
        begin();
        tick(TOO_MANY);
        run();
        assertEquals(List.of("done", "done", "done", "late", "TIMED_OUT null"), ended);
    }

    @Test
    void withoutATimerACallIsMadeAllTheSameAndTheNextOneHasOne() {
        List<String> reported = new ArrayList<>();
        Thread.currentThread().setUncaughtExceptionHandler((thread, e) -> reported.add(e.getMessage()));
        hasNoTimer = true;
        call(() -> "without a limit");
        run();
        assertEquals(List.of("without a limit"), ended);
        assertEquals(List.of("no timer"), reported);
        hasNoTimer = false;
        call(() -> "with one");
        begin();
        tick(TOO_MANY);
        run();
        assertEquals(List.of("without a limit", "late", "TIMED_OUT null"), ended);
        assertEquals(List.of(), thrown);
    }
}

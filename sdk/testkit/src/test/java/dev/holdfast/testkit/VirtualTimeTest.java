package dev.holdfast.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.Test;

class VirtualTimeTest {
    private final VirtualTime time = new VirtualTime();
    private final List<String> ran = new ArrayList<>();

    private void at(long millis, String name) {
        time.schedule(
                Duration.ofMillis(millis), () -> ran.add(name + " " + time.now().toMillis()));
    }

    @Test
    void tasksRunAtTheirTimesInTheOrderOfTheirAdding() {
        at(20, "c");
        at(10, "a");
        at(10, "b");
        time.executor().execute(() -> at(5, "first"));
        time.advance(Duration.ofMillis(15));
        assertEquals(List.of("first 5", "a 10", "b 10"), ran);
        assertEquals(Duration.ofMillis(15), time.now());
        time.advance(Duration.ofMillis(5));
        assertEquals("c 20", ran.get(3));
    }

    @Test
    void aWaitEndsWithTheConditionOrFailsAtItsLimit() {
        at(10, "a");
        at(20, "b");
        time.runUntil(() -> !ran.isEmpty(), Duration.ofSeconds(1));
        assertEquals(Duration.ofMillis(10), time.now());
        AssertionError error =
                assertThrows(AssertionError.class, () -> time.runUntil(() -> false, Duration.ofSeconds(1)));
        assertTrue(error.getMessage().contains("1.000 s of virtual time"), error.getMessage());
        assertEquals(Duration.ofMillis(1010), time.now());
    }

    @Test
    void futuresAreAwaited() throws Exception {
        CompletableFuture<String> future = new CompletableFuture<>();
        time.schedule(Duration.ofSeconds(5), () -> future.complete("done"));
        assertEquals("done", time.await(future));
        CompletableFuture<String> failed = new CompletableFuture<>();
        IllegalStateException why = new IllegalStateException();
        time.executor().execute(() -> failed.completeExceptionally(why));
        ExecutionException thrown = assertThrows(ExecutionException.class, () -> time.await(failed));
        assertSame(why, thrown.getCause());
        assertThrows(AssertionError.class, () -> time.await(new CompletableFuture<>()));
    }

    @Test
    void whatATaskThrowsTheTestSees() {
        AssertionError error = new AssertionError("in a task");
        time.executor().execute(() -> {
            throw error;
        });
        assertSame(error, assertThrows(AssertionError.class, () -> time.advance(Duration.ZERO)));
        Thread.UncaughtExceptionHandler before = Thread.currentThread().getUncaughtExceptionHandler();
        time.executor().execute(() -> {
            Thread thread = Thread.currentThread();
            thread.getUncaughtExceptionHandler().uncaughtException(thread, error);
        });
        assertSame(error, assertThrows(AssertionError.class, () -> time.advance(Duration.ZERO)));
        assertSame(before, Thread.currentThread().getUncaughtExceptionHandler());
    }

    @Test
    void timeThatStandsStillIsAnErrorAndNoEndlessLoop() {
        time.executor().execute(this::again);
        AssertionError error = assertThrows(AssertionError.class, () -> time.advance(Duration.ofSeconds(1)));
        assertTrue(error.getMessage().contains("time stands still"), error.getMessage());
    }

    private void again() {
        time.executor().execute(this::again);
    }

    @Test
    void aCallbackMustNotWait() {
        time.executor().execute(() -> time.advance(Duration.ofSeconds(1)));
        assertThrows(IllegalStateException.class, () -> time.advance(Duration.ofSeconds(1)));
    }

    @Test
    void negativeTimesAreRefused() {
        assertThrows(IllegalArgumentException.class, () -> time.advance(Duration.ofMillis(-1)));
        assertThrows(IllegalArgumentException.class, () -> time.schedule(Duration.ofMillis(-1), () -> {}));
    }
}

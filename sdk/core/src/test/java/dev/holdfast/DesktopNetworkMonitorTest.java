package dev.holdfast;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.internal.time.FakeClock;
import dev.holdfast.internal.time.Scheduler;
import java.net.SocketException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("slow")
class DesktopNetworkMonitorTest {
    private static final Duration INTERVAL = Duration.ofSeconds(2);
    private static final String WIFI = "wlan0 192.0.2.7";
    private static final String CABLE = "eth0 198.51.100.7";

    private final FakeClock clock = new FakeClock();
    private final NetworkRecorder recorder = new NetworkRecorder();
    private final AtomicInteger looks = new AtomicInteger();
    private Set<String> routes = Set.of(WIFI);
    private boolean broken;

    private final DesktopNetworkMonitor monitor = new DesktopNetworkMonitor(this::look, clock, INTERVAL.toNanos());

    @Test
    void tellsHowThingsStandWithoutMakingTheCallerWait() {
        monitor.watch(recorder);
        assertEquals(0, looks.get());
        clock.advance(Duration.ZERO);
        assertEquals(List.of("available"), recorder.calls());
    }

    @Test
    void tellsThatThereIsNone() {
        routes = Set.of();
        monitor.watch(recorder);
        clock.advance(Duration.ZERO);
        assertEquals(List.of("lost"), recorder.calls());
    }

    @Test
    void tellsEachChangeAtTheNextLook() {
        monitor.watch(recorder);
        clock.advance(Duration.ZERO);
        routes = Set.of(WIFI, CABLE);
        clock.advance(Duration.ofMillis(1999));
        assertEquals(List.of("available"), recorder.calls());
        clock.advance(Duration.ofMillis(1));
        assertEquals(List.of("available", "changed"), recorder.calls(), "one more");
        routes = Set.of(CABLE);
        clock.advance(INTERVAL);
        assertEquals(List.of("available", "changed", "changed"), recorder.calls(), "one less");
        routes = Set.of();
        clock.advance(INTERVAL.multipliedBy(3));
        assertEquals(List.of("available", "changed", "changed", "lost"), recorder.calls());
        routes = Set.of(WIFI);
        clock.advance(INTERVAL.multipliedBy(3));
        assertEquals(List.of("available", "changed", "changed", "lost", "available"), recorder.calls());
    }

    @Test
    void anotherOrderIsNoChange() {
        routes = new LinkedHashSet<>(Arrays.asList(WIFI, CABLE));
        monitor.watch(recorder);
        clock.advance(Duration.ZERO);
        routes = new LinkedHashSet<>(Arrays.asList(CABLE, WIFI));
        clock.advance(INTERVAL);
        assertEquals(2, looks.get());
        assertEquals(List.of("available"), recorder.calls());
    }

    @Test
    void whoComesLaterIsToldAtOnceAndLooksAreShared() {
        monitor.watch(recorder);
        clock.advance(Duration.ZERO);
        NetworkRecorder late = new NetworkRecorder();
        monitor.watch(late);
        assertEquals(List.of("available"), late.calls());
        clock.advance(INTERVAL);
        assertEquals(2, looks.get());
    }

    @Test
    void nobodyLooksWhenNobodyWatches() {
        clock.assertNothingPending();
        NetworkMonitor.Registration first = monitor.watch(recorder);
        NetworkMonitor.Registration second = monitor.watch(recorder);
        clock.advance(Duration.ZERO);
        first.close();
        clock.advance(INTERVAL);
        assertEquals(2, looks.get());
        second.close();
        second.close();
        clock.assertNothingPending();
    }

    @Test
    void whatWasSeenBeforeIsNotToldToWhoWatchesAnew() {
        monitor.watch(recorder).close();
        clock.advance(Duration.ZERO);
        NetworkMonitor.Registration registration = monitor.watch(recorder);
        clock.advance(Duration.ZERO);
        registration.close();
        routes = Set.of();
        monitor.watch(recorder);
        assertEquals(List.of("available"), recorder.calls());
        clock.advance(Duration.ZERO);
        assertEquals(List.of("available", "lost"), recorder.calls());
    }

    @Test
    void aLookThatEndsAfterTheLastWatcherWentTellsNothing() {
        AtomicBoolean closed = new AtomicBoolean();
        NetworkMonitor.Registration[] registration = new NetworkMonitor.Registration[1];
        DesktopNetworkMonitor slow = new DesktopNetworkMonitor(
                () -> {
                    registration[0].close();
                    closed.set(true);
                    return Set.of(WIFI);
                },
                clock,
                INTERVAL.toNanos());
        registration[0] = slow.watch(recorder);
        clock.advance(Duration.ZERO);
        assertTrue(closed.get());
        assertEquals(List.of(), recorder.calls());
        clock.assertNothingPending();
    }

    @Test
    void aLookThatFailsChangesNothing() {
        monitor.watch(recorder);
        clock.advance(Duration.ZERO);
        broken = true;
        clock.advance(INTERVAL);
        assertEquals(2, looks.get());
        assertEquals(List.of("available"), recorder.calls());
        broken = false;
        routes = Set.of();
        clock.advance(INTERVAL);
        assertEquals(List.of("available", "lost"), recorder.calls());
    }

    @Test
    void aLookThatFailsWithAnErrorIsReportedAndTheNextOneComes() {
        List<Throwable> uncaught = new ArrayList<>();
        boolean[] fails = {true};
        DesktopNetworkMonitor failing = new DesktopNetworkMonitor(
                () -> {
                    if (fails[0]) throw new AssertionError("platform");
                    return routes;
                },
                clock,
                INTERVAL.toNanos());
        Thread.currentThread().setUncaughtExceptionHandler((thread, e) -> uncaught.add(e));
        try {
            failing.watch(recorder);
            clock.advance(Duration.ZERO);
        } finally {
            Thread.currentThread().setUncaughtExceptionHandler(null);
        }
        assertEquals(1, uncaught.size());
        fails[0] = false;
        clock.advance(INTERVAL);
        assertEquals(List.of("available"), recorder.calls());
    }

    @Test
    void whereNoLookCanBeScheduledNobodyWaitsForANetworkAndTheNextWatcherBeginsAnew() {
        boolean[] refuses = {true};
        Scheduler scheduler = (task, delay) -> {
            if (refuses[0]) throw new OutOfMemoryError("unable to create native thread");
            return clock.schedule(task, delay);
        };
        DesktopNetworkMonitor poor = new DesktopNetworkMonitor(this::look, scheduler, INTERVAL.toNanos());
        assertThrows(OutOfMemoryError.class, () -> poor.watch(recorder));
        refuses[0] = false;
        routes = Set.of();
        poor.watch(recorder);
        clock.advance(Duration.ZERO);
        assertEquals(List.of("lost"), recorder.calls());
        refuses[0] = true;
        assertThrows(OutOfMemoryError.class, () -> clock.advance(INTERVAL));
        assertEquals(List.of("lost", "available"), recorder.calls());
        refuses[0] = false;
        NetworkRecorder late = new NetworkRecorder();
        poor.watch(late);
        clock.advance(Duration.ZERO);
        assertEquals(List.of("lost", "available", "lost"), recorder.calls());
        assertEquals("lost", late.calls().get(late.calls().size() - 1));
    }

    @Test
    void anIntervalIsPositive() {
        assertThrows(IllegalArgumentException.class, () -> NetworkMonitor.desktop(Duration.ZERO));
    }

    /** The real thing: whether this machine has a network nobody knows, but it is told one or the other. */
    @Test
    void tellsOfThisMachineAndLeavesNoThread() {
        NetworkMonitor.Registration registration =
                NetworkMonitor.desktop(Duration.ofMillis(100)).watch(recorder);
        await(() -> !recorder.calls().isEmpty());
        assertTrue(List.of(List.of("available"), List.of("lost")).contains(recorder.calls()));
        assertTrue(threads().allMatch(Thread::isDaemon));
        assertNotEquals(0, threads().count());
        NetworkRecorder shared = new NetworkRecorder();
        NetworkMonitor.Registration second = NetworkMonitor.desktop().watch(shared);
        await(() -> !shared.calls().isEmpty());
        assertEquals(1, threads().count(), "one thread for all monitors");
        assertEquals(recorder.calls(), shared.calls());
        registration.close();
        second.close();
        await(() -> threads().count() == 0);
    }

    private Set<String> look() throws SocketException {
        looks.incrementAndGet();
        if (broken) throw new SocketException("no such device");
        return routes;
    }

    private static Stream<Thread> threads() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().equals(DesktopNetworkMonitor.THREAD_NAME));
    }

    private static void await(BooleanSupplier condition) {
        assertTimeoutPreemptively(Duration.ofSeconds(10), () -> {
            while (!condition.getAsBoolean()) LockSupport.parkNanos(1_000_000);
        });
    }
}

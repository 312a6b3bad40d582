package dev.holdfast;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.internal.runtime.AttemptBudget;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CyclicBarrier;
import org.junit.jupiter.api.Test;

class ConnectRateLimitTest {
    private static final String HOST = "example.com";
    private static final long SECOND = SECONDS.toNanos(1);
    private static final long START = SECONDS.toNanos(3600);

    /** Five at once, then one every 2 s. */
    private final AttemptBudget budget =
            ConnectRateLimit.perHost(5, Duration.ofSeconds(10)).attempts();

    @Test
    void theWholeBudgetGoesAtOnceAndTheRestEvenlyApart() {
        assertEquals(
                List.of(0L, 0L, 0L, 0L, 0L, 2 * SECOND, 4 * SECOND, 6 * SECOND),
                List.of(take(), take(), take(), take(), take(), take(), take(), take()));
    }

    @Test
    void whatIsNotUsedComesBackAndNoMore() {
        for (int i = 0; i < 5; i++) take();
        assertEquals(0, budget.reserve(HOST, START + 2 * SECOND));
        assertEquals(2 * SECOND, budget.reserve(HOST, START + 2 * SECOND));
        long muchLater = START + 1_000_000 * SECOND;
        for (int i = 0; i < 5; i++) assertEquals(0, budget.reserve(HOST, muchLater));
        assertEquals(2 * SECOND, budget.reserve(HOST, muchLater));
    }

    @Test
    void hostsDoNotShare() {
        for (int i = 0; i < 5; i++) take();
        assertEquals(0, budget.reserve("other.example.com", START));
        assertEquals(2 * SECOND, take());
    }

    @Test
    void aTurnThatIsGivenBackIsAnothers() {
        for (int i = 0; i < 5; i++) take();
        assertEquals(2 * SECOND, take());
        budget.giveBack(HOST);
        assertEquals(2 * SECOND, take());
    }

    @Test
    void givingBackToAHostThatIsForgottenDoesNothing() {
        budget.giveBack(HOST);
        for (int i = 0; i < 5; i++) assertEquals(0, take());
        assertEquals(2 * SECOND, take());
    }

    @Test
    void theHostsUsedLeastRecentlyAreForgottenFirst() {
        String second = "second.example.com";
        for (int i = 0; i < 5; i++) {
            take();
            budget.reserve(second, START);
        }
        for (int i = 0; i < 1022; i++) budget.reserve("host" + i, START);
        assertEquals(2 * SECOND, take(), "1,024 hosts are remembered");
        budget.reserve("one more", START);
        assertEquals(0, budget.reserve(second, START), "the least recently used is forgotten");
        assertEquals(4 * SECOND, take(), "the one used since is not");
    }

    @Test
    void neverMoreInAnyWindowThanTheBucketAndWhatFlowsIn() {
        Random random = new Random(42);
        List<Long> turns = new ArrayList<>();
        long now = START;
        for (int i = 0; i < 10_000; i++) {
            now += (long) (random.nextDouble() * 4 * SECOND);
            turns.add(now + budget.reserve(HOST, now));
        }
        for (int i = 10; i < turns.size(); i++) {
            // Five of the bucket and five that flow in during 10 s; the eleventh comes no sooner.
            assertTrue(turns.get(i) - turns.get(i - 10) >= 10 * SECOND, "11 attempts in less than the window");
            assertTrue(turns.get(i) >= turns.get(i - 1), "in the order of asking");
        }
    }

    @Test
    void noTurnIsGivenTwiceToClientsOnDifferentThreads() throws InterruptedException {
        AttemptBudget shared =
                ConnectRateLimit.perHost(1, Duration.ofSeconds(1)).attempts();
        int clients = 4;
        int each = 50_000;
        long[][] turns = new long[clients][each];
        CyclicBarrier together = new CyclicBarrier(clients);
        List<Thread> threads = new ArrayList<>();
        for (long[] mine : turns) {
            threads.add(new Thread(() -> {
                try {
                    together.await();
                } catch (InterruptedException | BrokenBarrierException e) {
                    throw new AssertionError(e);
                }
                for (int i = 0; i < each; i++) mine[i] = shared.reserve(HOST, START);
            }));
        }
        for (Thread thread : threads) thread.start();
        for (Thread thread : threads) thread.join();
        assertEquals(
                200_000,
                Arrays.stream(turns).flatMapToLong(Arrays::stream).distinct().count());
    }

    @Test
    void evenTheLargestBudgetIsSomeTimeApart() {
        AttemptBudget large =
                ConnectRateLimit.perHost(Integer.MAX_VALUE, Duration.ofNanos(1)).attempts();
        assertEquals(0, large.reserve(HOST, START));
        AttemptBudget slow =
                ConnectRateLimit.perHost(1, Duration.ofSeconds(Long.MAX_VALUE)).attempts();
        assertEquals(0, slow.reserve(HOST, START));
        assertEquals(Duration.ofDays(365).toNanos(), slow.reserve(HOST, START));
    }

    @Test
    void turnsThatAreAYearApartDoNotOverflow() {
        AttemptBudget slow =
                ConnectRateLimit.perHost(1, Duration.ofSeconds(Long.MAX_VALUE)).attempts();
        assertEquals(0, slow.reserve(HOST, START));
        for (int i = 0; i < 1_000; i++) assertTrue(slow.reserve(HOST, START) > 0);
    }

    @Test
    void aBudgetIsPositive() {
        assertThrows(IllegalArgumentException.class, () -> ConnectRateLimit.perHost(0, Duration.ofSeconds(1)));
        assertThrows(IllegalArgumentException.class, () -> ConnectRateLimit.perHost(1, Duration.ZERO));
    }

    private long take() {
        return budget.reserve(HOST, START);
    }
}

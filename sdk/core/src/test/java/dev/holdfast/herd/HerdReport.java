package dev.holdfast.herd;

import dev.holdfast.Backoff;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/** The table and the plot of {@code docs/reconnecting.md}. */
final class HerdReport {
    static final int CLIENTS = 100_000;
    static final double ACCEPTS_A_SECOND = 5_000;

    private static final long SEED = 42;
    private static final int LIMIT_SECONDS = 600;
    private static final double[] DOWN = {0, 5, 20};

    private static final Policy BACKOFF =
            Policy.of(Backoff.exponential(Duration.ofMillis(500), Duration.ofSeconds(30)));

    static final Policy FIXED = Policy.fixed(5);
    static final Policy GROWING = Policy.growing(1, 1.3, 10);
    static final Policy CUT_AFTER_JITTER = Policy.cutAfterJitter(1, 30);
    static final Policy WITHOUT_A_WORD = BACKOFF;
    static final Policy SPREAD_THEN_BACKOFF = Policy.spread(10, BACKOFF);
    static final Policy SPREAD_AND_KEPT = Policy.spreadAndKept(30, BACKOFF);
    static final Policy QUICK_UNTIL_REFUSED = Policy.onceRefused(BACKOFF, SPREAD_AND_KEPT);

    private HerdReport() {}

    /** Prints the table. */
    public static void main(String[] args) {
        System.out.print(table());
    }

    static String table() {
        Map<String, Policy> policies = new LinkedHashMap<>();
        policies.put("fixed 5 s", FIXED);
        policies.put("1 s × 1.3ⁿ to 10 s, no jitter", GROWING);
        policies.put("1 s × 2ⁿ ± 50 %, then cut at 30 s", CUT_AFTER_JITTER);
        policies.put("full jitter 0.5 s to 30 s", WITHOUT_A_WORD);
        policies.put("spread over 10 s, then full jitter", SPREAD_THEN_BACKOFF);
        policies.put("spread over 30 s, kept", SPREAD_AND_KEPT);
        policies.put("full jitter; once refused spread over 30 s, kept", QUICK_UNTIL_REFUSED);
        StringBuilder table = new StringBuilder();
        table.append(
                "| delay | down | peak, 1 s | peak, 0.1 s | once up | flat | peak ÷ flat, 1 s | 0.1 s | 50 % | 99 % | all"
                        + " | attempts |\n");
        table.append("|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|\n");
        policies.forEach((name, policy) -> {
            for (double down : DOWN) row(table, name, down, run(policy, down));
        });
        return table.toString();
    }

    static Comeback run(Policy policy, double down) {
        return new Herd(CLIENTS, down, ACCEPTS_A_SECOND).run(policy, SEED, LIMIT_SECONDS);
    }

    private static void row(StringBuilder table, String name, double down, Comeback comeback) {
        double flat = comeback.flat();
        table.append(String.format(
                Locale.ROOT,
                "| %s | %.0f s | %,.0f | %,.0f | %,.0f | %,.0f | **%.2f** | %.2f | %.0f s | %.0f s | %.0f s | %.1f |\n",
                name,
                down,
                comeback.peak(1000),
                comeback.peak(100),
                comeback.peakFrom(down),
                flat,
                comeback.peak(1000) / flat,
                comeback.peak(100) / flat,
                comeback.timeUntilBack(0.5),
                comeback.timeUntilBack(0.99),
                comeback.timeUntilBack(1),
                (double) comeback.totalAttempts() / CLIENTS));
    }

    static String plot() {
        double down = 5;
        return new HerdPlot(60)
                .line("fixed 5 s", "#999999", run(FIXED, down))
                .line("1 s × 1.3ⁿ", "#E69F00", run(GROWING, down))
                .line("± 50 %, cut at 30 s", "#CC79A7", run(CUT_AFTER_JITTER, down))
                .line("full jitter 0.5 s to 30 s", "#0072B2", run(WITHOUT_A_WORD, down))
                .line("spread over 30 s, kept", "#009E73", run(SPREAD_AND_KEPT, down))
                .svg(
                        "Attempts a second: 100,000 clients, a server down for 5 s that takes 5,000 a second",
                        ACCEPTS_A_SECOND);
    }
}

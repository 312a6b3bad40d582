package dev.holdfast.conformance;

import dev.holdfast.conformance.Check.Carrier;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.stream.Stream;

/** The checks of a server that speaks {@code resume.v1.json}. */
public final class ConformanceSuite {
    private static final int MAX_SECONDS = 90;
    private static final int MAX_DETAIL = 1000;

    /** The outcome of a check. */
    public enum Outcome {
        /** The server keeps the rule. */
        PASSED,
        /** The server does not keep the rule. */
        FAILED,
        /** The check can't be made against this server. */
        SKIPPED
    }

    /**
     * The result of one check.
     *
     * @param id the name of the check
     * @param section the section of the protocol page, with the rule if it has a number
     * @param title what the server must do
     * @param outcome the outcome
     * @param detail what happened instead, or why the check was skipped; empty if it passed
     */
    public record Result(String id, String section, String title, Outcome outcome, String detail) {
        /** Returns the result as one line, with the section in front. */
        public String line() {
            String mark = outcome == Outcome.PASSED ? "pass" : outcome == Outcome.FAILED ? "FAIL" : "skip";
            String text = mark + "  §" + section + "  " + id + ": " + title;
            return detail.isEmpty() ? text : text + "\n      " + detail;
        }
    }

    /**
     * The results of a run.
     *
     * @param results in the order of the page
     */
    public record Report(List<Result> results) {
        /** Creates a report of a copy of the list. */
        public Report {
            results = List.copyOf(results);
        }

        /** Returns the number of checks with an outcome. */
        public int count(Outcome outcome) {
            return (int) results.stream().filter(r -> r.outcome() == outcome).count();
        }

        /** Returns the last line of a run. */
        public String summary() {
            return count(Outcome.PASSED) + " passed, " + count(Outcome.FAILED) + " failed, " + count(Outcome.SKIPPED)
                    + " skipped";
        }

        /** Returns the results that failed. */
        public List<Result> failures() {
            return results.stream().filter(r -> r.outcome() == Outcome.FAILED).toList();
        }
    }

    private ConformanceSuite() {}

    static List<Check> checks() {
        List<Check> sessions = Stream.of(
                        EnvelopeChecks.checks(),
                        OpeningChecks.checks(),
                        ResumeChecks.checks(),
                        StreamChecks.checks(),
                        EndingChecks.checks(),
                        PayloadChecks.checks(),
                        CredentialChecks.checks())
                .flatMap(List::stream)
                .toList();
        Stream<Check> again = sessions.stream()
                .filter(check -> check.carrier() == Carrier.ANY)
                .map(Check::overHttp);
        return Stream.of(sessions.stream(), HttpChecks.checks().stream(), PollChecks.checks().stream(), again)
                .flatMap(checks -> checks)
                .toList();
    }

    /** Returns the names of all checks. */
    public static List<String> names() {
        return checks().stream().map(Check::id).toList();
    }

    /** Returns the names of the checks that belong to this section of the page alone. */
    public static List<String> names(String section) {
        return checks().stream()
                .filter(check -> check.section().equals(section))
                .map(Check::id)
                .toList();
    }

    /**
     * Runs all checks against a server, several at a time, and returns when the last one is done. Blocks for about a
     * minute. Without an answer to the greeting of section 15, the checks over HTTP are left out, but for the greeting's.
     *
     * @param finished receives each result, in the order of the page, on the calling thread
     */
    public static Report run(Target target, Consumer<Result> finished) throws InterruptedException {
        return run(target, names(), finished);
    }

    /** Runs the checks with these names. */
    public static Report run(Target target, Collection<String> names, Consumer<Result> finished)
            throws InterruptedException {
        boolean isOffered =
                target.http() != Target.Http.NO && HttpChecks.whyNot(target).isEmpty();
        List<Check> chosen = checks().stream()
                .filter(check -> names.contains(check.id()))
                .filter(check -> check.carrier() != Carrier.HTTP
                        || isOffered
                        || (target.http() != Target.Http.NO && check.id().equals(HttpChecks.GREETING)))
                .toList();
        ExecutorService pool = Executors.newFixedThreadPool(target.threads(), task -> {
            Thread thread = new Thread(task, "conformance-check");
            thread.setDaemon(true);
            return thread;
        });
        try {
            List<Future<Result>> together = new ArrayList<>();
            for (Check check : chosen) {
                if (!check.alone()) together.add(pool.submit(() -> result(check, target)));
            }
            List<Result> results = new ArrayList<>();
            int next = 0;
            for (Check check : chosen) {
                if (!check.alone()) results.add(done(check, together.get(next++)));
                if (!check.alone()) finished.accept(results.get(results.size() - 1));
            }
            for (Check check : chosen) {
                if (check.alone()) results.add(done(check, pool.submit(() -> result(check, target))));
                if (check.alone()) finished.accept(results.get(results.size() - 1));
            }
            return new Report(results);
        } finally {
            pool.shutdownNow();
        }
    }

    private static Result done(Check check, Future<Result> future) throws InterruptedException {
        try {
            return future.get(MAX_SECONDS, TimeUnit.SECONDS);
        } catch (TimeoutException e) {
            future.cancel(true);
            return result(check, Outcome.FAILED, "not done after " + MAX_SECONDS + " s");
        } catch (ExecutionException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Result result(Check check, Target target) {
        try {
            check.body().run(target);
            return result(check, Outcome.PASSED, "");
        } catch (Skipped e) {
            return result(check, Outcome.SKIPPED, String.valueOf(e.getMessage()));
        } catch (Failure e) {
            return result(check, Outcome.FAILED, String.valueOf(e.getMessage()));
        } catch (Exception e) {
            return result(check, Outcome.FAILED, e.toString());
        }
    }

    private static Result result(Check check, Outcome outcome, String detail) {
        String oneLine = detail.replaceAll("\\R", " ");
        return new Result(check.id(), check.section(), check.title(), outcome, cut(oneLine));
    }

    private static String cut(String detail) {
        return detail.length() <= MAX_DETAIL ? detail : detail.substring(0, MAX_DETAIL) + "…";
    }
}

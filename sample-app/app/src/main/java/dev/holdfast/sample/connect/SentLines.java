package dev.holdfast.sample.connect;

import dev.holdfast.Outcome;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** The outcomes of the lines. None is forgotten, so the exit code can say whether all were sent. Thread-safe. */
final class SentLines {
    /** Notes of so many lines are printed; of more only their number. */
    private static final int MAX_NOTES = 10;

    private static final int MAX_QUOTE = 80;

    private final Terminal terminal;

    /** Lines without an outcome. The client's queue bounds their number. */
    private final Map<Long, CompletableFuture<@Nullable Void>> pending = new ConcurrentHashMap<>();

    private final AtomicLong added = new AtomicLong();

    private final AtomicLong unsent = new AtomicLong();

    SentLines(Terminal terminal) {
        this.terminal = terminal;
    }

    /** Notes the end of a line when it comes. */
    void add(String line, CompletableFuture<Outcome> sent) {
        CompletableFuture<@Nullable Void> ended = new CompletableFuture<>();
        long number = added.incrementAndGet();
        pending.put(number, ended);
        var unused = sent.whenComplete((outcome, error) -> {
            if (outcome == null) unsent(String.valueOf(error), line);
            else if (!outcome.isSuccess()) unsent(outcome.toString(), line);
            pending.remove(number);
            ended.complete(null);
        });
    }

    /** Records a line that was not sent. */
    void unsent(@Nullable String why, String line) {
        long number = unsent.incrementAndGet();
        if (number > MAX_NOTES) return;
        String quote = line.isEmpty() ? "" : ": " + Visible.brief(line, MAX_QUOTE);
        terminal.note("not sent: " + why + quote);
    }

    /** Returns a future that completes when every line so far has its outcome. */
    CompletableFuture<Void> settled() {
        return CompletableFuture.allOf(pending.values().toArray(CompletableFuture<?>[]::new));
    }

    /** Returns whether a line was not sent. */
    boolean isAnyUnsent() {
        return unsent.get() > 0;
    }

    /** Returns whether every line was sent, and prints how many were not. */
    boolean areAllSent() {
        long number = unsent.get();
        if (number > MAX_NOTES) terminal.note(number + " lines were not sent.");
        return number == 0;
    }
}

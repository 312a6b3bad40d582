package dev.holdfast.sample.demo;

import java.io.PrintStream;
import java.time.Duration;
import java.util.function.Supplier;

/** A progress display, updated now and then. At a terminal it overwrites one line; elsewhere it prints line by line. */
public final class Progress {
    private static final Duration REDRAWN_EVERY = Duration.ofMillis(100);
    private static final Duration PRINTED_EVERY = Duration.ofSeconds(1);

    private final PrintStream out;
    private final boolean terminal;
    private long shownAt = System.nanoTime() - PRINTED_EVERY.toNanos();
    private int width;

    /** @param terminal whether a carriage return goes back to the beginning of the line */
    public Progress(PrintStream out, boolean terminal) {
        this.out = out;
        this.terminal = terminal;
    }

    /** Shows a line if the last update is long enough ago. */
    void show(Supplier<String> line) {
        Duration every = terminal ? REDRAWN_EVERY : PRINTED_EVERY;
        if (System.nanoTime() - shownAt < every.toNanos()) return;
        shownAt = System.nanoTime();
        String text = line.get();
        if (!terminal) {
            out.println(text);
            return;
        }
        out.print("\r" + text + " ".repeat(Math.max(0, width - text.length())));
        out.flush();
        width = text.length();
    }

    /** Clears the line. */
    public void end() {
        if (terminal && width > 0) out.print("\r" + " ".repeat(width) + "\r");
        width = 0;
    }
}

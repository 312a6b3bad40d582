package dev.holdfast.sample.connect;

import java.io.Console;
import java.io.PrintStream;

/** The output of messages and notes. */
public final class Terminal {
    private final PrintStream messages;
    private final PrintStream notes;
    private final boolean interactive;

    /** @param interactive whether a person reads and writes, rather than another program */
    Terminal(PrintStream messages, PrintStream notes, boolean interactive) {
        this.messages = messages;
        this.notes = notes;
        this.interactive = interactive;
    }

    /** Returns whether this process reads from a terminal and writes to one. */
    @SuppressWarnings("SystemConsoleNull") // from JDK 22 on a console always exists, so isTerminal decides
    public static boolean isAttached() {
        Console console = System.console();
        if (console == null) return false;
        try {
            return (boolean) Console.class.getMethod("isTerminal").invoke(console);
        } catch (ReflectiveOperationException e) {
            return true;
        }
    }

    boolean isInteractive() {
        return interactive;
    }

    void received(String message) {
        messages.println(interactive ? "< " + message : message);
    }

    void note(String note) {
        notes.println("# " + note);
    }
}

package dev.holdfast.sample.connect;

import java.io.Console;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Consumer;
import okio.ByteString;
import org.jspecify.annotations.Nullable;

/** The output of messages and notes. Thread-safe. */
public final class Terminal {
    private static final int OUTPUT = 1;
    private static final int ERROR = 2;

    private final PrintStream messages;
    private final PrintStream notes;
    private final boolean interactive;

    /** Whether the two streams are screens, whose control characters have effects. */
    private final boolean messagesOnScreen;

    private final boolean notesOnScreen;

    /** Prints lines above the prompt; null if there is none. */
    private volatile @Nullable Consumer<String> prompt;

    /** @param interactive whether a person reads and writes, rather than another program */
    Terminal(PrintStream messages, PrintStream notes, boolean interactive) {
        this(messages, notes, interactive, interactive, interactive);
    }

    private Terminal(
            PrintStream messages,
            PrintStream notes,
            boolean interactive,
            boolean messagesOnScreen,
            boolean notesOnScreen) {
        this.messages = messages;
        this.notes = notes;
        this.interactive = interactive;
        this.messagesOnScreen = messagesOnScreen;
        this.notesOnScreen = notesOnScreen;
    }

    /** Returns the terminal or the pipes of this process. */
    static Terminal ofThisProcess() {
        return new Terminal(System.out, System.err, isAttached(), isScreen(OUTPUT), isScreen(ERROR));
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

    /** Returns whether a file of this process is a screen. On Linux each file is looked at; elsewhere all are one. */
    private static boolean isScreen(int file) {
        try {
            String target = Files.readSymbolicLink(Path.of("/proc/self/fd", Integer.toString(file)))
                    .toString();
            return target.startsWith("/dev/pts/") || target.startsWith("/dev/tty") || target.equals("/dev/console");
        } catch (IOException | UnsupportedOperationException e) {
            return isAttached();
        }
    }

    boolean isInteractive() {
        return interactive;
    }

    /** Sets what prints lines above a prompt that the user types at; null for no prompt. */
    void above(@Nullable Consumer<String> prompt) {
        this.prompt = prompt;
    }

    /** Prints a message. Returns false if nobody reads the output any more. */
    boolean received(String message) {
        String line = messagesOnScreen ? Visible.of(message) : message;
        Consumer<String> above = prompt;
        if (above != null) {
            above.accept("< " + line);
            return true;
        }
        messages.println(interactive ? "< " + line : line);
        return !messages.checkError();
    }

    /** Prints a binary message as {@link LineKind} says. Returns false if nobody reads the output any more. */
    boolean received(ByteString message, LineKind lines) {
        if (lines == LineKind.BINARY && !messagesOnScreen) {
            byte[] line = message.toByteArray();
            synchronized (messages) {
                messages.write(line, 0, line.length);
                messages.write('\n');
            }
            return !messages.checkError();
        }
        return switch (lines) {
            case HEX -> received(message.hex());
            case BINARY -> received(message.string(StandardCharsets.UTF_8));
            default -> received("binary " + message.hex());
        };
    }

    void note(String note) {
        Consumer<String> above = prompt;
        // Notes quote servers, and a log of them is looked at on a screen later.
        String line = "# " + Visible.of(note);
        if (above != null && notesOnScreen) above.accept(line);
        else notes.println(line);
    }
}

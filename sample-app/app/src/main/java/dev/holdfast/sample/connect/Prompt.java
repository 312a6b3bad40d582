package dev.holdfast.sample.connect;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.jline.reader.EndOfFileException;
import org.jline.reader.LineReader;
import org.jline.reader.LineReaderBuilder;
import org.jline.reader.UserInterruptException;
import org.jline.reader.impl.DefaultParser;
import org.jline.reader.impl.completer.StringsCompleter;
import org.jline.terminal.TerminalBuilder;
import org.jspecify.annotations.Nullable;

/**
 * Lines that a person types at a prompt, with a history that ends with the process: what is sent may be secret. Messages
 * and notes appear above the prompt.
 */
final class Prompt implements Lines, AutoCloseable {
    private final Terminal output;
    private final org.jline.terminal.Terminal screen;
    private final LineReader reader;
    private volatile boolean interrupted;

    private Prompt(Terminal output, org.jline.terminal.Terminal screen) {
        this.output = output;
        this.screen = screen;
        // A line goes out as it is typed: nothing in it is a quote, an escape or a reference to the history.
        DefaultParser parser = new DefaultParser();
        parser.setEscapeChars(new char[0]);
        parser.setQuoteChars(new char[0]);
        this.reader = LineReaderBuilder.builder()
                .terminal(screen)
                .parser(parser)
                .completer(new StringsCompleter(Commands.names()))
                .option(LineReader.Option.DISABLE_EVENT_EXPANSION, true)
                // Lines that are pasted are messages, as those of a pipe are.
                .option(LineReader.Option.BRACKETED_PASTE, false)
                .variable(LineReader.BELL_STYLE, "none")
                .build();
        output.above(reader::printAbove);
    }

    static Prompt open(Terminal output) throws IOException {
        return new Prompt(
                output,
                TerminalBuilder.builder()
                        .system(true)
                        .encoding(StandardCharsets.UTF_8)
                        .dumb(true)
                        .build());
    }

    /** Returns whether the user pressed Ctrl-C. */
    @Override
    public boolean isInterrupted() {
        return interrupted;
    }

    @Override
    public @Nullable String next() {
        try {
            return reader.readLine("> ");
        } catch (EndOfFileException e) {
            return null;
        } catch (UserInterruptException e) {
            interrupted = true;
            return null;
        }
    }

    /** Gives the screen back. */
    @Override
    public void close() throws IOException {
        output.above(null);
        screen.close();
    }
}

package dev.holdfast.sample.demo;

import dev.holdfast.sample.connect.Terminal;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;

/** A suspension of this process for a while, by signals that a shell sends it. */
public final class Suspension {
    private static final Path SHELL = Path.of("/bin/sh");

    private Suspension() {}

    /**
     * Returns whether suspension is possible. It needs a POSIX shell. It is unavailable at a terminal, because the
     * shell behind the terminal would take control back.
     */
    public static boolean isPossible() {
        return Files.isExecutable(SHELL) && !Terminal.isAttached();
    }

    /** Starts the shell and returns; the process stops a moment later. */
    public static void of(Duration time) {
        long pid = ProcessHandle.current().pid();
        String script =
                String.format(Locale.ROOT, "kill -STOP %d; sleep %.3f; kill -CONT %d", pid, time.toMillis() / 1e3, pid);
        try {
            Process unused = new ProcessBuilder(SHELL.toString(), "-c", script).start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
